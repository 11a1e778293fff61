"""What is written into a leg at each attempt, in statements built once: these are on the way of every leg."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, func, insert, null, update

from gateway.model.dossier import Attempt, Leg
from gateway.record.lease import ends
from gateway.record.schema import attempts, legs

_STANDING = ("state", "since", "reason", "code", "detail", "due")
_UNMOVED = update(legs).where(
    legs.c.tenant == bindparam("whose"),
    legs.c.exchange == bindparam("which"),
    legs.c.n == bindparam("number"),
    legs.c.state == bindparam("was"),
    legs.c.tries == bindparam("tried"),
)

BEGUN = insert(attempts)
"""An attempt that begins."""

ENDED = (
    update(attempts)
    .where(
        attempts.c.tenant == bindparam("whose"),
        attempts.c.exchange == bindparam("which"),
        attempts.c.leg == bindparam("number"),
        attempts.c.n == bindparam("attempt"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("outcome", "code", "detail")})
)
"""How it ended."""

MOVED = _UNMOVED.values(
    {name: bindparam(f"new_{name}") for name in _STANDING}
    | {
        name: func.coalesce(bindparam(f"new_{name}", type_=legs.c[name].type), legs.c[name])
        for name in ("give_up", "receipt", "behind")
    }
    | {"worker": null(), "lease_until": null()}
)
"""A leg that moves and is nobody's; of `give_up`, `receipt` and `behind`, what is None stays as it is."""

HASTENED = _UNMOVED.values(due=bindparam("new_due"))
"""A leg that waits no more."""


@lru_cache
def attempted(dialect: str) -> Update:
    """A leg whose attempt begins, held as long as `length` says."""
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*_STANDING, "worker", "tries")}
    return _UNMOVED.values({**new, "lease_until": ends(dialect)})


@lru_cache
def renewed(dialect: str) -> Update:
    """A leg held longer."""
    return _UNMOVED.values(lease_until=ends(dialect))


def unmoved(leg: Leg) -> Mapping[str, Any]:
    """Where these changes are written: into the leg as it was read, and into no other."""
    return {
        "whose": leg.tenant, "which": leg.exchange, "number": leg.n, "was": leg.state.value,
        "tried": len(leg.attempts),
    }  # fmt: skip


def standing(leg: Leg) -> Mapping[str, Any]:
    """How the leg stands after the change."""
    return {f"new_{name}": getattr(leg, name) for name in _STANDING} | {"new_state": leg.state.value}


def ended(leg: Leg, attempt: Attempt) -> Mapping[str, Any]:
    """How its attempt ended."""
    return {
        "whose": leg.tenant, "which": leg.exchange, "number": leg.n, "attempt": attempt.n,
        "new_outcome": attempt.outcome, "new_code": attempt.code, "new_detail": attempt.detail,
    }  # fmt: skip
