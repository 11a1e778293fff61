"""recipients: who receives, who does not, and why: every recipient of a tenant, by what its legs last showed.

A recipient stands in one group, the worst that is still true. News counts by its time: a parcel that failed after the
last one that arrived says that they receive no more; one that failed before it only says that it is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.journey.minting import mint_id
from gateway.model.exchange import LegState

if TYPE_CHECKING:
    from gateway.record import Standing

SILENT_AFTER = timedelta(days=90)
"""Without any receipt for that long, although parcels left, a mailbox counts as one nobody opens."""


class Group(StrEnum):
    """What a recipient's legs show, worst first."""

    NO_ADDRESS = "no-address"
    FAILED = "failed"
    REFUSED = "refused"
    HELD = "held"
    SILENT = "silent"
    MISSED = "missed"
    UNREAD = "unread"
    PENDING = "pending"
    SETTLED = "settled"
    DENIED = "denied"
    RECEIVING = "receiving"


NEED_ACTION = frozenset({Group.NO_ADDRESS, Group.FAILED, Group.REFUSED, Group.HELD, Group.SILENT})
"""Groups whose recipients do not receive until someone acts."""

RECEIVE = frozenset({Group.MISSED, Group.UNREAD, Group.RECEIVING})
"""Groups whose recipients do receive; `missed` and `unread` are worth a look."""

_L = LegState
_THERE = (_L.READ, _L.ARRIVED, _L.DELIVERED)
_LIFE = (_L.READ, _L.ARRIVED, _L.REFUSED)
_LEFT = (*_THERE, _L.HANDED_OVER, _L.UNREAD, _L.REFUSED)
_TROUBLED = (_L.UNKNOWN, _L.POSTPONED)
_UNDER_WAY = (*_TROUBLED, _L.WAITING, _L.ATTEMPTED, _L.HANDED_OVER)
_WITHOUT_PLACE = frozenset({"no-address", "no-endpoint"})
del _L


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person, structure or mailbox, as the admin sees it.

    handle   names it in addresses of pages: a keyed digest of kind and id, which says nothing by itself
    since    since when it has been so
    number   legs the group is about, out of `total`
    state, reason, code  of the newest of those legs (model.reasons; code of the other side)
    reached  whether anything has ever left for it
    due      when the next try is due, if one is
    """

    handle: str
    kind: str
    id: str
    name: str
    address: str | None
    transport: str
    group: Group
    since: datetime
    number: int
    total: int
    state: LegState
    reason: str | None
    code: str | None
    reached: bool
    due: datetime | None


def list_recipients(gateway: Gateway, tenant: str, days: int) -> tuple[Recipient, ...]:
    """Every recipient of the exchanges of the last `days` days, by group, then name. Cancelled parcels do not count."""
    now = gateway.clock()
    first_id = mint_id(now - timedelta(days=days), bytes)
    with gateway.store.glance() as unit:
        found = unit.recipients.standing(tenant, first_id)
    whose: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for one in found:
        if one.state is not LegState.CANCELLED:
            whose[one.kind, one.id].append(one)
    groups = list(Group)
    people = [_recipient(gateway, tenant, standing, now) for standing in whose.values()]
    return tuple(sorted(people, key=lambda one: (groups.index(one.group), one.name.casefold(), one.id)))


def handle_of(gateway: Gateway, tenant: str, kind: str, id: str) -> str:
    """The word that stands for a recipient where its identifier must not be written."""
    return gateway.seal("\0".join(("recipient", tenant, kind, id)).encode())[:32]


def _recipient(gateway: Gateway, tenant: str, standing: Sequence[Standing], now: datetime) -> Recipient:
    group, about = _judge(standing, now)
    newest = max(standing, key=lambda one: (one.place, one.last))
    told = max(about, key=lambda one: one.last)
    return Recipient(
        handle=handle_of(gateway, tenant, newest.kind, newest.id),
        kind=newest.kind,
        id=newest.id,
        name=newest.name,
        address=newest.address,
        transport=newest.transport,
        group=group,
        since=told.last if group is Group.RECEIVING else min(one.first for one in about),
        number=sum(one.number for one in about),
        total=sum(one.number for one in standing),
        state=told.state,
        reason=told.reason,
        code=told.code,
        reached=any(one.state in _LEFT for one in standing),
        due=min((one.due for one in about if one.due), default=None),
    )


def _judge(standing: Sequence[Standing], now: datetime) -> tuple[Group, list[Standing]]:
    """The group, and the legs that put the recipient there. What a person settled otherwise is no trouble any more."""
    settled = [one for one in standing if one.settled and one.state not in _THERE]
    standing = [one for one in standing if one not in settled]
    held = _in(standing, LegState.HELD)
    lost = [one for one in held if one.reason in _WITHOUT_PLACE]
    arrived, life = _last(standing, _THERE), _last(standing, _LIFE)
    failed, refused = _in(standing, LegState.FAILED), _in(standing, LegState.REFUSED)
    unread = _since(_in(standing, LegState.UNREAD), life)
    quiet = min((one.first for one in unread), default=now)
    under_way = _in(standing, *_UNDER_WAY) if arrived is None else _since(_in(standing, *_TROUBLED), arrived)
    cases = (
        (Group.NO_ADDRESS, lost),
        (Group.FAILED, _since(failed, arrived)),
        (Group.REFUSED, _since(refused, arrived)),
        (Group.HELD, held),
        (Group.SILENT, unread if now - max(quiet, life or quiet) >= SILENT_AFTER else []),
        (Group.MISSED, failed + refused),
        (Group.UNREAD, unread),
        (Group.PENDING, under_way),
        (Group.RECEIVING, _in(standing, *_THERE, LegState.UNREAD)),
        (Group.SETTLED, settled),
        (Group.DENIED, _in(standing, LegState.DENIED)),
    )
    return next((group, about) for group, about in cases if about)


def _in(standing: Iterable[Standing], *states: LegState) -> list[Standing]:
    return [one for one in standing if one.state in states]


def _last(standing: Iterable[Standing], states: tuple[LegState, ...]) -> datetime | None:
    return max((one.last for one in standing if one.state in states), default=None)


def _since(standing: Iterable[Standing], moment: datetime | None) -> list[Standing]:
    """Those with news after that moment."""
    return [one for one in standing if moment is None or one.last > moment]
