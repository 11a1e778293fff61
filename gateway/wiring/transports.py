"""One transport a kind that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config import Settings
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
    return transports
