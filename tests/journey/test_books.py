"""The books balance: what the log tells is what the tables say; what somebody changed in silence is found and named."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import text

from gateway.cli.box import TENANT
from gateway.journey.accept import Accepted
from gateway.journey.bookkeeping import Bookkeeper, keep_books
from gateway.journey.books import Differs, balance
from gateway.journey.send import notice_silence
from gateway.journey.steer import steer_exchange, steer_leg
from gateway.model.books import Kind, day_of
from tests.journey.conftest import World

_NUMBERS = count()

BEHIND_ITS_BACK = {
    "an exchange is said to be held": (
        "UPDATE exchanges SET state = 'held' WHERE id = :id", (Kind.EXCHANGE, "prepared", "held"),
    ),
    "a leg is said to be read": (
        "UPDATE legs SET state = 'read' WHERE exchange = :id", (Kind.LEG, "handed-over", "read"),
    ),
    "an answer is said to be a refusal": (
        "UPDATE attempts SET outcome = 'never' WHERE exchange = :id", (Kind.ATTEMPT, "positive", "negative"),
    ),
    "an attempt is taken away": ("DELETE FROM attempts WHERE exchange = :id", (Kind.ATTEMPT, "positive", "")),
}  # fmt: skip


def behind_its_back(world: World, statement: str, id: str) -> None:
    """Change a row as somebody with the database's password would."""
    with world.gateway.store._engine.begin() as connection:
        connection.execute(text(statement), {"id": id})


def differing(world: World) -> dict[Differs, tuple[int, list[str]]]:
    return balance(world.gateway, TENANT).differing


def kept(world: World) -> int:
    """How many figures the house finds to differ."""
    while not keep_books(world.gateway, "worker:test"):
        pass
    with world.gateway.store.glance() as unit:
        return unit.totals.verdicts().get(TENANT, 0)


def told(world: World, *names: str) -> Accepted:
    """A report of its own for these people."""
    return world.report_to(*(names or ("sophie.bernard",)), id=f"R-{next(_NUMBERS)}")


def sent(world: World, *names: str) -> Accepted:
    accepted = told(world, *names)
    world.prepare()
    world.send()
    return accepted


def test_every_kind_of_journey_is_balanced(every_world: World) -> None:
    world = every_world
    for names in (["sophie.bernard"], ["bounce", "refuse-902"], ["greylist", "full"], ["silent"]):
        told(world, *names)
    held = told(world, "luc.durand")
    cancelled = told(world, "hugo.petit")
    steer_exchange(world.gateway, world.caller, cancelled.exchange, "cancel")
    world.prepare()
    steer_leg(world.gateway, world.caller, held.exchange, 1, "hold")
    world.send()
    world.collect()
    world.pass_time(hours=80)
    world.send()
    notice_silence(world.gateway, "test")
    books = balance(world.gateway, TENANT)
    assert books.balanced, books.differing
    assert books.of(Kind.EXCHANGE) == {"cancelled": (1, 1), "prepared": (5, 5)}
    assert sum(told for told, _ in books.of(Kind.LEG).values()) == 7
    assert len(books.of(Kind.LEG)) > 3, "they went different ways"
    assert kept(world) == 0


@pytest.mark.parametrize("which", BEHIND_ITS_BACK)
def test_what_is_changed_behind_the_gateways_back_is_found_and_named(every_world: World, which: str) -> None:
    world = every_world
    one, other = sent(world), sent(world)
    assert not differing(world)
    assert kept(world) == 0
    statement, (kind, told, stands) = BEHIND_ITS_BACK[which]
    behind_its_back(world, statement, one.exchange)
    ((found, (number, ids)),) = differing(world).items()
    assert (found.kind, found.told, found.stands, found.why) == (kind, told, stands, "table")
    assert found.day == day_of(one.exchange)
    assert found.partner == ("" if kind is Kind.EXCHANGE else "b.mssante.test")
    assert (number, ids) == (1, [one.exchange])
    assert kept(world) > 0, "the house finds it too"
    (alarm,) = world.audited(kind="books-differ")
    assert alarm["tenant"] == TENANT
    assert alarm["facts"]["exchanges"] == one.exchange
    assert other.exchange not in str(alarm)


def test_a_row_that_was_taken_away_or_put_in_is_found(every_world: World) -> None:
    world = every_world
    gone = told(world, "sophie.bernard")
    behind_its_back(world, "DELETE FROM answers WHERE exchange = :id", gone.exchange)
    behind_its_back(world, "DELETE FROM exchanges WHERE id = :id", gone.exchange)
    copied = told(world, "sophie.bernard")
    world.prepare()
    columns = "tenant, exchange, place, lane, transport, recipient_kind, recipient_id, recipient_name, chosen_because, "
    columns += '"case", state, since, tries'
    behind_its_back(
        world, f"INSERT INTO legs (n, {columns}) SELECT 9, {columns} FROM legs WHERE exchange = :id", copied.exchange
    )  # fmt: skip
    found = {(one.kind, one.told, one.stands): ids for one, (_, ids) in differing(world).items()}
    assert found == {
        (Kind.EXCHANGE, "accepted", ""): [gone.exchange],
        (Kind.LEG, "", "waiting"): [copied.exchange],
    }  # fmt: skip
    assert kept(world) == 2


def test_a_move_that_no_entry_tells_is_found_though_the_next_one_was_told(every_world: World) -> None:
    world = every_world
    accepted = told(world, "sophie.bernard")
    world.prepare()
    behind_its_back(world, "UPDATE legs SET state = 'held' WHERE exchange = :id", accepted.exchange)
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    ((found, (_, ids)),) = differing(world).items()
    assert (found.why, found.told, found.stands) == ("silent", "waiting", "held")
    assert ids == [accepted.exchange]


def test_that_they_agree_again_is_written_down_once(every_world: World) -> None:
    world = every_world
    one = sent(world)
    behind_its_back(world, "UPDATE exchanges SET state = 'held' WHERE id = :id", one.exchange)
    assert kept(world) == kept(world) == 2
    behind_its_back(world, "UPDATE exchanges SET state = 'prepared' WHERE id = :id", one.exchange)
    assert kept(world) == kept(world) == 0
    assert len(world.audited(kind="books-differ")) == len(world.audited(kind="books-agree")) == 1


def test_the_house_reads_only_what_the_log_has_gained(every_world: World) -> None:
    world = every_world
    sent(world)
    assert kept(world) == 0
    with world.gateway.store.unit() as unit:
        size = unit.log.head().size
        assert unit.totals.cursor() == size
        unit.log.purge(world.clock() + timedelta(days=1), policy="test", actor="test")
    sent(world)
    assert kept(world) == 0, "what was counted before it was purged stays counted"


def test_what_was_purged_is_said_and_not_taken_for_a_difference(every_world: World) -> None:
    world = every_world
    old = sent(world)
    with world.gateway.store.unit() as unit:
        unit.log.purge(world.clock() + timedelta(seconds=1), policy="test", actor="test")
    books = balance(world.gateway, TENANT)
    assert (books.balanced, books.older) == (True, 1)
    assert kept(world) == 0, "nobody had counted: the days whose log is not whole are left out"
    world.collect()
    books = balance(world.gateway, TENANT)
    assert (books.balanced, books.older) == (True, 1)
    behind_its_back(world, "UPDATE legs SET state = 'refused' WHERE exchange = :id", old.exchange)
    assert [one.stands for one in differing(world)] == ["refused"], "what the log still tells is compared"


def test_one_worker_compares_for_all_of_them(every_world: World) -> None:
    world = every_world
    sent(world)
    ann, bea = Bookkeeper(world.gateway, "ann"), Bookkeeper(world.gateway, "bea")
    assert ann.keep_if_due()
    assert not bea.keep_if_due(), "ann has just done it"
    assert not ann.keep_if_due()


def test_a_worker_that_goes_home_leaves_the_books_to_who_comes_next(every_world: World) -> None:
    world = every_world
    sent(world)
    first = Bookkeeper(world.gateway, "ann")
    first.lay_down()  # it never had them
    assert first.keep_if_due()
    assert not Bookkeeper(world.gateway, "bea").keep_if_due()
    first.lay_down()
    assert Bookkeeper(world.gateway, "cleo").keep_if_due()
