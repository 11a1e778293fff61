"""One transport a kind that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config import Settings
from gateway.wiring.endpoints import lines_to, lines_to_clients
from gateway.wiring.keys import wall_clock

if TYPE_CHECKING:
    from gateway.deliver import Transport


def open_transports(settings: Settings) -> dict[str, Transport]:
    """One transport a kind that the settings name."""
    transports: dict[str, Transport] = {}
    if settings.mailboxes:
        from gateway.deliver.mssante import Mssante
        from gateway.deliver.sign_in import FileTokenSource
        from gateway.wiring.mailboxes import mailbox_of

        tokens = {box.address: box.token for box in settings.mailboxes if box.token}
        transports["mssante"] = Mssante(
            [mailbox_of(settings, box) for box in settings.mailboxes],
            FileTokenSource(tokens, opaque_life_s=settings.work.token_life.total_seconds(), now=wall_clock),
        )
    if settings.folder:
        from gateway.deliver.folder import Folder

        transports["folder"] = Folder(settings.folder)
    kinds = {endpoint.kind for endpoint in settings.endpoints.values()}
    if "fhir_server" in kinds:
        from gateway.deliver.fhir_server import FhirServer

        transports["fhir_server"] = FhirServer(lines_to(settings, "fhir_server"), now=wall_clock)
    if "callback" in kinds:
        from gateway.deliver.callback import Callback

        transports["callback"] = Callback(lines_to(settings, "callback"), now=wall_clock)
    return transports


def open_callbacks(settings: Settings) -> Transport | None:
    """The way to our own clients' software; None when none of them has an address."""
    lines = lines_to_clients(settings)
    if not lines:
        return None
    from gateway.deliver.callback import Callback

    return Callback(lines, now=wall_clock)
