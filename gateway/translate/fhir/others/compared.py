"""What a care circle put again whole changes in the team as it is known.

CDS 2.0.1 has no word for what happened: somebody joined, left, or has another role. Participations are paired by who
and since when; one told without a beginning is the one that is open. A participation of the past that is no longer told
changes nothing: not every software keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.model.errors import Rejected
from gateway.model.team import TEAM_ENDS, Member, Team
from gateway.model.when import When
from gateway.translate.fhir.node import JSON
from gateway.translate.fhir.remainder import long, tree_of

JOINED, LEFT, ROLE, CLOSED = "team.member-joined", "team.member-left", "team.role-changed", "team.closed"

_OF_PARTICIPATION = frozenset({"id", "since", "until", "roles"})
_OF_TEAM = ("name", "structures", "since", "until", "status", "reasons")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: its type of event, and of a member who, at which participant (None: no longer there)."""

    type: str
    member: JSON = field(default_factory=dict)
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs.

    changes  what events tell
    fields   of the team itself: they travel with an event
    details  participants of whom something else is told than known: no event carries that
    """

    changes: tuple[Change, ...]
    fields: tuple[str, ...]
    details: tuple[int, ...]


def compare(told: JSON, known: Team, today: date) -> Compared:
    """The team told whole (its canonical tree) beside the one known. `today` is the day of the telling."""
    before: dict[str, list[Member]] = {}
    for one in known.members:
        before.setdefault(one.id, []).append(one)
    now: dict[str, list[tuple[int, JSON]]] = {}
    for index, member in enumerate(told.get("members", [])):
        now.setdefault(str(member.get("id")), []).append((index, member))
    changes: list[Change] = []
    details: list[int] = []
    for id in dict.fromkeys([*now, *before]):
        pairs = _pairs(now.get(id, []), before.get(id, []))
        changes += _of_member(id, pairs)
        details += [index for index, theirs, ours in pairs if index is not None and ours and _otherwise(theirs, ours)]
    fields = _of_team(told, known)
    if _ends(told, known, today):
        changes = [Change(CLOSED), *(one for one in changes if one.type != LEFT)]
        fields = tuple(name for name in fields if name not in ("until", "status"))
    return Compared(tuple(changes), fields, tuple(sorted(details)))


_Pair = tuple[int | None, JSON, Member | None]


def _pairs(now: Sequence[tuple[int, JSON]], before: Sequence[Member]) -> list[_Pair]:
    """Each participation told with the one known that it is, and each known one that is no longer told."""
    left = list(before)
    pairs: list[_Pair] = []
    for index, told in sorted(now, key=lambda one: "since" not in one[1]):  # who names the beginning chooses first
        since = told.get("since")
        same = [one for one in left if (one.since.text if one.since else None) == since]
        if since is None and not same:
            same = sorted(left, key=lambda one: one.until is not None)
        if same:
            left.remove(same[0])
        pairs.append((index, told, same[0] if same else None))
    return pairs + [(None, {}, one) for one in left]


def _of_member(id: str, pairs: Sequence[_Pair]) -> Iterator[Change]:
    """What happened to one member. Who leaves and comes at once with other roles has changed roles."""
    new = [(index, told) for index, told, known in pairs if known is None]
    was_in = [known for _, _, known in pairs if known and known.until is None]
    moved = [one for one in new if was_in and _roles(one[1]) != _roles(tree_of(was_in[-1]))]
    for index, told in new:
        yield Change(ROLE if (index, told) in moved else JOINED, told, index)
    for index, told, known in pairs:
        if known is None or (moved and known.until is None):
            continue
        ended = known.until.text if known.until else None
        if index is None:
            if ended is None:
                yield Change(LEFT, {"id": id})
        elif told.get("until") != ended:
            yield Change(LEFT if "until" in told else JOINED, told, index)
        elif ended is None and "roles" in told and _roles(told) != _roles(tree_of(known)):
            yield Change(ROLE, told, index)


def _roles(member: JSON) -> set[str]:
    return {one if isinstance(one, str) else str(one.get("code")) for one in member.get("roles", [])}


def _otherwise(told: JSON, known: Member) -> bool:
    """Whether more is told of a member than of their participation, and not as it is known."""
    return _differs(long(Member, {name: told[name] for name in told if name not in _OF_PARTICIPATION}), tree_of(known))


def _differs(told: object, known: object) -> bool:
    """Whether something told is not known so; what is known and not told makes no difference."""
    if isinstance(told, dict) and isinstance(known, dict):
        return any(_differs(value, known.get(name)) for name, value in told.items())
    if isinstance(told, list) and isinstance(known, list):
        return any(all(_differs(one, other) for other in known) for one in told)
    return told != known


def _of_team(told: JSON, known: Team) -> tuple[str, ...]:
    """Names of the team's own fields that are told otherwise than known."""
    long_told, ours = long(Team, told), tree_of(known)
    ours.setdefault("status", "active" if known.open else "inactive")
    return tuple(name for name in _OF_TEAM if name in long_told and _differs(long_told[name], ours.get(name)))


def _ends(told: JSON, known: Team, today: date) -> bool:
    if not known.open:
        return False
    if told.get("status") in TEAM_ENDS:
        return True
    try:
        until = When(told["until"]) if "until" in told else None
    except Rejected:
        return False  # told with the faults of the event
    return until is not None and until.day <= today and until != known.until
