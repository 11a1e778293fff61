"""exchange list, exchange show: what happened to each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import options
from gateway.cli.output import show
from gateway.cli.tenants import Tenant, open_tenant
from gateway.model.steering import HOW_FR

if TYPE_CHECKING:
    from gateway.model.dossier import Exchange, Leg
    from gateway.record import Notification

_TOLD = {"sent": "reçues par votre logiciel", "pending": "en attente", "failed": "abandonnées"}

app = typer.Typer(help="See and steer exchanges.", no_args_is_help=True)

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Conditions that all hold: 'state=failed and recipient=RPPS:…'; may be given several times. Names: "
        "state, reason, recipient, server, partner, transport, type, patient (handle), client, event_id, since, until.",
    ),
]
Id = Annotated[str, typer.Argument(help="The exchange's id.")]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only exchanges in that state, or with a leg in it.")] = None,
    event_id: Annotated[str | None, typer.Option(help="Only that event of the sender.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only those accepted since then (UTC).")] = None,
    where: Where = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    tenant: Tenant = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """The newest exchanges first, with the state of each leg."""
    from datetime import UTC

    from gateway.journey.where import read_conditions

    said = {"state": state, "event_id": event_id, "since": since.replace(tzinfo=UTC).isoformat() if since else None}
    wanted = read_conditions(where or (), {name: word for name, word in said.items() if word})
    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    with gateway.store.glance() as unit:
        page = unit.exchanges.search(tenant, wanted, limit=limit)
        found = [shown(exchange, unit.legs.of(tenant, exchange.id)) for exchange in page.items]
    show(found, as_json, [line for one in found for line in _lines(one)] or ["Aucun échange."])


@app.command("show")
def show_one(id: Id, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """One exchange whole: each leg, its attempts, why it is where it is, and what its state does not prove."""
    from gateway.journey.steer import NotFound

    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    with gateway.store.glance() as unit:
        exchange = unit.exchanges.get(tenant, id)
        if exchange is None:
            raise NotFound
        answer = shown(exchange, unit.legs.of(tenant, id))
        notices = unit.notices.find(tenant, exchange=id, limit=1000)
    show(answer, as_json, [*_lines(answer, whole=True), *_told(notices)])


def shown(exchange: Exchange, legs: Iterable[Leg]) -> dict[str, Any]:
    """The contract's Exchange, without patients' own addresses: they hold the matricule (as by HTTP)."""
    from gateway.journey.view import show as view
    from gateway.journey.view import show_leg

    seen = [(leg, show_leg(leg)) for leg in legs]
    return view(exchange, ()) | {
        "legs": [{**told, "address": None} if leg.recipient_kind == "patient" else told for leg, told in seen]
    }


def _lines(exchange: dict[str, Any], *, whole: bool = False) -> list[str]:
    lines = [
        f"{exchange['accepted_at']}  {exchange['id']}  {exchange['type']}  {exchange['event_id']}  {exchange['state']}"
    ]
    if exchange["reason"]:
        lines.append(f"    {exchange['reason']['fr']}")
        if whole and exchange["reason"]["remedy"]:
            lines.append(f"       que faire : {exchange['reason']['remedy']}")
    for leg in exchange["legs"]:
        why = f" : {leg['reason']['fr']}" if leg["reason"] else ""
        due = f" (prochain essai {leg['next_at']})" if leg["next_at"] else ""
        code = f" [{leg['code']}]" if leg["code"] else ""
        lines.append(
            f"    {leg['n']}. {leg['recipient']['name']} <{leg['address'] or '—'}> {leg['state']}{code}{why}{due}"
        )
        if leg["stands_for"]:
            lines.append(f"       à la place du pli {leg['stands_for']}")
        if leg["settled"]:
            how = HOW_FR[leg["settled"]["how"]]
            lines.append(f"       réglé {how} le {leg['settled']['at']} par {leg['settled']['by']}")
        if whole:
            if leg["reason"] and leg["reason"]["remedy"]:
                lines.append(f"       que faire : {leg['reason']['remedy']}")
            lines.append(f"       prouve : {leg['proves']['fr']} ; ne prouve pas : {leg['does_not_prove']['fr']}")
            lines += [f"       essai {_attempt(attempt)}" for attempt in leg["attempts"]]
    return lines


def _attempt(attempt: dict[str, Any]) -> str:
    words = (attempt["n"], attempt["at"], attempt["outcome"] or "en cours", attempt["code"], attempt["detail"])
    return " ".join(str(word) for word in words if word)


def _told(notices: Sequence[Notification]) -> Iterator[str]:
    """How many notifications the client's software was sent, and why the others were not."""
    if notices:
        counts = Counter[str](notice.state for notice in notices)
        yield "Notifications : " + ", ".join(
            f"{counts[state]} {word}" for state, word in _TOLD.items() if counts[state]
        )
    for notice in notices:
        if notice.state != "sent" and notice.code:
            yield f"    {notice.type} : {notice.code} {notice.detail or ''}".rstrip()
