"""exchange balance: the books, recounted from the audit log and compared with the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, show
from gateway.cli.tenants import tenants_of

if TYPE_CHECKING:
    from collections import Counter

    from gateway.journey.books import Balance, Differs
    from gateway.model.books import Kind

_ADVICE = {
    "silent": "Un état a été changé sans entrée au journal. Cherchez qui a écrit dans la base (accès, restauration), "
    "puis suivez ces échanges : passerelle exchange show ID.",
    "table": "Le journal fait foi s'il est entier (passerelle audit verify). Cherchez qui a écrit dans la base ou ce "
    "qui a été restauré, remettez l'état que dit le journal, et signalez-le.",
}
_KINDS = {"exchange": "échange", "leg": "pli", "attempt": "réponse"}


def balance(
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant; all of the settings otherwise.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only exchanges accepted from that day on (UTC).")
    ] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Recount the audit log and compare it with the tables: accepted, prepared, sent, acknowledged.

    Exit code 0: balanced. 2: not, and each difference is named with the exchanges it is about. It may run while the
    gateway works.
    """
    from gateway.journey.books import balance as recount
    from gateway.wiring import open_gateway

    settings = options.require_settings(config)
    first, named = since.date() if since else None, tenants_of(settings, tenant)
    gateway = open_gateway(settings)
    books = [recount(gateway, name, since=first) for name in named]
    balanced = all(one.balanced for one in books)
    answer = {
        "balanced": balanced,
        "since": first.isoformat() if first else None,
        "tenants": [_tree(one) for one in books],
    }
    show(answer, as_json, [line for one in books for line in _lines(one)])
    if not balanced:
        raise typer.Exit(REFUSED)


def _tree(books: Balance) -> dict[str, Any]:
    return {
        "tenant": books.tenant,
        "balanced": books.balanced,
        "log": _figures(books.told),
        "tables": _figures(books.stands),
        "by_partner": [
            {"day": day, "partner": partner, **_figures(counts, exchanges=False)}
            for (day, partner), counts in sorted(books.by_partner.items())
        ],
        "not_recounted": books.older,
        "differences": [_difference(one, *found) for one, found in sorted(books.differing.items())],
    }


def _figures(counts: Counter[tuple[Kind, str]], *, exchanges: bool = True) -> dict[str, Any]:
    """Accepted = the sum over the states of exchanges; created = the sum over those of legs; attempts = their answers.

    acknowledged  what the other side said it has; `unknown` more may have arrived
    """
    from gateway.model.books import Answer, Kind
    from gateway.model.exchange import ExchangeState

    of = {kind: {state: number for (which, state), number in counts.items() if which is kind} for kind in Kind}
    answers = of[Kind.ATTEMPT]
    told: dict[str, Any] = {}
    if exchanges:
        states = {state.value: of[Kind.EXCHANGE].get(state, 0) for state in ExchangeState}
        states["open"] = states.pop(ExchangeState.ACCEPTED.value)
        told["exchanges"] = {"accepted": sum(of[Kind.EXCHANGE].values()), **dict(sorted(states.items()))}
    return told | {
        "legs": {"created": sum(of[Kind.LEG].values()), **dict(sorted(of[Kind.LEG].items()))},
        "parcels": {
            "attempts": sum(answers.values()),
            "acknowledged": answers.get(Answer.POSITIVE, 0),
            "unknown": answers.get(Answer.UNKNOWN, 0),
            "not_taken": answers.get(Answer.NEGATIVE, 0),
            "under_way": answers.get(Answer.AWAITED, 0),
        },
    }


def _difference(one: Differs, number: int, exchanges: list[str]) -> dict[str, Any]:
    return {
        "kind": one.kind.value, "day": one.day, "partner": one.partner, "why": one.why,
        "log": one.told or None, "table": one.stands or None,
        "number": number, "exchanges": exchanges, "advice": _ADVICE[one.why],
    }  # fmt: skip


def _lines(books: Balance) -> Iterator[str]:
    figures = _figures(books.told)
    exchanges, legs, parcels = figures["exchanges"], figures["legs"], figures["parcels"]
    yield f"{books.tenant} : {'comptes exacts' if books.balanced else 'comptes INEXACTS'}, recomptés depuis le journal."
    yield f"  {exchanges.pop('accepted')} événements acceptés = {_sum(exchanges)}"
    yield f"  {legs.pop('created')} plis créés = {_sum(legs)}"
    yield (
        f"  {parcels['attempts']} essais : {parcels['acknowledged']} plis reconnus par l'autre côté"
        f" (et {parcels['unknown']} d'issue inconnue), {parcels['not_taken']} non pris, {parcels['under_way']} en cours"
    )
    if books.older:
        yield f"  {books.older} échanges dont les premières entrées sont retirées : seul ce qui reste a été comparé."
    for one, (number, named) in sorted(books.differing.items()):
        where = " ".join(word for word in (one.day, one.partner) if word)
        yield (
            f"  {number} × {_KINDS[one.kind]} ({where}) : le journal dit {one.told or 'rien'}, "
            f"{'la table' if one.why == 'table' else 'une entrée'} dit {one.stands or 'rien'}"
        )
        yield f"    {', '.join(named)}"
        yield f"    que faire : {_ADVICE[one.why]}"


def _sum(states: Mapping[str, int]) -> str:
    return " + ".join(f"{number} {state}" for state, number in states.items() if number) or "0"
