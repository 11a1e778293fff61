"""exchange: what happened to each event, and the hand on the tiller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli import options
from gateway.cli.output import refuse, show
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.gateway import Gateway
    from gateway.model.exchange import ExchangeState, LegState
    from gateway.record import Notification

_TOLD = {"sent": "reçues par votre logiciel", "pending": "en attente", "failed": "abandonnées"}

app = typer.Typer(help="See and steer exchanges.", no_args_is_help=True)

Tenant = Annotated[str | None, typer.Option("--tenant", help="Needed when the settings have several.")]
Id = Annotated[str, typer.Argument(help="The exchange's id.")]
LegNumber = Annotated[
    int | None, typer.Option("--leg", help="One leg by its number; every leg that allows it otherwise.")
]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only exchanges in that state, or with a leg in it.")] = None,
    event_id: Annotated[str | None, typer.Option(help="Only that event of the sender.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only those accepted since then (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    tenant: Tenant = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """The newest exchanges first, with the state of each leg."""
    from datetime import UTC

    from gateway.journey.view import show as view
    from gateway.model.where import Where

    settings = options.require_settings(config)
    gateway, tenant = _open(settings, tenant)
    wanted = _state(state, as_json)
    with gateway.store.glance() as unit:
        page = unit.exchanges.search(
            tenant,
            Where(event_id=event_id, state=wanted, since=since.replace(tzinfo=UTC) if since else None),
            limit=limit,
        )
        found = [view(exchange, unit.legs.of(tenant, exchange.id)) for exchange in page.items]
    show(found, as_json, [line for one in found for line in _lines(one)] or ["Aucun échange."])


@app.command("show")
def show_one(id: Id, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """One exchange whole: each leg, its attempts, why it is where it is, and what its state does not prove."""
    from gateway.journey.steer import NotFound
    from gateway.journey.view import show as view

    gateway, tenant = _open(options.require_settings(config), tenant)
    with gateway.store.glance() as unit:
        exchange = unit.exchanges.get(tenant, id)
        if exchange is None:
            refuse(NotFound(), as_json)
        answer = view(exchange, unit.legs.of(tenant, id))
        notices = unit.notices.find(tenant, exchange=id, limit=1000)
    show(answer, as_json, [*_lines(answer, whole=True), *_told(notices)])


@app.command()
def hold(
    id: Id, leg: Annotated[int, typer.Option("--leg")], tenant: Tenant = None,
    config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Keep a leg from leaving until it is released."""
    _steer(id, leg, "hold", tenant, config, as_json)


@app.command()
def release(
    id: Id, leg: Annotated[int, typer.Option("--leg")], tenant: Tenant = None,
    config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Let a held leg leave."""
    _steer(id, leg, "release", tenant, config, as_json)


@app.command()
def retry(
    id: Id, leg: LegNumber = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """Try again: a failed, refused or postponed leg, or a held or unrouted exchange."""
    _steer(id, leg, "retry", tenant, config, as_json)


@app.command()
def cancel(
    id: Id, leg: LegNumber = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """Withdraw what has not left."""
    _steer(id, leg, "cancel", tenant, config, as_json)


def _steer(
    id: str,
    leg: int | None,
    wish: Literal["hold", "release", "retry", "cancel"],
    tenant: str | None,
    config: Any,
    as_json: bool,
) -> None:
    from gateway.journey.gateway import Caller
    from gateway.journey.steer import steer_exchange, steer_leg

    gateway, tenant = _open(options.require_settings(config), tenant)
    caller = Caller(tenant, "", "cli:admin")
    try:
        if leg is not None:
            state = steer_leg(gateway, caller, id, leg, wish).state
        else:
            assert wish in ("retry", "cancel")
            state = steer_exchange(gateway, caller, id, wish).state  # type: ignore[assignment]
    except GatewayError as error:
        refuse(error, as_json)
    show({"id": id, "leg": leg, "state": state.value}, as_json, [f"{id}{f' leg {leg}' if leg else ''}: {state}"])


def _state(word: str | None, as_json: bool) -> ExchangeState | LegState | None:
    from gateway.model.errors import Broken
    from gateway.model.exchange import STATES, state_named

    state = state_named(word) if word else None
    if word and state is None:
        refuse(Broken("No such state", advice=f"One of: {', '.join(STATES)}"), as_json)
    return state


def _open(settings: Settings, tenant: str | None) -> tuple[Gateway, str]:
    from gateway.model.errors import Broken
    from gateway.wiring import open_gateway

    if tenant is None and len(settings.tenants) > 1:
        refuse(
            Broken("Several tenants", advice=f"Name one with --tenant: {', '.join(settings.tenants)}"), as_json=False
        )
    return open_gateway(settings), tenant or next(iter(settings.tenants))


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
