"""The books: what the audit log tells of each exchange, told again from its first word, and where it ought to stand.

An exchange is accepted once and stands in one state; a leg is created once and stands in one; an attempt is begun once
and has one answer. Every entry that moves one of them is read here: whoever writes a new kind of move has it read here
too, or the books do not balance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from gateway.model.exchange import ExchangeState, LegState


class Kind(StrEnum):
    """What is counted."""

    EXCHANGE = "exchange"
    LEG = "leg"
    ATTEMPT = "attempt"


class Answer(StrEnum):
    """What the other side said to an attempt."""

    POSITIVE = "positive"  # a relay or their own system has it
    NEGATIVE = "negative"  # not now, or never
    UNKNOWN = "unknown"  # nothing: the bytes may have arrived
    AWAITED = "awaited"  # it is under way


TELLING = frozenset({
    "event-accepted", "exchange-moved", "leg-created", "leg-moved", "attempt-started", "attempt-result",
    "receipt-received",
})  # fmt: skip
"""Entries that tell of a change of state."""

_ANSWERS: dict[str | None, Answer] = {
    None: Answer.AWAITED,
    LegState.ARRIVED: Answer.POSITIVE,
    LegState.HANDED_OVER: Answer.POSITIVE,
    LegState.UNKNOWN: Answer.UNKNOWN,
}


class Item(NamedTuple):
    """One thing of an exchange: itself, a leg by its number, or an attempt by its leg's number and its own."""

    kind: Kind
    leg: int = 0
    attempt: int = 0


class Move(NamedTuple):
    """An item went from one state to another; `before` is None for the first it has."""

    item: Item
    before: str | None
    state: str


def answer_of(outcome: str | None) -> Answer:
    """What an attempt's outcome, or the state its leg went to, says of the other side; None while it runs."""
    return _ANSWERS.get(outcome, Answer.NEGATIVE)


def read_moves(kind: str, leg: int | None, facts: Mapping[str, Any]) -> Iterator[Move]:
    """What an entry moves. The attempt a leg comes back from has the number 0 when the entry does not say it."""
    before, state = facts.get("from"), facts.get("state")
    if kind == "event-accepted":
        yield Move(Item(Kind.EXCHANGE), None, ExchangeState.ACCEPTED)
    elif kind == "exchange-moved" and state:
        yield Move(Item(Kind.EXCHANGE), before, state)
    if leg is None or kind not in TELLING:
        return
    if kind == "attempt-started":
        state = LegState.ATTEMPTED.value
        yield Move(Item(Kind.ATTEMPT, leg, facts["attempt"]), None, Answer.AWAITED)
    elif kind == "receipt-received":
        state = facts["says"] if facts.get("moved") else None
    if state and (kind == "leg-created" or state != before):
        yield Move(Item(Kind.LEG, leg), None if kind == "leg-created" else before, state)
    if before == LegState.ATTEMPTED and state and state != before:
        yield Move(Item(Kind.ATTEMPT, leg, facts.get("attempt", 0)), Answer.AWAITED, answer_of(state))


class Account:
    """One exchange as the log tells it. Entries are told in the order of the log.

    standing  where each item stands after the last of them
    partners  each leg's other side, where the log names it
    whole     False when the log does not tell of its acceptance: earlier entries were purged
    broken    items of which an entry says they stood elsewhere than the one before it had said
    """

    def __init__(self) -> None:
        self.standing: dict[Item, str] = {}
        self.partners: dict[int, str] = {}
        self.broken: dict[Item, tuple[str, str]] = {}
        self.whole = False

    def tell(self, kind: str, leg: int | None, facts: Mapping[str, Any]) -> None:
        """One more entry."""
        if kind == "event-accepted":
            self.whole = True
        if kind == "leg-created" and leg is not None and "partner" in facts:
            self.partners[leg] = facts["partner"]
        for item, before, state in read_moves(kind, leg, facts):
            if item.kind is Kind.ATTEMPT and not item.attempt:
                item = self._under_way(item.leg) or item
            stood = self.standing.get(item)
            if self.whole and stood != before:
                self.broken[item] = (stood or "", before or "")
            self.standing[item] = state

    def _under_way(self, leg: int) -> Item | None:
        tried = [item for item in self.standing if item.kind is Kind.ATTEMPT and item.leg == leg]
        return max(tried, default=None)


def day_of(exchange: str) -> str:
    """The day (UTC) an exchange was accepted, from its id: `2026-11-21`. Ids hold milliseconds (RFC 9562 §5.7).

    An empty word for what is no id of ours.
    """
    try:
        return datetime.fromtimestamp(int(exchange[:8] + exchange[9:13], 16) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError):
        return ""
