"""sweep: one wish for everything that answers a question, looked at first, then done batch by batch.

A batch is a commit, and what has moved since it was found is skipped and told: a sweep that was cut off is simply asked
for again, and one asked for twice does nothing the second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.steer import grant, grant_whole
from gateway.journey.wish import ALLOWED, OF_EXCHANGE, NotNow, Overtaken, Wish
from gateway.model.dossier import Leg
from gateway.model.steering import Why
from gateway.model.where import Where

if TYPE_CHECKING:
    from gateway.record import Alike, Target, Unit

BATCH = 100
SHOWN = 20
GROUPS = 100

STATE, REPLACED, OVERTAKEN, MOVED, DUE, REPEATED = "state", "replaced", "overtaken", "moved", "due", "repeated"
SKIPPED_FR: dict[str, str] = {
    STATE: "son état ne le permet pas",
    REPLACED: "un autre pli est parti à sa place",
    OVERTAKEN: "le destinataire a été informé depuis par un pli plus récent",
    MOVED: "il a changé d'état entre-temps",
    DUE: "son prochain essai est déjà dû",
    REPEATED: "il est lui-même un second envoi",
}
"""Why a sweep leaves something alone."""


@dataclass(frozen=True, slots=True)
class Group:
    """What stands alike for one recipient: how many, and why they would be left alone (None: they would not)."""

    alike: Alike
    why_not: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a sweep would do now; nothing was changed.

    would      legs, and exchanges without legs, that it would change
    would_not  why → how many it would leave alone
    groups     the largest of what stands alike; `more_groups` are not told
    first      the first of those it would change
    """

    would: int
    would_not: Mapping[str, int]
    groups: tuple[Group, ...]
    more_groups: int
    first: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did. `skipped`: why → how many; `left`: the limit was reached and something may remain."""

    done: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    left: bool = False


def preview(gateway: Gateway, tenant: str, wish: Wish, where: Where) -> Preview:
    """What a sweep would change, what not and why, by state, reason and recipient."""
    with gateway.store.glance() as unit:
        alike = unit.steering.tally(tenant, where)
        first = unit.steering.find(tenant, where, states=_states(wish), limit=SHOWN * 5)
    counted: Counter[tuple[Alike, str | None]] = Counter()
    for one in alike:
        counted[replace(one, replaced=False, stands_in=False, number=0), _why_not(wish, one)] += one.number
    groups = [Group(replace(one, number=number), why_not) for (one, why_not), number in counted.items()]
    groups.sort(key=lambda one: (one.why_not is not None, -one.alike.number, one.alike.recipient))
    would_not = Counter[str]()
    for group in groups:
        would_not[group.why_not or ""] += group.alike.number
    return Preview(
        would=would_not.pop("", 0),
        would_not=would_not,
        groups=tuple(groups[:GROUPS]),
        more_groups=max(0, len(groups) - GROUPS),
        first=tuple(one for one in first if _why_not(wish, one) is None)[:SHOWN],
    )


def sweep(
    gateway: Gateway, caller: Caller, wish: Wish, where: Where, *, why: Why | None = None, limit: int | None = None
) -> Swept:
    """Do it to all that allow it, the oldest first, at most `limit` (None: all).

    Raises NotNow for a repeat without a reason. What raises in the middle leaves what was committed done.
    """
    if wish == "repeat" and why is None:
        raise NotNow(wish, "not given a reason")
    done, skipped, after = 0, Counter[str](), None
    while limit is None or done < limit:
        size = BATCH if limit is None else min(BATCH, limit - done)
        with gateway.store.glance() as unit:
            found = unit.steering.find(caller.tenant, where, states=_states(wish), after=after, limit=size)
        if not found:
            return Swept(done=done, skipped=skipped)
        with gateway.store.unit() as unit:
            if wish == "repeat":  # an exchange is held before its legs, everywhere
                for id in dict.fromkeys(one.exchange for one in found):
                    unit.exchanges.get(caller.tenant, id)
            told = [_grant_one(gateway, unit, caller, one, wish, why) for one in found]
        done += told.count(None)
        skipped.update(one for one in told if one)
        after = found[-1].spot
    return Swept(done=done, skipped=skipped, left=True)


def _grant_one(gateway: Gateway, unit: Unit, caller: Caller, target: Target, wish: Wish, why: Why | None) -> str | None:
    """Do it to one, read again and held; gives why it was left alone, None when it was not."""
    if why_not := _why_not(wish, target):
        return why_not
    try:
        if target.n == 0:
            exchange = unit.exchanges.get(caller.tenant, target.exchange)
            if exchange is None or (exchange.state, exchange.reason) != (target.state, target.reason):
                return MOVED
            grant_whole(gateway, unit, caller, exchange, wish, why)
            return None
        leg = unit.legs.get(caller.tenant, target.exchange, target.n)
        if leg is None or (leg.state, leg.reason, len(leg.attempts)) != (target.state, target.reason, target.tries):
            return MOVED
        if why_not := _already(gateway, leg, wish):
            return why_not
        grant(gateway, unit, caller, leg, wish, why)
    except Overtaken:
        return OVERTAKEN
    except NotNow:
        return STATE
    return None


def _already(gateway: Gateway, leg: Leg, wish: Wish) -> str | None:
    """Why there is nothing left to do: or a sweep would never come to an end, or do twice what it did once."""
    return DUE if wish in ("retry", "repeat") and leg.due is not None and leg.due <= gateway.clock() else None


def _states(wish: Wish) -> tuple[str, ...]:
    """Where something may stand that allows it; a word both tables have is meant of both."""
    return tuple(sorted({*map(str, ALLOWED[wish]), *map(str, OF_EXCHANGE[wish])}))


def _why_not(wish: Wish, one: Alike | Target) -> str | None:
    allowed = ALLOWED[wish] if one.of_leg else OF_EXCHANGE[wish]
    if one.state not in allowed:
        return STATE
    if one.replaced and wish in ("retry", "repeat"):
        return REPLACED
    return REPEATED if one.stands_in and wish == "repeat" else None
