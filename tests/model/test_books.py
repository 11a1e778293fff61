"""An account of an exchange is what its entries say, in their order; what they do not say is noticed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.minting import mint_id
from gateway.model.books import Account, Answer, Item, Kind, answer_of, day_of
from gateway.model.exchange import LEG_MOVES, LegState

RESULTS = frozenset(LEG_MOVES[LegState.ATTEMPTED])


@st.composite
def journeys(draw: st.DrawFn) -> list[tuple[str, dict[str, object]]]:
    """What the log tells of one leg: any walk over the table of states, in the words the steps use."""
    state = draw(st.sampled_from([LegState.WAITING, LegState.HELD, LegState.DENIED]))
    told: list[tuple[str, dict[str, object]]] = [("leg-created", {"state": state.value, "partner": "b.test"})]
    attempt = 0
    for _ in range(draw(st.integers(0, 20))):
        if not LEG_MOVES[state]:
            break
        to = draw(st.sampled_from(sorted(LEG_MOVES[state])))
        facts: dict[str, object] = {"from": state.value, "state": to.value}
        kind = draw(st.sampled_from(["leg-moved", "receipt-received"]))
        if to is LegState.ATTEMPTED:
            attempt += 1
            kind, facts = "attempt-started", {"from": state.value, "attempt": attempt}
        elif state is LegState.ATTEMPTED:
            kind = draw(st.sampled_from(["attempt-result", "leg-moved"]))
            facts |= {"attempt": attempt} if kind == "attempt-result" else {}
        elif kind == "receipt-received":
            facts = {"from": state.value, "says": to.value, "moved": True}
        told.append((kind, facts))
        state = to
    return told


def account_of(told: list[tuple[str, dict[str, object]]]) -> Account:
    account = Account()
    account.tell("event-accepted", None, {})
    for kind, facts in told:
        account.tell(kind, 1, facts)
    return account


def states(told: list[tuple[str, dict[str, object]]]) -> list[str]:
    """Where the leg stands after each entry."""
    return [str(facts.get("says") or facts.get("state") or "attempted") for _, facts in told]


@given(journeys())
def test_a_leg_stands_where_its_last_entry_says_and_each_attempt_has_its_answer(
    told: list[tuple[str, dict[str, object]]],
) -> None:
    account, walked = account_of(told), states(told)
    assert account.standing[Item(Kind.LEG, 1)] == walked[-1]
    answers = [answer for (kind, _, _), answer in sorted(account.standing.items()) if kind is Kind.ATTEMPT]
    after = [following for state, following in pairwise(walked) if state == "attempted"]
    assert answers[: len(after)] == [answer_of(state) for state in after]
    assert answers[len(after) :] in ([], [Answer.AWAITED])
    assert len(answers) == walked.count("attempted")
    assert not account.broken
    assert account.partners == {1: "b.test"}


@given(journeys().filter(lambda told: len(told) > 2), st.data())
def test_an_entry_that_is_missing_is_noticed(told: list[tuple[str, dict[str, object]]], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(told) - 2))
    walked = states(told)
    if gone and walked[gone - 1] == walked[gone]:
        return
    assert account_of([one for n, one in enumerate(told) if n != gone]).broken


def test_what_an_exchange_is_accepted_on_is_in_its_id() -> None:
    for at in (datetime(2026, 11, 20, 23, 59, 59, 999_000, UTC), datetime(2026, 11, 21, tzinfo=UTC)):
        assert day_of(mint_id(at, lambda size: b"\xff" * size)) == at.date().isoformat()


@pytest.mark.parametrize("word", ["", "nothing", "ffffffff-ffff-7000-8000-000000000000"])
def test_what_is_no_id_of_ours_has_no_day(word: str) -> None:
    assert day_of(word) == ""


def test_every_outcome_of_an_attempt_is_one_answer() -> None:
    assert {state: answer_of(state) for state in RESULTS} == {
        LegState.ARRIVED: Answer.POSITIVE,
        LegState.HANDED_OVER: Answer.POSITIVE,
        LegState.POSTPONED: Answer.NEGATIVE,
        LegState.FAILED: Answer.NEGATIVE,
        LegState.UNKNOWN: Answer.UNKNOWN,
    }
