"""What left already is sent again only for a reason: the same bytes under the same Message-ID, as a leg of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.journey.books import balance
from gateway.journey.steer import NotNow, steer_leg
from gateway.journey.sweep import preview, sweep
from gateway.model.exchange import LegState
from gateway.model.steering import Why
from gateway.model.where import Where
from tests.journey.conftest import World
from tests.journey.test_endpoints import TO_PARTNER, heard, sites
from tests.journey.test_mail_leaves import behind, in_turn
from tests.journey.test_out_and_back import settled
from tests.journey.test_steering import admin
from tests.places.authority import Authority
from tests.places.hostile_smtp import HostileSmtp
from tests.places.tricks import drops, says

__all__ = ["sites"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "authority").mkdir()
    return Authority(tmp_path / "authority")


@pytest.fixture
def server(authority: Authority) -> Iterator[HostileSmtp]:
    """Takes one mail, then the next."""
    made = HostileSmtp(authority.server(), {"dot": in_turn(*[says("250 2.0.0 taken")] * 3)})
    yield made
    made.close()


@pytest.mark.parametrize("wish", ["retry", "hold", "release", "cancel", "repeat"])
def test_nothing_that_left_is_sent_again_without_a_reason(wish: str, world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    settled(world, accepted)
    assert world.leg(accepted).state is LegState.READ
    with pytest.raises(NotNow):
        steer_leg(world.gateway, admin(world), accepted.exchange, 1, wish)  # type: ignore[arg-type]
    assert len(world.legs(accepted)) == 1


def test_a_repeat_carries_the_same_bytes_and_both_legs_keep_their_facts(
    every_world: World, server: HostileSmtp, authority: Authority
) -> None:
    world = behind(every_world, server, authority)
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    first = world.leg(accepted)
    assert first.state is LegState.HANDED_OVER
    new = steer_leg(world.gateway, admin(world), accepted.exchange, 1, "repeat", Why.LOST_THERE)
    assert (new.n, new.stands_for, new.message_id, new.state) == (2, 1, first.message_id, LegState.WAITING)
    world.send()
    assert len(server.bodies) == 2
    assert len(set(server.bodies)) == 1
    old, new = world.legs(accepted)
    assert (old.state, old.attempts) == (LegState.HANDED_OVER, first.attempts)
    assert new.state is LegState.HANDED_OVER
    (entry,) = world.audited(kind="leg-created", repeat=True)
    assert (entry["actor"], entry["leg"]) == ("key:ad31", 2)
    assert {"stands_for": 1, "why": "lost-there", "wish": "repeat"}.items() <= entry["facts"].items()
    with pytest.raises(NotNow, match="another leg"):
        steer_leg(world.gateway, admin(world), accepted.exchange, 1, "repeat", Why.LOST_THERE)


def test_a_receipt_after_a_repeat_is_the_newest_legs(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    settled(world, accepted)
    steer_leg(world.gateway, admin(world), accepted.exchange, 1, "repeat", Why.RECIPIENT_ASKS)
    world.send()
    settled(world, accepted)
    assert [(leg.state, leg.receipt is not None) for leg in world.legs(accepted)] == [(LegState.READ, True)] * 2


def test_an_unknown_outcome_is_repeated_at_once_by_the_same_leg_and_marked(world: World, authority: Authority) -> None:
    server = HostileSmtp(authority.server(), {"dot": in_turn(drops, says("250 2.0.0 taken"))})
    world = behind(world, server, authority)
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    assert world.leg(accepted).state is LegState.UNKNOWN
    with pytest.raises(NotNow, match="repeat"):
        steer_leg(world.gateway, admin(world), accepted.exchange, 1, "retry")
    steer_leg(world.gateway, admin(world), accepted.exchange, 1, "repeat", Why.TROUBLE_OVER)
    world.send()
    server.close()
    leg = world.leg(accepted)
    assert [attempt.outcome for attempt in leg.attempts] == ["unknown", "handed-over"]
    assert world.audited(kind="attempt-started", repeat=True)
    assert world.audited(kind="leg-moved", why="trouble-over", wish="repeat")


def test_a_sweep_repeats_everything_once(every_world: World) -> None:
    world = every_world
    accepted = [world.report_to("sophie.bernard", id=f"R-{number}") for number in range(2)]
    world.prepare()
    world.send()
    where = Where(recipient="RPPS:10100023455")
    with pytest.raises(NotNow):
        sweep(world.gateway, admin(world), "repeat", where)
    assert sweep(world.gateway, admin(world), "repeat", where, why=Why.LOST_THERE).done == 2
    world.send()
    told = preview(world.gateway, world.caller.tenant, "repeat", where)
    again = sweep(world.gateway, admin(world), "repeat", where, why=Why.LOST_THERE)
    assert (again.done, dict(again.skipped)) == (0, {"replaced": 2, "repeated": 2})
    assert (told.would, dict(told.would_not)) == (again.done, dict(again.skipped)), "the preview said so"
    assert [len(world.legs(one)) for one in accepted] == [2, 2]
    assert balance(world.gateway, world.caller.tenant).balanced


def test_a_software_that_looks_for_duplicates_takes_what_is_repeated_once(world: World, sites: dict[str, Any]) -> None:
    world = world.with_routes(TO_PARTNER)
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    first = world.legs(accepted)[0]
    assert first.state is LegState.ARRIVED
    steer_leg(world.gateway, admin(world), accepted.exchange, first.n, "repeat", Why.LOST_THERE)
    world.send()
    again = world.legs(accepted)[-1]
    assert (again.state, again.stands_for, again.message_id) == (LegState.ARRIVED, first.n, first.message_id)
    assert [attempt.outcome for attempt in again.attempts] == ["arrived"]
    assert len(heard(sites, again)) == 1
