"""exchange hold, release, retry, cancel, redirect, settle: the hand on the tiller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import options
from gateway.cli.actor import actor
from gateway.cli.exchange import Id, Where
from gateway.cli.output import Misused, show
from gateway.cli.tenants import Tenant, open_tenant
from gateway.model.steering import HOW_FR, How, Why

if TYPE_CHECKING:
    from gateway.journey.wish import Wish
    from gateway.model.dossier import Leg

OneId = Annotated[str | None, typer.Argument(help="The exchange's id; or give --where.")]
LegNumber = Annotated[
    int | None, typer.Option("--leg", help="One leg by its number; every leg that allows it otherwise.")
]
Preview = Annotated[bool, typer.Option("--preview", help="With --where: only say what would change, what not and why.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="With --where: at most so many, the oldest first.")]
Reason = Annotated[Why | None, typer.Option("--reason", help="Why; the audit log keeps it.")]
Leg1 = Annotated[int, typer.Option("--leg", min=1, help="The leg's number.")]

_DONE = {
    "hold": "retenus", "release": "libérés", "retry": "relancés", "repeat": "renvoyés", "cancel": "annulés",
}  # fmt: skip


def hold(
    id: OneId = None, leg: LegNumber = None, where: Where = None, preview: Preview = False, limit: Limit = None,
    reason: Reason = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Keep from leaving what waits, until it is released: a leg, an exchange, or all that --where finds."""
    _steer("hold", id, leg, where, preview, limit, reason, tenant, config, as_json)


def release(
    id: OneId = None, leg: LegNumber = None, where: Where = None, preview: Preview = False, limit: Limit = None,
    reason: Reason = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Let leave what is held: the legal gate is asked again."""
    _steer("release", id, leg, where, preview, limit, reason, tenant, config, as_json)


def retry(
    id: OneId = None, leg: LegNumber = None, where: Where = None, preview: Preview = False, limit: Limit = None,
    force: Annotated[
        bool, typer.Option("--force", help="Send again what left already or may have; needs --reason.")
    ] = False,
    reason: Reason = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Try again what failed, was refused or is postponed, or an exchange held or unrouted.

    What was handed over, delivered, read, has arrived or may have is sent again by --force alone: same bytes, same
    Message-ID, as a leg that stands for the first.
    """
    if force and reason is None:
        raise Misused("--force needs a reason", advice=f"--reason {'|'.join(Why)}")
    _steer("repeat" if force else "retry", id, leg, where, preview, limit, reason, tenant, config, as_json)


def cancel(
    id: OneId = None, leg: LegNumber = None, where: Where = None, preview: Preview = False, limit: Limit = None,
    reason: Reason = None, tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Withdraw what has not left, for good."""
    _steer("cancel", id, leg, where, preview, limit, reason, tenant, config, as_json)


def redirect(
    id: Id, leg: Leg1,
    to: Annotated[str, typer.Option("--to", help="The mailbox, or the name of an endpoint of the settings.")],
    reason: Annotated[Why, typer.Option("--reason", help="Why; the audit log keeps it.")],
    force: Annotated[
        bool, typer.Option("--force", help="You vouch for an address the directory does not know for the recipient.")
    ] = False,
    tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Send what a leg carries to another address: a new leg, which passes the legal gate again.

    Of a leg that waits, is held, failed, was refused or was never read.
    """
    from gateway.journey.gateway import Caller
    from gateway.journey.redirect import redirect as act

    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    new = act(gateway, Caller(tenant, "", actor()), id, leg, to, why=reason, force=force)
    _show_leg(id, new, as_json)


def settle(
    id: Id, leg: Leg1, how: Annotated[How, typer.Option("--how", help="How they were told.")],
    tenant: Tenant = None, config: options.Config = None, as_json: options.Json = False,
) -> None:  # fmt: skip
    """Say that a leg's recipient was told in another way. The incident is over; the leg keeps its state."""
    from gateway.journey.gateway import Caller
    from gateway.journey.otherwise import settle_otherwise

    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    settled = settle_otherwise(gateway, Caller(tenant, "", actor()), id, leg, how)
    _show_leg(id, settled, as_json)


def _steer(
    wish: Wish,
    id: str | None,
    leg: int | None,
    where: list[str] | None,
    preview: bool,
    limit: int | None,
    reason: Why | None,
    tenant: str | None,
    config: Any,
    as_json: bool,
) -> None:
    from gateway.journey.gateway import Caller
    from gateway.journey.steer import steer_exchange, steer_leg

    if bool(id) == bool(where) or (where and leg is not None):
        raise Misused("Either one exchange or --where", advice="Give the exchange's id, or conditions")
    if id and (preview or limit is not None):
        raise Misused("--preview and --limit go with --where", advice="Leave them out")
    if where:
        _sweep(wish, where, preview, limit, reason, tenant, config, as_json)
        return
    assert id is not None
    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    caller = Caller(tenant, "", actor())
    if leg is not None:
        _show_leg(id, steer_leg(gateway, caller, id, leg, wish, reason), as_json)
        return
    state = steer_exchange(gateway, caller, id, wish, reason).state
    show({"id": id, "leg": None, "state": state.value}, as_json, [f"{id}: {state}"])


def _show_leg(id: str, leg: Leg, as_json: bool) -> None:
    settled = leg.settled.how if leg.settled else None
    told = {"id": id, "leg": leg.n, "state": leg.state.value, "stands_for": leg.stands_for, "settled": settled}
    instead = f", à la place du pli {leg.stands_for}" if leg.stands_for else ""
    otherwise = f", réglé {HOW_FR[settled]}" if settled else ""
    show(told, as_json, [f"{id} leg {leg.n}: {leg.state}{instead}{otherwise}"])


def _sweep(
    wish: Wish,
    where: list[str],
    preview: bool,
    limit: int | None,
    reason: Why | None,
    tenant: str | None,
    config: Any,
    as_json: bool,
) -> None:
    from gateway.journey.gateway import Caller
    from gateway.journey.sweep import preview as look
    from gateway.journey.sweep import sweep
    from gateway.journey.swept import show_preview, show_sweep
    from gateway.journey.where import read_conditions

    wanted = read_conditions(where)
    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    if preview:
        told = show_preview(look(gateway, tenant, wish, wanted))
    else:
        told = show_sweep(sweep(gateway, Caller(tenant, "", actor()), wish, wanted, why=reason, limit=limit))
    show(told, as_json, list(_swept_lines(wish, told)))


def _swept_lines(wish: Wish, told: dict[str, Any]) -> Iterator[str]:
    from gateway.journey.sweep import SKIPPED_FR

    would = "seraient " if told["preview"] else ""
    yield f"{told['done']} {would}{_DONE[wish]}"
    for why, number in told["skipped"].items():
        yield f"{number} {'resteraient' if would else 'laissés'} comme ils sont : {SKIPPED_FR[why]}"
    if told["left"]:
        yield "La limite est atteinte : la même commande continue."
    for group in told.get("groups", ()):
        no = f" (non : {SKIPPED_FR[group['why_not']]})" if group["why_not"] else ""
        yield f"    {group['number']} × {_standing(group)}{no}"
    if told.get("groups_omitted"):
        yield f"    et {told['groups_omitted']} autres groupes"
    for one in told.get("first", ()):
        leg = f" leg {one['leg']}" if one["leg"] else ""
        yield f"    {one['exchange']}{leg}: {_standing(one)}"


def _standing(one: dict[str, Any]) -> str:
    reason = f" [{one['reason']}]" if one["reason"] else ""
    return f"{one['state']}{reason} {one['recipient']}".rstrip()
