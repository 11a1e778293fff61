"""One thread's legs, one after another: the end of one and the beginning of the next are one commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from sqlalchemy import Engine, event

from gateway.journey.send import send
from gateway.journey.turns import Turns
from gateway.model.exchange import LegState
from gateway.record import Front
from tests.journey.conftest import World

TWO = ("sophie.bernard", "luc.durand")


@contextmanager
def commits(engine: Engine) -> Iterator[list[None]]:
    """As long as it is open, one more for each."""
    made: list[None] = []

    def committed(_: object) -> None:
        made.append(None)

    event.listen(engine, "commit", committed)
    yield made
    event.remove(engine, "commit", committed)


def test_the_end_of_an_attempt_and_the_beginning_of_the_next_are_one_commit(every_world: World) -> None:
    world = every_world
    told = world.report_to(*TWO)
    world.prepare()
    with commits(world.gateway.store._engine) as made:
        assert send(world.gateway, "test", lambda: True)
    assert {leg.state for leg in world.legs(told)} == {LegState.HANDED_OVER}
    assert len(made) == 3
    started = [entry["kind"] for entry in world.audited() if entry["kind"].startswith("attempt-")]
    assert started == ["attempt-started", "attempt-result"] * 2


def test_a_thread_that_is_to_stop_begins_no_other_leg(every_world: World) -> None:
    told = every_world.report_to(*TWO)
    every_world.prepare()
    assert send(every_world.gateway, "test", lambda: False)
    assert sorted(leg.state for leg in every_world.legs(told)) == [LegState.HANDED_OVER, LegState.WAITING]


class Failing(Turns):
    """Fails the second time it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = count(1)

    def order(self, fronts: Sequence[Front]) -> tuple[Front, ...]:
        if next(self._asked) == 2:
            raise RuntimeError
        return super().order(fronts)


def test_what_is_wrong_with_the_next_leg_does_not_lose_what_became_of_the_one_before(every_world: World) -> None:
    told = every_world.report_to(*TWO)
    every_world.prepare()
    assert send(replace(every_world.gateway, turns=Failing()), "test", lambda: True)
    assert sorted(leg.state for leg in every_world.legs(told)) == [LegState.HANDED_OVER, LegState.WAITING]
    every_world.send()
    assert [len(leg.attempts) for leg in every_world.legs(told)] == [1, 1]
