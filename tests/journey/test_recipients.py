"""A recipient stands in the worst group that is still true, and news counts by its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.journey.recipients import NEED_ACTION, RECEIVE, Group, _judge
from gateway.model.exchange import LegState
from gateway.record import Standing

L, G = LegState, Group
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def legs(state: LegState, days: float = 1, reason: str | None = None, **words: Any) -> Standing:
    """Legs that have stood there for so many days."""
    at = NOW - timedelta(days=days)
    made: dict[str, Any] = {
        "kind": "professional", "id": "RPPS:1", "name": "X", "address": "x@y", "transport": "mssante", "state": state,
        "reason": reason, "code": None, "number": 1, "first": at, "last": at, "place": 1, "due": None,
    }  # fmt: skip
    return Standing(**{**made, **words})


@pytest.mark.parametrize(
    ("standing", "group"),
    [
        ([legs(L.READ)], G.RECEIVING),
        ([legs(L.ARRIVED)], G.RECEIVING),
        ([legs(L.DELIVERED)], G.RECEIVING),
        ([legs(L.READ, 2), legs(L.WAITING, 1)], G.RECEIVING),
        ([legs(L.READ, 2), legs(L.HANDED_OVER, 1)], G.RECEIVING),
        ([legs(L.WAITING)], G.PENDING),
        ([legs(L.HANDED_OVER)], G.PENDING),
        ([legs(L.READ, 2), legs(L.POSTPONED, 1)], G.PENDING),
        ([legs(L.READ, 1), legs(L.POSTPONED, 2)], G.RECEIVING),
        ([legs(L.HELD, reason="no-address")], G.NO_ADDRESS),
        ([legs(L.HELD, reason="no-endpoint")], G.NO_ADDRESS),
        ([legs(L.HELD, reason="no-address", days=9), legs(L.READ)], G.NO_ADDRESS),
        ([legs(L.HELD, reason="white-list-missing"), legs(L.READ)], G.HELD),
        ([legs(L.FAILED, 1), legs(L.READ, 2)], G.FAILED),
        ([legs(L.FAILED, 2), legs(L.READ, 1)], G.MISSED),
        ([legs(L.REFUSED, 1), legs(L.READ, 2)], G.REFUSED),
        ([legs(L.REFUSED, 2), legs(L.READ, 1)], G.MISSED),
        ([legs(L.FAILED, 1), legs(L.REFUSED, 1)], G.FAILED),
        ([legs(L.UNREAD, 5)], G.UNREAD),
        ([legs(L.UNREAD, 5), legs(L.READ, 4)], G.RECEIVING),
        ([legs(L.UNREAD, 91)], G.SILENT),
        ([legs(L.UNREAD, 91), legs(L.DELIVERED, 1)], G.SILENT),
        ([legs(L.UNREAD, 91), legs(L.READ, 90.5)], G.RECEIVING),
        ([legs(L.UNREAD, 5), legs(L.READ, 120)], G.UNREAD),
        ([legs(L.UNREAD, 91, last=NOW - timedelta(days=5)), legs(L.READ, 30)], G.UNREAD),
        ([legs(L.FAILED, settled=True)], G.SETTLED),
        ([legs(L.HELD, reason="no-address", settled=True)], G.SETTLED),
        ([legs(L.FAILED, settled=True), legs(L.FAILED, 9)], G.FAILED),
        ([legs(L.FAILED, 1, settled=True), legs(L.READ, 2)], G.RECEIVING),
        ([legs(L.FAILED, 2, settled=True), legs(L.READ, 1)], G.RECEIVING),
        ([legs(L.READ, settled=True)], G.RECEIVING),
        ([legs(L.DENIED)], G.DENIED),
        ([legs(L.DENIED), legs(L.READ)], G.RECEIVING),
    ],
)
def test_what_the_legs_show_decides_the_group(standing: list[Standing], group: Group) -> None:
    assert _judge(standing, NOW)[0] is group
    assert _judge(standing[::-1], NOW)[0] is group


@pytest.mark.parametrize("state", [state for state in L if state is not L.CANCELLED])
def test_every_state_has_a_group(state: LegState) -> None:
    group, about = _judge([legs(state)], NOW)
    assert about
    assert group in Group


def test_nobody_both_receives_and_needs_an_action() -> None:
    assert not NEED_ACTION & RECEIVE
    assert set(Group) == NEED_ACTION | RECEIVE | {G.PENDING, G.SETTLED, G.DENIED}
