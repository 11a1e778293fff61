"""The participations of one member: periods that never overlap, whatever order they are told in.

Each function takes what is known of one member and gives what is known then. Between two bare dates the end of one
period and the beginning of the next may be the same day.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cmp_to_key

from gateway.model.codes import Coded
from gateway.model.known.state import earlier, ending, refuse
from gateway.model.team import Member, MemberMention
from gateway.model.when import When

Periods = tuple[Member, ...]


def join(mine: Periods, told: Member, day: When, *, late: bool) -> tuple[Periods, bool]:
    """A member joins, on `told.since` or that day; True when they were in already.

    Told again without `since`, or with the same, it says the rest anew, and a member who had left is in again. Told of
    one who is in with a later `since`, the former period ends where the new one begins: the leaving in between was not
    heard of yet. Told with an earlier one, the period begins earlier. A late telling never reopens nor prolongs.
    """
    since = told.since
    if since is None:
        last = begun(mine, day)
        if last and _covers(last, day):
            return _with(_without(mine, last), told, last.since, told.until or last.until), True
        since = earlier(told.until, day)
    last = begun(mine, since)
    if last and (last.since is None or _together(last.since, since)):
        return _with(_without(mine, last), told, since, told.until or (last.until if late else None)), True
    if last and _covers(last, since):
        former = (*_without(mine, last), replace(last, until=since))
        return _with(former, told, since, told.until or (last.until if late else None)), True
    following = _following(mine, since)
    if following and following.since and not late and (told.until is None or following.since.before(told.until)):
        return _with(_without(mine, following), told, since, told.until or following.until), True
    return _with(mine, told, since, told.until), False


def leave(mine: Periods, told: MemberMention, day: When) -> tuple[Periods, bool]:
    """A member leaves, on `told.until` or that day: ends the period they were in then; True when its end was known.

    Raises Rejected `dates-reversed` when they had not joined by `told.until`.
    """
    one = _meant(mine, told) or begun(mine, told.until or day)
    if one is None and told.until:
        raise refuse("dates-reversed", "member", "until")
    one = one or min(mine, key=_order)  # they never came
    known = one.until is not None and not (told.until or day).before(one.until)
    until = ending(told.until, one.until, one.since, day)
    return _with(_without(mine, one), _merged(one, told), one.since, until), known


def take_back(mine: Periods, told: MemberMention) -> Periods:
    """The period that `told.since` names, else the latest, is as if it had never been told."""
    return _without(mine, _meant(mine, told) or max(mine, key=_order))


def change_role(mine: Periods, told: MemberMention, day: When) -> tuple[Periods, bool]:
    """A member's roles change, on `told.since` or that day; True when `told.previous_roles` are not those known.

    Raises Rejected `member-left` when they were not in the team then.
    """
    since = told.since or day
    one = begun(mine, since)
    if one is None:  # still to come: they come with the new role
        one = min(mine, key=_order)
        since = one.since or since
    if not _covers(one, since):
        raise refuse("member-left", "member", "id")
    again = one.since is not None and _together(one.since, since)
    previous = one.previous_roles if again and one.previous_roles else one.roles
    differ = bool(told.previous_roles) and _codes(told.previous_roles) not in (_codes(previous), _codes(one.roles))
    changed = replace(_merged(one, told), previous_roles=told.previous_roles or previous, reason=told.reason)
    former = _without(mine, one) if again else (*_without(mine, one), replace(one, until=since))
    return _with(former, changed, since, told.until or one.until), differ


def begun(mine: Periods, at: When) -> Member | None:
    """The latest period that had begun by then."""
    return max((one for one in mine if one.since is None or not at.before(one.since)), key=_order, default=None)


def _following(mine: Periods, at: When | None) -> Member | None:
    """The earliest period that begins after that, the earliest of all when it is not known when that is."""
    return min((one for one in mine if one.since and (at is None or at.before(one.since))), key=_order, default=None)


def _meant(mine: Periods, told: MemberMention) -> Member | None:
    return next((one for one in mine if told.since and one.since and _together(one.since, told.since)), None)


def _covers(one: Member, at: When) -> bool:
    return one.until is None or at.before(one.until)


def _together(one: When, other: When) -> bool:
    return not one.before(other) and not other.before(one)


def _codes(roles: tuple[Coded, ...]) -> set[str]:
    return {role.code for role in roles}


def _order_of(one: Member, other: Member) -> int:
    return -1 if one.begins_before(other) else int(other.begins_before(one))


_order = cmp_to_key(_order_of)


def _without(mine: Periods, one: Member) -> Periods:
    return tuple(other for other in mine if other is not one)


def _with(mine: Periods, member: Member, since: When | None, until: When | None) -> Periods:
    """One period more; it ends at the latest where the following one begins."""
    following = _following(mine, since)
    if following and following.since:
        until = earlier(until, following.since)
    return tuple(sorted((*mine, replace(member, since=since, until=until)), key=_order))


def _merged(one: Member, told: MemberMention) -> Member:
    """A known member with what else is told of them."""
    said = {field.name: getattr(told, field.name) for field in fields(Member)}
    kept = {field.name: getattr(one, field.name) for field in fields(Member)}
    return Member(**{name: said[name] if said[name] not in (None, ()) else kept[name] for name in kept})
