"""What these tests say: events in a few words, and what is known after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.journey.recall import Replayed
from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event
from gateway.model.known import KnownPlan, KnownReport, KnownTeam
from gateway.model.team import Member

SENDER = {"rpps": "10100012342"}
PATIENT = {"local_id": {"system": "1.2.3", "value": "P"}, "identity_status": "provisional"}
OTHER_PATIENT = {"local_id": {"system": "1.2.3", "value": "Q"}, "identity_status": "provisional"}
MARTIN, DURAND = {"id": "M-1", "rpps": "10100012342"}, {"id": "M-2", "rpps": "10100054328"}


def event(type: str, day: str, **said: Any) -> Event:
    """An event that happened on that day at noon; a second one of that day and type has the same id."""
    at = day if "T" in day else f"{day}T12:00:00Z"
    tree = {"id": f"{type} {day}", "type": type, "occurred_at": at, "sender": SENDER, "patient": PATIENT}
    return read_event({**tree, **said})


def created(day: str, *members: Mapping[str, Any], **team: Any) -> Event:
    """The team T begins."""
    return event("team.created", day, team={"id": "T", "members": list(members), **team})


def joined(day: str, member: Mapping[str, Any], **said: Any) -> Event:
    """Someone joins T."""
    return event("team.member-joined", day, team={"id": "T"}, member={**member, **said})


def left(day: str, **said: Any) -> Event:
    """M-2 leaves T."""
    return event("team.member-left", day, team={"id": "T"}, member={"id": "M-2", **said})


def role(day: str, *roles: str, **said: Any) -> Event:
    """The roles of M-2 in T change."""
    return event("team.role-changed", day, team={"id": "T"}, member={"id": "M-2", "roles": list(roles), **said})


def closed(day: str, **said: Any) -> Event:
    """T ends."""
    return event("team.closed", day, team={"id": "T", **said})


def told(*events: Event) -> tuple[Replayed, list[str]]:
    """The memory after these events, and the notices of the last."""
    memory, notices = Replayed(()), []
    for one in events:
        notices = [notice.code for notice in memory.count(one)[2]]
    return memory, notices


def team(*events: Event) -> KnownTeam:
    """The team T after these events."""
    known = told(*events)[0].team("T")
    assert known is not None
    return known


def plan(*events: Event) -> KnownPlan:
    """The plan P after these events."""
    known = told(*events)[0].plan("P")
    assert known is not None
    return known


def report(id: str, *events: Event) -> KnownReport:
    """That report after these events."""
    known = told(*events)[0].report(id)
    assert known is not None
    return known


def notices(*events: Event) -> list[str]:
    """What is remarked of the last of these events."""
    return told(*events)[1]


def faults(*events: Event) -> set[tuple[str, str]]:
    """Why the last of these events is refused: code and place."""
    memory = told(*events[:-1])[0]
    with pytest.raises(Rejected) as refused:
        memory.count(events[-1])
    return _places(refused.value)


def unread(type: str, **said: Any) -> set[tuple[str, str]]:
    """Why an event is not even read: code and place."""
    with pytest.raises(Rejected) as refused:
        event(type, "2026-01-01", **said)
    return _places(refused.value)


def _places(refused: Rejected) -> set[tuple[str, str]]:
    assert all(fault.text.remedy_fr for fault in refused.faults)
    return {(fault.code, "/".join(map(str, fault.at))) for fault in refused.faults}


def periods(known: KnownTeam, id: str = "M-2") -> list[tuple[str | None, str | None]]:
    """The periods of a member, as written."""
    return [(_text(one, "since"), _text(one, "until")) for one in known.team.members if one.id == id]


def _text(member: Member, name: str) -> str | None:
    value = getattr(member, name)
    return value.text if value else None
