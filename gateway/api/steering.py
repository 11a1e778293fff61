"""What a person may ask of one exchange or leg: hold, release, retry, cancel; repeat, redirect, settle otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path
from starlette.requests import Request

from gateway.api.body import Body, read_asked
from gateway.api.callers import Admitted, Visitor
from gateway.api.door import TheDoor
from gateway.api.exchanges import MISSING, Id, require_mine, shown_leg_to, shown_to
from gateway.api.problem import Refused
from gateway.api.shown import ShownExchange, ShownLeg
from gateway.journey.otherwise import settle_otherwise
from gateway.journey.redirect import Barred, UnknownAddress, redirect
from gateway.journey.steer import NotFound, NotNow, Wish, steer_exchange, steer_leg
from gateway.model import form
from gateway.model.dossier import Leg
from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.faults import Fault
from gateway.model.steering import How, Why
from gateway.record import Stale

router = APIRouter(prefix="/v1/exchanges", tags=["steering"])

T = TypeVar("T")

Number = Annotated[int, Path(description="The leg's number", ge=1, le=1_000_000)]
STEERED: dict[int | str, dict[str, Any]] = {**MISSING, 409: {"description": "`not-now`: its state forbids this"}}
_REDIRECTED: dict[int | str, dict[str, Any]] = {
    **MISSING,
    409: {"description": "`not-now`; `address-not-known`: force it with a reason; `barred`: the gate says no"},
}


@dataclass(frozen=True, slots=True)
class Wished:
    """The body of a hold, a release, a cancel: it may say why."""

    reason: Why | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """The body of a retry; by force, and with a reason, it is a repeat."""

    reason: Why | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """The body of a repeat."""

    reason: Why


@dataclass(frozen=True, slots=True)
class Redirected:
    """The body of a redirect."""

    address: str
    reason: Why
    force: bool = False


@dataclass(frozen=True, slots=True)
class SettledSo:
    """The body of what was settled otherwise."""

    how: How


WHY = {"enum": [why.value for why in Why], "description": "Why; kept in the audit log with who and when"}
_FORCE = {
    "type": "boolean",
    "description": "Send again what left already or may have, as `repeat` does: needs a reason",
}


def asks(example: dict[str, Any], properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """The description of a JSON body; it may be left out when nothing of it is required."""
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": bool(required), "content": content}}


def _wished(wish: Wish, request: Request, body: bytes) -> tuple[Wish, Why | None]:
    """The wish, and why. Raises Rejected: a retry by force needs a reason."""
    if wish != "retry":
        return wish, _asked(Wished, request, body).reason
    asked = _asked(Retried, request, body)
    if asked.force and asked.reason is None:
        raise Rejected([Fault("missing-field", ("reason",), "reason")])
    return ("repeat" if asked.force else "retry"), asked.reason


def _asked(kind: type[T], request: Request, body: bytes) -> T:
    """What the body says; none at all says nothing. Raises Refused 415, or Rejected with every fault."""
    return read_asked(kind, request, body) if body else form.read(kind, {})


def _exchange_call(wish: Wish, summary: str, about: str) -> None:
    def call(id: Id, request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
        require_mine(door.gateway, visitor, id)
        asked, why = _wished(wish, request, body)
        exchange = refused(lambda: steer_exchange(door.gateway, visitor.caller, id, asked, why))
        with door.gateway.store.glance() as unit:
            return shown_to(visitor, exchange, unit.legs.of(visitor.tenant, id))

    _offer(call, wish, f"/{{id}}/{wish}", f"{wish}-exchange", summary, about, ShownExchange)


def _leg_call(wish: Wish, summary: str, about: str) -> None:
    def call(id: Id, n: Number, request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
        require_mine(door.gateway, visitor, id)
        asked, why = _wished(wish, request, body)
        return _on_leg(visitor, lambda: steer_leg(door.gateway, visitor.caller, id, n, asked, why))

    _offer(call, wish, f"/{{id}}/legs/{{n}}/{wish}", f"{wish}-leg", summary, about, ShownLeg)


def _offer(
    call: Callable[..., Any], wish: Wish, path: str, operation: str, summary: str, about: str, shown: type
) -> None:
    call.__doc__ = about
    body = asks({"reason": "trouble-over"}, {"reason": WHY, **({"force": _FORCE} if wish == "retry" else {})})
    door = router.post(
        path, operation_id=operation, summary=summary, response_model=shown, responses=STEERED, openapi_extra=body
    )
    door(call)


_exchange_call("hold", "Hold what has not left", "Each leg that waits, is postponed or of unknown outcome is held.")
_exchange_call("release", "Release what is held", "Each held leg waits for its turn, and passes the gate again.")
_exchange_call(
    "retry",
    "Try again what failed",
    "A held or unrouted exchange is prepared anew; of a prepared one, each failed, refused or postponed leg.",
)
_exchange_call(
    "cancel",
    "Stop what has not left",
    "Legs that wait, are postponed or held are cancelled; what has left cannot be called back.",
)
_leg_call("hold", "Hold a leg", "It waits until someone releases it.")
_leg_call("release", "Release a held leg", "The legal gate is asked again before it leaves.")
_leg_call("retry", "Try a leg again", "Same bytes, same Message-ID: a failed, refused or postponed leg is due at once.")
_leg_call("cancel", "Cancel a leg", "For good, as long as nothing has left.")


@router.post(
    "/{id}/legs/{n}/repeat",
    operation_id="repeat-leg",
    summary="Send again what left already",
    response_model=ShownLeg,
    responses=STEERED,
    openapi_extra=asks({"reason": "lost-there"}, {"reason": WHY}, "reason"),
)
def repeat_leg(id: Id, n: Number, request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
    """Same bytes, same Message-ID, as a new leg that stands for this one: the recipient may see it twice.

    A leg of unknown outcome is tried again itself, at once. Answers the leg that carries it.
    """
    require_mine(door.gateway, visitor, id)
    asked = _asked(Repeated, request, body)
    return _on_leg(visitor, lambda: steer_leg(door.gateway, visitor.caller, id, n, "repeat", asked.reason))


@router.post(
    "/{id}/legs/{n}/redirect",
    operation_id="redirect-leg",
    summary="Send a leg to another address",
    response_model=ShownLeg,
    responses=_REDIRECTED,
    openapi_extra=asks(
        {"address": "luc.durand@infirmiers.mssante.fr", "reason": "address-changed"},
        {
            "address": {"type": "string", "description": "A mailbox; for what leaves by https an endpoint's name"},
            "reason": WHY,
            "force": {"type": "boolean", "description": "You vouch for an address the directory does not know"},
        },
        "address",
        "reason",
    ),
)
def redirect_leg(id: Id, n: Number, request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
    """The same documents in a new leg that passes the gate again; this one is cancelled when it has not left.

    Of a leg that waits, is held, failed, was refused or was never read. Answers the new leg.
    """
    require_mine(door.gateway, visitor, id)
    asked = _asked(Redirected, request, body)

    def act() -> Leg:
        try:
            return redirect(door.gateway, visitor.caller, id, n, asked.address, why=asked.reason, force=asked.force)
        except BadIdentifier as bad:
            raise Rejected(fault.under("address") for fault in bad.faults) from None

    return _on_leg(visitor, act)


@router.post(
    "/{id}/legs/{n}/settle",
    operation_id="settle-leg",
    summary="Say that a recipient was told otherwise",
    response_model=ShownLeg,
    responses=STEERED,
    openapi_extra=asks(
        {"how": "phone"}, {"how": {"enum": [how.value for how in How], "description": "How they were told"}}, "how"
    ),
)
def settle_leg(id: Id, n: Number, request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
    """The incident is over and the state stays. What was said is not asked."""
    require_mine(door.gateway, visitor, id)
    asked = _asked(SettledSo, request, body)
    return _on_leg(visitor, lambda: settle_otherwise(door.gateway, visitor.caller, id, n, asked.how))


def _on_leg(visitor: Visitor, act: Callable[[], Leg]) -> dict[str, Any]:
    return shown_leg_to(visitor, refused(act))


def refused(act: Callable[[], T]) -> T:
    """Do it; what the journey will not do is a problem. Raises Refused 404 or 409."""
    try:
        return act()
    except NotFound:
        raise Refused(404, "not-found") from None
    except UnknownAddress as unknown:
        raise Refused(409, unknown.code) from None
    except Barred as barred:
        raise Refused(409, barred.code, about=barred.reason) from None
    except (NotNow, Stale):
        raise Refused(409, "not-now") from None
