"""A report is shared, replaced, taken back: each time to those concerned, and what is over leaves no more."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest

from gateway import pack
from gateway.journey.accept import Accepted
from gateway.journey.object import Objector, Statement, record_objection
from gateway.journey.preview import preview
from gateway.journey.recall import Replayed
from gateway.journey.received_by import may_have_left
from gateway.journey.steer import steer_leg
from gateway.journey.withdraw import why_withdrawn
from gateway.model.audit import Entry
from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.identity import LocalId
from tests.journey.conftest import EXAMPLES, TENANT, World

BASE: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
SOPHIE, HUGO, SILENT = "sophie.bernard@b.mssante.test", "hugo.petit@b.mssante.test", "silent@b.mssante.test"


def replace(world: World, **changes: Any) -> Accepted:
    """Accept a newer version of the example report, for nobody by name; `changes` are of the report."""
    report = {**BASE["report"], "id": "CR-2", "replaces": BASE["report"]["id"], "version": 2, **changes}
    report = {name: value for name, value in report.items() if value is not None}
    return world.tell("report.shared", id="E-2", type="report.replaced", team=None, recipients=None, report=report)


def cancel(world: World, report: str = BASE["report"]["id"], **changes: Any) -> Accepted:
    """Accept that a report is taken back."""
    told = {"id": report, "reason": "wrong-patient"}
    return world.tell(
        "report.shared", **{"id": "E-3", "type": "report.cancelled", "team": None, "recipients": None, **changes},
        report=told,
    )  # fmt: skip


def leave(world: World, accepted: Accepted) -> Accepted:
    """Prepare and send what can be."""
    world.prepare()
    world.send()
    return accepted


def mail_of(world: World, accepted: Accepted) -> pack.Mail:
    """The mail kept for the first leg."""
    with world.gateway.store.glance() as unit:
        return pack.read_mail(unit.contents.get(TENANT, accepted.exchange, "parcel/1"))


def document_of(world: World, accepted: Accepted) -> str:
    """The identifier of the document an exchange made."""
    return pack.Earlier(UUID(accepted.exchange), world.exchange(accepted).accepted_at).document.root


def destinations(world: World, accepted: Accepted) -> set[str | None]:
    return {leg.destination for leg in world.legs(accepted)}


def test_a_newer_version_names_the_older_and_goes_to_those_who_have_it(every_world: World) -> None:
    first = leave(every_world, every_world.report_to("sophie.bernard", "hugo.petit"))
    second = leave(every_world, replace(every_world))
    assert destinations(every_world, second) == {SOPHIE, HUGO}
    assert {leg.state for leg in every_world.legs(second)} <= {LegState.HANDED_OVER, LegState.READ}
    mail = mail_of(every_world, second)
    assert mail.subject.startswith("XDM/1.0/DDM+Annule et remplace - ")
    assert "annule et remplace" in mail.text
    assert mail.archive is not None
    (document,) = pack.read_archive(mail.archive).documents
    older, newer = pack.read_archive(mail_of(every_world, first).archive or b"").documents[0], document.cda().header
    assert document.entry.action == "replace"
    assert newer.replaces == older.cda().header.id
    assert (newer.set_id, newer.version) == (older.cda().header.set_id, 2)


def test_a_cancellation_goes_to_everyone_who_holds_the_report_and_says_nothing_of_it(every_world: World) -> None:
    world = every_world
    first = leave(world, world.report_to("sophie.bernard", "silent"))
    taken = leave(world, cancel(world))
    assert destinations(world, taken) == {SOPHIE, SILENT}
    assert {leg.chosen_because for leg in world.legs(taken)} == {"a cancellation: received the report"}
    assert {leg.state for leg in world.legs(taken)} <= {LegState.HANDED_OVER, LegState.READ}
    mail = mail_of(world, taken)
    assert mail.subject.startswith("XDM/1.0/DDM+Annulation d'un document ")
    assert "ne doit plus être utilisé" in mail.text
    assert mail.archive is not None
    (document,) = pack.read_archive(mail.archive).documents
    assert document.entry.action == "delete"
    assert document.entry.unique_id == document_of(world, first)
    everything = repr((mail.text, mail.subject, document.data, document.entry))
    assert BASE["report"]["title"] not in everything
    assert BASE["report"]["type"] not in everything
    assert world.gateway.store.verify().whole


def test_a_cancellation_leaves_in_spite_of_objections_and_a_newer_version_does_not(world: World) -> None:
    leave(world, world.report_to("sophie.bernard"))
    whom = Objector(local_id=LocalId("1.2.250.1.999.42", "P-42"))
    record_objection(world.gateway, world.caller, Statement(patient=whom))
    second = leave(world, replace(world))
    assert {(leg.state, leg.reason) for leg in world.legs(second)} == {(LegState.DENIED, "objection")}
    taken = leave(world, cancel(world))
    assert destinations(world, taken) == {SOPHIE}
    assert world.leg(taken).state in (LegState.HANDED_OVER, LegState.READ)


def test_those_the_sender_or_a_route_adds_hear_nothing_of_a_report_they_never_had(world: World) -> None:
    leave(world, world.report_to("sophie.bernard"))
    taken = leave(world, cancel(world, recipients=[{"rpps": "10100034569"}]))
    assert destinations(world, taken) == {SOPHIE}


def test_what_has_not_left_is_cancelled_when_the_newer_word_is_accepted(every_world: World) -> None:
    world = every_world
    waiting = world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    steer_leg(world.gateway, world.caller, waiting.exchange, 2, "hold")
    second = replace(world)
    assert {(leg.state, leg.reason) for leg in world.legs(waiting)} == {(LegState.CANCELLED, "report-replaced")}
    told = world.audited(kind="leg-moved", reason="report-replaced", by=second.exchange)
    assert sorted(entry["leg"] for entry in told) == [1, 2]
    cancel(world, "CR-2")
    assert (world.exchange(second).state, world.exchange(second).reason) == (
        ExchangeState.CANCELLED, "report-cancelled",
    )  # fmt: skip
    assert world.audited(kind="exchange-moved", exchange=second.exchange, reason="report-cancelled")
    leave(world, second)
    assert world.legs(second) == ()


def test_a_report_nobody_received_is_taken_back_in_silence(world: World) -> None:
    world.report_to("sophie.bernard")
    taken = leave(world, cancel(world))
    assert (world.exchange(taken).state, world.exchange(taken).reason) == (ExchangeState.PREPARED, "nobody-received")
    assert world.legs(taken) == ()


def test_one_whose_parcel_may_have_arrived_is_told_and_it_is_not_sent_again(every_world: World) -> None:
    world = every_world
    first = world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    with world.gateway.store.unit() as unit:  # a worker claims a leg, and dies
        leg = unit.legs.next(world.clock(), ["mssante"])
        assert leg is not None
        unit.legs.start(leg, "dead", world.clock(), world.gateway.pace.lease)
        unit.audit(
            Entry(
                kind="attempt-started", at=world.clock(), tenant=TENANT, actor="worker:dead", exchange=leg.exchange,
                leg=leg.n,
            )
        )  # fmt: skip
    world.end_leases()
    world.recover()
    taken = leave(world, cancel(world))
    begun, other = (next(one for one in world.legs(first) if (one.n == leg.n) is same) for same in (True, False))
    assert (begun.state, begun.reason, len(begun.attempts)) == (LegState.FAILED, "report-cancelled", 1)
    assert may_have_left(begun)
    assert (other.state, other.attempts) == (LegState.CANCELLED, ())
    assert destinations(world, taken) == {begun.destination}


def test_a_person_cannot_send_again_what_was_taken_back(world: World) -> None:
    first = leave(world, world.report_to("bounce", "sophie.bernard"))
    world.pass_time(seconds=1)
    failed = next(leg for leg in world.legs(first) if leg.destination == "bounce@b.mssante.test")
    with world.gateway.store.unit() as unit:
        unit.legs.move(failed, LegState.FAILED, reason="bounced")
        unit.audit(
            Entry(
                kind="receipt-received", at=world.clock(), tenant=TENANT, actor="gateway", exchange=first.exchange,
                leg=failed.n,
            )
        )  # fmt: skip
    cancel(world)
    steer_leg(world.gateway, world.caller, first.exchange, failed.n, "retry")
    world.send()
    stopped = world.legs(first)[failed.n - 1]
    assert (stopped.state, stopped.reason, len(stopped.attempts)) == (LegState.CANCELLED, "report-cancelled", 1)


def test_a_version_stands_again_once_all_newer_ones_are_taken_back() -> None:
    def told(id: str, **more: Any) -> Event:
        tree = BASE | {"id": f"E-{id}", "report": {**BASE["report"], "id": id, "version": None, **more}}
        tree["type"] = "report.replaced" if more else "report.shared"
        tree["report"] = {name: value for name, value in tree["report"].items() if value is not None}
        return read_event({name: value for name, value in tree.items() if name not in ("team", "recipients")})

    def taken_back(id: str) -> Event:
        tree = BASE | {"id": f"C-{id}", "type": "report.cancelled", "report": {"id": id, "reason": "error"}}
        return read_event({name: value for name, value in tree.items() if name not in ("team", "recipients")})

    memory = Replayed([told("R-1"), told("R-2", replaces="R-1")])
    assert [why_withdrawn(memory, id) for id in ("R-1", "R-2", "R-9")] == ["report-replaced", None, None]
    memory.count(told("R-3", replaces="R-2"))
    memory.count(taken_back("R-2"))
    assert [why_withdrawn(memory, id) for id in ("R-1", "R-2")] == ["report-replaced", "report-cancelled"]
    memory.count(taken_back("R-3"))
    assert why_withdrawn(memory, "R-1") is None


def test_a_newer_version_without_document_gets_its_page_in_every_form(world: World) -> None:
    leave(world, world.report_to("sophie.bernard"))
    second = leave(world, replace(world, document=None))
    mail = mail_of(world, second)
    with world.gateway.store.glance() as unit:
        bundle = json.loads(unit.contents.get(TENANT, second.exchange, "bundle"))
    (page,) = (one["resource"]["data"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Binary")
    assert base64.b64decode(page) == mail.pdfs[0][1]


def test_a_dry_run_of_a_cancellation_shows_who_would_hear_of_it(world: World) -> None:
    leave(world, world.report_to("sophie.bernard", "hugo.petit"))
    tree = BASE | {"id": "E-9", "type": "report.cancelled", "report": {"id": BASE["report"]["id"], "reason": "error"}}
    body = json.dumps({name: value for name, value in tree.items() if name not in ("team", "recipients")}).encode()
    _, _, told = preview(world.gateway, world.caller, body, "canonical")
    assert {leg["address"] for leg in told["legs"]} == {SOPHIE, HUGO}
    assert {leg["gate"]["verdict"] for leg in told["legs"]} == {"permit"}


def test_a_report_is_taken_back_once(world: World) -> None:
    leave(world, world.report_to("sophie.bernard"))
    cancel(world)
    with pytest.raises(Rejected) as again:
        cancel(world, id="E-4")
    assert [fault.code for fault in again.value.faults] == ["report-cancelled"]
