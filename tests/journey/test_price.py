"""What was sent before makes the next thing no dearer, whoever it is for."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import event

from gateway.model.exchange import LegState
from tests.journey.conftest import EXAMPLES, World

ROUNDS = 25


class Steps:
    """Counts what SQLite's machine does: one row more that is looked at is some steps more."""

    def __init__(self, world: World) -> None:
        self.number = 0
        engine = world.gateway.store._engine
        event.listen(engine, "connect", lambda line, _: self._count(line))
        engine.dispose()  # those that are open are not counted

    def _count(self, line: Any) -> None:
        line.set_progress_handler(self._one, 1)

    def _one(self) -> int:
        self.number += 1
        return 0


def patient(number: int) -> dict[str, Any]:
    """The example's, with a matricule of its own, its key right (97 - number mod 97)."""
    tree: dict[str, Any] = json.loads((EXAMPLES / "team.created.json").read_bytes())["patient"]
    matricule = 2790351215189 + number
    tree["ins"]["number"] = f"{matricule}{97 - matricule % 97:02}"
    tree["local_id"]["value"] = f"P-{number}"
    return tree


def test_an_event_takes_as_many_steps_after_many_to_the_same_people_as_after_one(world: World) -> None:
    steps, taken = Steps(world), []
    team = json.loads((EXAMPLES / "team.created.json").read_bytes())["team"]
    for number in range(ROUNDS):
        before = steps.number
        told = world.tell("team.created", id=f"E-{number}", patient=patient(number), team={**team, "id": f"T-{number}"})
        world.prepare()
        world.send()
        taken.append(steps.number - before)
    assert {leg.state for leg in world.legs(told)} == {LegState.HANDED_OVER}
    assert sum(taken[-5:]) <= 1.02 * sum(taken[5:10]), taken
