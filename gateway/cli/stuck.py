"""exchange stuck: what waits for a person, by cause, and the servers that are left alone for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import options
from gateway.cli.output import show
from gateway.cli.tenants import tenants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.record import Cause, Silence


def stuck(
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant; all of the settings otherwise.")] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """What is held, grouped by cause, and which servers do not answer. Changes nothing.

    Look at one of a cause with `exchange show`, then steer all of them: `exchange retry --where reason=poison`.
    """
    from gateway.wiring import open_gateway

    settings = options.require_settings(config)
    named = tenants_of(settings, tenant)
    with open_gateway(settings).store.glance() as unit:
        causes = {name: unit.causes.of(name) for name in named}
        silent = tuple(unit.servers.all().values())
    answer = {
        "held": {name: [asdict(one) for one in found] for name, found in causes.items()},
        "servers": [
            {
                "transport": one.transport,
                "name": one.name,
                "failures": one.failures,
                "since": one.since.isoformat(),
                "closed_until": one.closed_until.isoformat() if one.closed_until else None,
                "code": one.code,
            }
            for one in silent
        ],
    }
    show(answer, as_json, [*_lines(causes, silent)] or ["Rien n'est retenu, et tous les serveurs répondent."])


def _lines(causes: Mapping[str, Sequence[Cause]], silent: Sequence[Silence]) -> Iterator[str]:
    from gateway.model.reasons import REASONS

    for tenant, found in causes.items():
        for one in found:
            text = REASONS[one.reason].about(one.detail or "") if one.reason in REASONS else None
            what = "échange(s)" if one.what == "exchange" else "pli(s)"
            yield f"{tenant} : {one.number} {what} retenu(s), {one.reason}. {text.fr if text else ''}".rstrip()
            yield f"    {text.remedy_fr if text else ''} Le plus ancien : {one.first}".rstrip()
    for server in silent:
        state = f"en pause jusqu'à {server.closed_until:%H:%M:%S} UTC" if server.closed_until else "encore essayé"
        since = f"depuis le {server.since:%d/%m %H:%M} UTC"
        yield f"Serveur {server.name} : muet {server.failures} fois de suite {since}, {state}."
        yield "    Ses plis attendent sans perdre d'essai. Vérifiez le réseau, les réglages et sa page d'état."
