"""Whatever happens in whatever order: no state that the tables do not allow, and none without a word in the log.

Steps are drawn at random: practice software, workers, operators that answer anything or nothing, workers that die in
the middle, receipts, people. After each, what changed in the tables is held against the log's new entries and the two
tables of moves; the books of the whole log are balanced at the end of each run.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from gateway.config import load
from gateway.deliver import Collected, DeliveryReport, LeftBehind, Outcome, Parcel
from gateway.journey.accept import accept
from gateway.journey.again import send_again
from gateway.journey.books import balance
from gateway.journey.capped import Capped
from gateway.journey.gateway import Caller, Pace
from gateway.journey.object import Statement, record_objection, withdraw_objection
from gateway.journey.otherwise import settle_otherwise
from gateway.journey.prepare import prepare
from gateway.journey.redirect import redirect
from gateway.journey.send import notice_silence, resume, send
from gateway.journey.settle import settle
from gateway.journey.steer import steer_exchange, steer_leg
from gateway.model import form
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import Broken, GatewayError, Unreachable
from gateway.model.exchange import EXCHANGE_MOVES, LEG_MOVES, ExchangeState, LegState
from gateway.model.identity import MailAddress
from gateway.model.steering import How, Why
from gateway.pack import write_mdn
from gateway.record import Stale, upgrade
from gateway.sandbox.certificates import Certificates
from gateway.wiring import open_gateway, prepare_if_empty
from soak.place import CLIENT, ORIGIN, SETTINGS, TENANT, write_settings
from soak.stream import MAILBOXES, Stream
from tests.journey.conftest import Clock, World, close
from tests.places.postgresql import PostgreSQL

READER = Capped()
"""One process reads the receipts of all runs."""
STREAM = Stream(24)


class Died(BaseException):
    """The worker is gone, in the middle of what it did."""


class Operator:
    """A transport whose next answer is drawn; it notes what it was given."""

    def __init__(self, kind: str) -> None:
        self.kind, self.answer = kind, "arrived"
        self.taken: dict[str, set[bytes]] = defaultdict(set)

    def ready(self, origin: str) -> str | None:
        """Never in the way."""
        return "sign-in-needed" if self.answer == "sign-in" else None

    def send(self, parcel: Parcel) -> DeliveryReport:
        """As drawn."""
        if self.answer == "away":
            raise Unreachable("Nobody is there", advice="Wait")
        if self.answer == "broken":
            raise Broken("It cannot travel", advice="Look at it")
        if self.answer == "dies before":
            raise Died
        self.taken[parcel.message_id].add(parcel.body)
        if self.answer == "dies after":
            raise Died
        return DeliveryReport(Outcome(self.answer), "250", "said")

    def collect(self) -> Iterator[Collected]:
        """Nothing: receipts are brought by hand."""
        return iter(())

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """Nothing."""
        return ()

    def forget(self, mailbox: str, handles: Collection[str]) -> None:
        """Nothing to take away."""


ANSWERS = st.sampled_from(
    [*(outcome.value for outcome in Outcome), "away", "broken", "dies before", "dies after", "sign-in"]
)


@cache
def template() -> Path:
    """A gateway's folder before its first event: made once, copied for each run."""
    folder = Path(tempfile.mkdtemp(prefix="journeys-"))
    atexit.register(shutil.rmtree, folder)
    Certificates(folder / "certificates")
    prepare_if_empty(write_settings(folder, database="sqlite:///passerelle.db", port=0, smtp=1, https=1))
    return folder


class Journeys(RuleBasedStateMachine):
    """One gateway over a real store; what is drawn is one step of somebody."""

    exchanges = Bundle("exchanges")

    def __init__(self, database: Callable[[], str] | None = None) -> None:
        """`database` makes one that is empty and ready; without it each run has a SQLite file of its own."""
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="journeys-"))
        shutil.copytree(template(), self.folder, dirs_exist_ok=True)
        if database is not None:
            written = json.loads((self.folder / SETTINGS).read_text("utf-8"))
            (self.folder / SETTINGS).write_text(json.dumps(written | {"database": database()}), "utf-8")
        clock = Clock()
        self.operators = {kind: Operator(kind) for kind in ("mssante", "callback")}
        gateway = replace(
            open_gateway(load(self.folder / SETTINGS)),
            clock=clock,
            transports=self.operators,
            pace=Pace(schedule=[timedelta(minutes=1)] * 3, receipt_within=timedelta(hours=2)),
        )
        self.world = World(gateway, clock, self.folder / SETTINGS, READER)
        self.world.caller = Caller(TENANT, CLIENT, "client:machine")
        self.gateway, self.caller = gateway, self.world.caller
        self.told, self.answers, self.objections = 0, 0, []  # type: tuple[int, int, list[str]]
        self.read, self.standing = 0, dict[tuple[str, int], str]()

    @initialize(target=exchanges)
    def some_are_prepared(self) -> Any:
        """A run does not begin with an empty house: little would happen in it."""
        made = [accept(self.gateway, self.caller, STREAM.body(event), "canonical").exchange for event in STREAM.all[:4]]
        self.told = len(made)
        while prepare(self.gateway, "machine"):
            pass
        return multiple(*made)

    # What may happen

    @rule(target=exchanges, more=st.integers(1, 3))
    def a_software_tells(self, more: int) -> Any:
        """Some more events of the stream."""
        made = []
        for event in STREAM.all[self.told : self.told + more]:
            made.append(accept(self.gateway, self.caller, STREAM.body(event), "canonical").exchange)
        self.told += len(made)
        return multiple(*made)

    @rule()
    def a_software_repeats_itself(self) -> None:
        """The first event again: the same answer, and nothing else."""
        if self.told:
            assert accept(self.gateway, self.caller, STREAM.body(STREAM.all[0]), "canonical").again

    @rule(many=st.integers(1, 4))
    def a_worker_prepares(self, many: int) -> None:
        """What waits."""
        for _ in range(many):
            prepare(self.gateway, "machine")

    @rule()
    def a_worker_dies_preparing(self) -> None:
        """Its claim stays behind."""

        def dies() -> None:
            raise Died

        with suppress(Died):
            prepare(replace(self.gateway, white_list=dies), "machine")

    @rule(answers=st.lists(ANSWERS, min_size=1, max_size=6))
    def a_worker_sends(self, answers: list[str]) -> None:
        """Some legs, each answered in its way."""
        for answer in answers:
            for operator in self.operators.values():
                operator.answer = answer
            with suppress(Died):
                send(self.gateway, "machine")

    @rule(after=st.booleans())
    def a_worker_dies_sending(self, after: bool) -> None:
        """Before the first byte or after the last one: nobody can tell."""
        self.a_worker_sends(["dies after" if after else "dies before"])

    @rule()
    def what_the_dead_held_comes_back(self) -> None:
        """Their leases are over."""
        self.world.end_leases()
        self.world.recover()

    @rule(minutes=st.sampled_from([1, 2, 5, 180]))
    def time_passes(self, minutes: int) -> None:
        """And somebody keeps house."""
        self.world.pass_time(minutes=minutes)
        for operator in self.operators.values():
            operator.answer = "arrived"
        notice_silence(self.gateway, "machine")
        resume(self.gateway, "machine")

    @rule(exchange=exchanges, n=st.integers(1, 3), outcome=st.sampled_from(["displayed", "processed", "902"]))
    def a_receipt_comes(self, exchange: str, n: int, outcome: str) -> None:
        """Of a leg that may have left, or of one that has not: then it is somebody's mistake."""
        leg = self.leg(exchange, n)
        if leg is None or leg.message_id is None or leg.transport != "mssante" or leg.destination is None:
            return
        with self.gateway.store.glance() as unit:
            original = unit.contents.get(TENANT, exchange, f"parcel/{n}")
        self.answers += 1
        raw = write_mdn(
            original,
            reporter=MailAddress(leg.destination),
            final_recipient=MailAddress(leg.destination),
            message_id=f"answer{self.answers}@b.mssante.test",
            at=datetime(2026, 11, 21, tzinfo=UTC),
            outcome=outcome,
            nil="DEV000000",
        )
        with self.gateway.store.unit() as unit:
            assert unit.mail.add(ORIGIN, f"1/{self.answers}", self.gateway.seal(raw), raw, self.gateway.clock())
            unit.audit(Entry(kind="mail-collected", at=self.gateway.clock(), tenant="", actor="worker:machine"))
        settle(self.gateway, READER, "machine")

    @rule(exchange=exchanges, n=st.integers(1, 3), wish=st.sampled_from(["hold", "release", "retry", "cancel"]))
    def a_person_asks_something_of_a_leg(self, exchange: str, n: int, wish: Any) -> None:
        """It is done or refused."""
        with suppress(GatewayError):
            steer_leg(self.gateway, self.caller, exchange, n, wish)

    @rule(exchange=exchanges, wish=st.sampled_from(["retry", "cancel"]))
    def a_person_asks_something_of_an_exchange(self, exchange: str, wish: Any) -> None:
        """It is done or refused."""
        with suppress(GatewayError):
            steer_exchange(self.gateway, self.caller, exchange, wish)

    @rule(exchange=exchanges, n=st.integers(1, 3), why=st.sampled_from(list(Why)))
    def a_person_has_it_sent_again(self, exchange: str, n: int, why: Why) -> None:
        """A new leg stands for the old one."""
        leg = self.leg(exchange, n)
        if leg is not None:
            with suppress(GatewayError), self.gateway.store.unit() as unit:
                send_again(self.gateway, unit, self.caller, leg, why)

    @rule(exchange=exchanges, n=st.integers(1, 3), to=st.sampled_from(sorted(MAILBOXES.values())))
    def a_person_sends_it_elsewhere(self, exchange: str, n: int, to: str) -> None:
        """A new leg, through the gate again."""
        with suppress(GatewayError, Stale):
            redirect(self.gateway, self.caller, exchange, n, to, why=next(iter(Why)), force=True)

    @rule(exchange=exchanges, n=st.integers(1, 3), how=st.sampled_from(list(How)))
    def a_person_saw_to_it(self, exchange: str, n: int, how: How) -> None:
        """By phone or on paper."""
        with suppress(GatewayError):
            settle_otherwise(self.gateway, self.caller, exchange, n, how)

    @rule(patient=st.integers(0, 3))
    def a_patient_objects(self, patient: int) -> None:
        """To everything, until it is taken back."""
        local = {"system": "1.2.250.1.999.42", "value": f"P-{patient}"}
        tree = {"patient": {"local_id": local, "identity_status": "validated"}, "recipient": {"finess": "750000002"}}
        self.objections.append(record_objection(self.gateway, self.caller, form.read(Statement, tree)))

    @rule()
    def a_patient_takes_it_back(self) -> None:
        """The last objection."""
        if self.objections:
            withdraw_objection(self.gateway, self.caller, self.objections.pop())

    # What must be so after each step

    @invariant()
    def what_changed_is_told_and_allowed(self) -> None:
        """The chain of the log's new entries leads from each state before to the state now, by allowed moves only."""
        told = dict(self.standing)
        for entry in self.new_entries():
            for key, before, state in moves(entry):
                assert told.get(key) == before, (entry["kind"], key, told.get(key), before)
                if before is not None:
                    assert state in allowed(key, before), (entry["kind"], before, state)
                told[key] = state
        stands = self.states()
        assert told == stands, {key: (told.get(key), stands.get(key)) for key in {*told, *stands}}
        self.standing = stands

    @invariant()
    def the_bytes_of_a_parcel_never_change(self) -> None:
        """Whoever sends it, however often."""
        for operator in self.operators.values():
            assert all(len(bodies) == 1 for bodies in operator.taken.values())

    def teardown(self) -> None:
        """The books of the whole log balance, and the log is whole."""
        differing = balance(self.gateway, TENANT).differing
        verdict = self.gateway.store.verify(
            [self.gateway.store.checkpoint(self.gateway.notary)], self.gateway.notary.verifier
        )
        close(self.world)
        shutil.rmtree(self.folder)
        assert not differing
        assert verdict.whole

    # How it is looked at

    def leg(self, exchange: str, n: int) -> Leg | None:
        """As it stands."""
        with self.gateway.store.glance() as unit:
            return unit.legs.get(TENANT, exchange, n)

    def states(self) -> dict[tuple[str, int], str]:
        """(exchange, leg) → state of every leg; leg 0 stands for the exchange."""
        found: dict[tuple[str, int], str] = {}
        with self.gateway.store.glance() as unit:
            for exchange in {*(key[0] for key in self.standing), *self.known(unit)}:
                whole = unit.exchanges.get(TENANT, exchange)
                assert whole is not None
                found[exchange, 0] = whole.state.value
                found |= {(exchange, leg.n): leg.state.value for leg in unit.legs.of(TENANT, exchange)}
        return found

    def known(self, unit: Any) -> set[str]:
        """Every exchange the log ever named."""
        return {entry["exchange"] for entry in map(json.loads, self.records(unit, 0)) if entry.get("exchange")}

    def new_entries(self) -> list[dict[str, Any]]:
        """Of the log, since the last look."""
        with self.gateway.store.glance() as unit:
            records = list(self.records(unit, self.read))
        self.read += len(records)
        return [json.loads(record) for record in records]

    @staticmethod
    def records(unit: Any, start: int) -> Iterator[str]:
        """The log's entries from one on."""
        return (kept.record for kept in unit.log.every(start=start))


def moves(entry: dict[str, Any]) -> Iterator[tuple[tuple[str, int], str | None, str]]:
    """What an entry says that moved: (exchange, leg or 0), from where, to where."""
    kind, facts, exchange = entry["kind"], entry["facts"], entry.get("exchange")
    leg = (exchange, entry.get("leg") or 0)
    if kind == "event-accepted":
        yield (exchange, 0), None, ExchangeState.ACCEPTED.value
    elif kind == "leg-created":
        yield leg, None, facts["state"]
    elif kind == "attempt-started":
        yield leg, facts["from"], LegState.ATTEMPTED.value
    elif kind == "receipt-received" and facts["moved"]:
        yield leg, facts["from"], facts["says"]
    elif kind in ("exchange-moved", "leg-moved", "attempt-result") and facts["state"] != facts["from"]:
        yield leg, facts["from"], facts["state"]


def allowed(key: tuple[str, int], before: str) -> set[str]:
    """Where the tables let it go from there."""
    moves = LEG_MOVES[LegState(before)] if key[1] else EXCHANGE_MOVES[ExchangeState(before)]
    return {state.value for state in moves}


@pytest.fixture(autouse=True, scope="module")
def _reader() -> Iterator[None]:
    yield
    READER.close()


WALKS = settings(max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_no_journey_leaves_the_tables_or_the_log_on_sqlite() -> None:
    run_state_machine_as_test(Journeys, settings=WALKS)


def test_no_journey_leaves_the_tables_or_the_log_on_postgresql(postgresql: PostgreSQL) -> None:
    ready = postgresql.create()
    upgrade(postgresql.url(ready))
    run_state_machine_as_test(lambda: Journeys(lambda: postgresql.url(postgresql.create(ready))), settings=WALKS)
