"""Settings → Gateway."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.config import Settings
from gateway.journey.gateway import Gateway, Pace
from gateway.journey.turns import Turns
from gateway.wiring.checks import check_dialects
from gateway.wiring.conformance import validator_of
from gateway.wiring.documents import converter_of, pdf_rules_of
from gateway.wiring.drops import open_drops
from gateway.wiring.endpoints import clients_of, endpoints_of
from gateway.wiring.keys import database_url, derived, key_of_32, sealing, wall_clock
from gateway.wiring.lists import open_directory, open_routes, white_list_of
from gateway.wiring.reserve import pressure_of
from gateway.wiring.software import software_of
from gateway.wiring.transports import open_callbacks, open_transports
from gateway.wiring.words import open_words

if TYPE_CHECKING:
    from gateway.journey.work import Shift


def open_gateway(settings: Settings, *, notice: Callable[..., None] | None = None) -> Gateway:
    """The whole gateway over an existing database. Raises Broken or BadSettings, saying what to do."""
    from gateway.journey.clocks import Timekeeper
    from gateway.record import Notary, Signer, Vault, boot_id, open_store
    from gateway.wiring.mailboxes import Mailboxes

    kek = key_of_32(settings.vault.key)
    words = open_words(settings.mappings)
    check_dialects(settings, words)
    white_list = white_list_of(settings)
    clock = Timekeeper(wall_clock, boot=boot_id())
    store = open_store(
        database_url(settings),
        vault=Vault(kek, draw=os.urandom),
        clock=clock,
        draw=os.urandom,
        pseudonym_key=derived(kek, "pseudonyms"),
    )
    said: dict[str, Any] = {"notice": notice} if notice else {}
    return Gateway(
        store=store,
        notary=Notary(settings.audit.checkpoints, Signer(settings.audit.origin, key_of_32(settings.audit.key))),
        terms=words.terms,
        dialects=words.dialects,
        routes=open_routes(settings),
        directory=open_directory(settings),
        endpoints=endpoints_of(settings),
        clients=clients_of(settings),
        callbacks=open_callbacks(settings),
        white_list=white_list.current,
        upkeep=white_list.refresh,
        pressure=pressure_of(settings),
        transports=open_transports(settings),
        origins=Mailboxes(settings),
        drops=open_drops(settings),
        software=software_of(settings),
        validator=validator_of(settings),
        clock=clock,
        draw=os.urandom,
        seal=sealing(derived(kek, "digests")),
        production=settings.production,
        team_type=settings.documents.team_type,
        pdf_rules=pdf_rules_of(settings),
        converter=converter_of(settings),
        refuse_wrong_keys=settings.documents.wrong_keys == "refuse",
        pace=Pace(
            lease=settings.work.lease,
            receipt_within=settings.work.receipt_within,
            schedule=settings.work.retries,
            sign_every=settings.audit.every,
            sign_leaves=settings.audit.leaves,
            silent_after=settings.work.silent_after,
            closed_for=settings.work.closed_for,
            poison_after=settings.work.poison_after,
        ),
        turns=Turns(settings.work.per_server, settings.work.threads),
        known_gateways=frozenset(address.lower() for address in settings.known_gateways),
        **said,
    )


def prepare_if_empty(settings: Settings) -> None:
    """Give an empty database its tables; one that has tables is left to `passerelle db upgrade`."""
    from gateway.record import is_empty, upgrade

    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    url = database_url(settings)
    if is_empty(url):
        upgrade(url)


def shift_of(settings: Settings) -> Shift:
    """How the worker of these settings paces itself."""
    from gateway.journey.work import Shift

    return Shift(
        senders=settings.work.threads,
        collect_every=settings.work.collect_every,
        stop_within=settings.work.stop_within,
    )
