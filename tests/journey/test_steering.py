"""One wish for everything that answers a question: looked at first, done once, and told to the log with who and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.journey import sweep as sweeping
from gateway.journey.gateway import Caller
from gateway.journey.otherwise import settle_otherwise
from gateway.journey.steer import NotNow, steer_exchange, steer_leg
from gateway.journey.sweep import preview, sweep
from gateway.journey.where import read_conditions, read_where
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import Rejected
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.steering import How, Why
from gateway.model.where import Where
from tests.journey.conftest import World

NOBODY = "routes: []\n"


def admin(world: World) -> Caller:
    """A person who steers."""
    return replace(world.caller, client="", actor="key:ad31")


def held(world: World, reports: int = 3) -> list[str]:
    """Reports to Sophie and Hugo, prepared; every leg to Sophie is held by a person."""
    ids = []
    for number in range(reports):
        accepted = world.report_to("sophie.bernard", "hugo.petit", id=f"R-{number}")
        ids.append(accepted.exchange)
    world.prepare()
    swept = sweep(world.gateway, admin(world), "hold", Where(recipient="RPPS:10100023455"))
    assert swept.done == reports
    return ids


def states(world: World, ids: list[str]) -> set[tuple[str, str]]:
    """Recipient and state of every leg."""
    with world.gateway.store.glance() as unit:
        legs = unit.legs.of_many(world.caller.tenant, ids)
    return {(leg.recipient_id, leg.state.value) for some in legs.values() for leg in some}


SOPHIE, HUGO = "RPPS:10100023455", "RPPS:10100034569"


def test_a_sweep_does_what_its_preview_said_and_tells_the_log_who_and_why(every_world: World) -> None:
    world = every_world
    ids = held(world)
    told = preview(world.gateway, world.caller.tenant, "release", Where(reason="held-by-a-person"))
    assert (told.would, told.would_not) == (3, {})
    assert {(one.exchange, one.recipient[1]) for one in told.first} == {(id, SOPHIE) for id in ids}
    assert states(world, ids) == {(SOPHIE, "held"), (HUGO, "waiting")}, "a preview changes nothing"
    where = Where(reason="held-by-a-person")
    swept = sweep(world.gateway, admin(world), "release", where, why=Why.TROUBLE_OVER)
    assert (swept.done, swept.left) == (3, False)
    assert states(world, ids) == {(SOPHIE, "waiting"), (HUGO, "waiting")}
    entries = world.audited(kind="leg-moved", wish="release")
    assert {(entry["actor"], entry["facts"]["why"]) for entry in entries} == {("key:ad31", "trouble-over")}
    assert len(entries) == 3
    again = sweep(world.gateway, admin(world), "release", where)
    assert (again.done, len(world.audited(wish="release"))) == (0, 3), "asked for twice, done once"


def test_a_preview_says_what_would_be_left_alone_and_why(every_world: World) -> None:
    held(every_world)
    told = preview(every_world.gateway, every_world.caller.tenant, "release", Where(type="report.shared"))
    assert (told.would, told.would_not) == (3, {"state": 3})
    assert {(one.alike.recipient[1], one.alike.state, one.why_not, one.alike.number) for one in told.groups} == {
        (SOPHIE, "held", None, 3),
        (HUGO, "waiting", "state", 3),
    }


def test_a_sweep_cut_off_goes_on_where_it_stopped(every_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = held(every_world, 5)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    where = Where(state=LegState.HELD)
    first = sweep(every_world.gateway, admin(every_world), "release", where, limit=3)
    assert (first.done, first.left) == (3, True)
    rest = sweep(every_world.gateway, admin(every_world), "release", where)
    assert (rest.done, rest.left) == (2, False)
    assert states(every_world, ids) == {(SOPHIE, "waiting"), (HUGO, "waiting")}
    with every_world.gateway.store.glance() as unit:
        (lowest, *_) = unit.steering.find(every_world.caller.tenant, Where(recipient=SOPHIE))
    assert lowest.exchange == min(ids), "the oldest first"


def test_what_moved_since_it_was_found_is_skipped_and_told(every_world: World) -> None:
    world = every_world
    ids = held(world, 2)
    with world.gateway.store.glance() as unit:
        found = unit.steering.find(world.caller.tenant, Where(recipient=SOPHIE))
    steer_leg(world.gateway, world.caller, found[0].exchange, found[0].n, "release")
    with world.gateway.store.unit() as unit:
        told = [sweeping._grant_one(world.gateway, unit, admin(world), one, "cancel", None) for one in found]
    assert told == ["moved", None]
    assert states(world, ids) == {(SOPHIE, "waiting"), (SOPHIE, "cancelled"), (HUGO, "waiting")}


def test_exchanges_without_legs_are_swept_too(every_world: World) -> None:
    world = every_world.with_routes(NOBODY)
    accepted = world.tell("team.created")
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.UNROUTED
    where = read_where({"reason": "no-route"})
    told = preview(every_world.gateway, world.caller.tenant, "retry", where)
    assert (told.would, [one.n for one in told.first]) == (1, [0])
    assert sweep(every_world.gateway, admin(world), "release", where).done == 0
    assert sweep(every_world.gateway, admin(world), "retry", where).done == 1
    every_world.prepare()
    assert every_world.exchange(accepted).state is ExchangeState.PREPARED


def test_each_condition_narrows_and_all_hold(every_world: World) -> None:
    ids = held(every_world, 2)
    tenant = every_world.caller.tenant
    with every_world.gateway.store.glance() as unit:
        patient = unit.exchanges.of_many(tenant, ids)[0].patient
        leg = unit.legs.of(tenant, ids[0])[0]

    def found(text: str) -> int:
        with every_world.gateway.store.glance() as unit:
            return len(unit.steering.find(tenant, read_conditions([text])))

    assert found("state=held") == found(f"recipient={SOPHIE}") == 2
    assert found(f"patient={patient}") == found("type=report.shared") == found("transport=mssante") == 4
    assert found(f"state=held and recipient={SOPHIE} and patient={patient} and transport=mssante") == 2
    assert found(f"state=held and recipient={HUGO}") == found("type=team.created") == found("patient=00") == 0
    assert found("since=2020-01-01") == 4
    assert found("since=2999-01-01") == found("until=2020-01-01T00:00:00Z") == found("server=nowhere") == 0
    assert found(f"server={leg.server} and state=held") == (2 if leg.server else 0)
    assert found("client=autrelog") == found("state=unrouted") == 0


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("state=nowhere", {("unknown-code", "state")}),
        ("color=red and since=soon", {("unknown-code", "color"), ("bad-instant", "since")}),
        ("reason=none-such", {("unknown-code", "reason")}),
        ("state", {("wrong-type", 0)}),
        ("state=held or state=failed", {("unknown-code", "state")}),
        ("state=held and state=failed", {("duplicate-key", "state")}),
        ("state=zz and foo", {("unknown-code", "state"), ("wrong-type", 1)}),
        ("", {("wrong-type", 0)}),
    ],
)
def test_conditions_that_cannot_be_are_told_all_at_once(text: str, faults: set[tuple[str, object]]) -> None:
    with pytest.raises(Rejected) as refused:
        read_conditions([text])
    assert {(fault.code, fault.at[1]) for fault in refused.value.faults} == faults


def test_a_whole_exchange_is_held_and_released(every_world: World) -> None:
    accepted = every_world.report_to("sophie.bernard", "hugo.petit")
    every_world.prepare()
    steer_exchange(every_world.gateway, every_world.caller, accepted.exchange, "hold")
    assert {leg.state for leg in every_world.legs(accepted)} == {LegState.HELD}
    with pytest.raises(NotNow):
        steer_exchange(every_world.gateway, every_world.caller, accepted.exchange, "hold")
    steer_exchange(every_world.gateway, every_world.caller, accepted.exchange, "release")
    assert {leg.state for leg in every_world.legs(accepted)} == {LegState.WAITING}


def test_settled_otherwise_keeps_the_state_says_who_and_how_and_a_late_success_is_a_second_fact(
    every_world: World,
) -> None:
    world = every_world
    accepted = world.report_to("greylist")
    world.prepare()
    with pytest.raises(NotNow, match="waiting"):
        settle_otherwise(world.gateway, admin(world), accepted.exchange, 1, How.PHONE)
    world.send()
    assert world.leg(accepted).state is LegState.POSTPONED
    leg = settle_otherwise(world.gateway, admin(world), accepted.exchange, 1, How.PHONE)
    assert leg.state is LegState.POSTPONED
    assert leg.settled is not None
    assert (leg.settled.by, leg.settled.how) == ("key:ad31", "phone")
    (entry,) = world.audited(kind="leg-settled")
    assert (entry["actor"], entry["facts"]) == ("key:ad31", {"from": "postponed", "state": "postponed", "how": "phone"})
    with pytest.raises(NotNow, match="settled already"):
        settle_otherwise(world.gateway, admin(world), accepted.exchange, 1, How.PAPER)
    world.pass_time(minutes=2)
    world.send()
    late = world.leg(accepted)
    assert late.state in (LegState.HANDED_OVER, LegState.DELIVERED, LegState.READ)
    assert late.settled == leg.settled


def fail(world: World, leg: Leg) -> None:
    """An attempt that the other side refused for good."""
    entry = Entry(
        kind="attempt-result", at=world.clock(), tenant=leg.tenant, actor="test", exchange=leg.exchange, leg=leg.n
    )
    with world.gateway.store.unit() as unit:
        started = unit.legs.start(leg, "test", world.clock(), world.gateway.pace.lease)
        unit.legs.move(started, LegState.FAILED, reason="never")
        unit.audit(entry)


def test_a_team_told_anew_is_not_undone_by_a_retry_of_what_failed_before(every_world: World) -> None:
    world = every_world
    first = world.tell("team.created")
    world.prepare()
    leg = next(leg for leg in world.legs(first) if leg.recipient_id == SOPHIE)
    fail(world, leg)
    second = world.tell("team.created", id="NEWER")
    world.prepare()
    with pytest.raises(NotNow, match="newer"):
        steer_leg(world.gateway, admin(world), first.exchange, leg.n, "retry")
    where = Where(recipient=SOPHIE, state=LegState.FAILED)
    swept = sweep(world.gateway, admin(world), "retry", where)
    assert (swept.done, dict(swept.skipped)) == (0, {"overtaken": 1})
    steer_exchange(world.gateway, admin(world), second.exchange, "cancel")
    assert sweep(world.gateway, admin(world), "retry", where).done == 1
