"""A receipt moves the right leg and only that one; whatever else arrives moves nothing, and is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.deliver import Collected
from gateway.journey.settle import settle
from gateway.model.exchange import LegState
from gateway.model.identity import MailAddress
from gateway.pack import write_mdn
from tests.journey.conftest import World

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RECIPIENT = "silent@b.mssante.test"


def arrive(world: World, raw: bytes) -> None:
    """A mail lies in our mailbox, and is collected and settled."""
    message = Collected("app@msp-deux-ponts.a.mssante.test", f"1/{abs(hash(raw)) % 10**6 + 1}", raw)
    with world.gateway.store.unit() as unit:
        digest = world.gateway.seal(raw)
        assert unit.mail.add(message.mailbox, message.handle, digest, raw, world.clock()) is not None
        unit.audit(*_collected(world))
    settle(world.gateway, world.reader, "test")


def mdn(
    world: World, exchange: str, *, reporter: str = RECIPIENT, recipient: str = RECIPIENT, outcome: str = "displayed"
) -> bytes:
    with world.gateway.store.glance() as unit:
        original = unit.contents.get(world.caller.tenant, exchange, "parcel/1")
    return write_mdn(
        original,
        reporter=MailAddress(reporter),
        final_recipient=MailAddress(recipient),
        message_id="answer@b.mssante.test",
        at=NOW,
        outcome=outcome,
        nil="DEV000000",
    )


@pytest.fixture
def sent(world: World) -> tuple[World, str]:
    """One parcel, handed over to a mailbox that never answers by itself."""
    accepted = world.report_to("silent")
    world.prepare()
    world.send()
    assert world.leg(accepted).state is LegState.HANDED_OVER
    return world, accepted.exchange


def state(world: World, exchange: str) -> LegState:
    with world.gateway.store.glance() as unit:
        (leg,) = unit.legs.of(world.caller.tenant, exchange)
    return leg.state


def test_a_receipt_of_the_recipient_moves_the_leg(sent: tuple[World, str]) -> None:
    world, exchange = sent
    arrive(world, mdn(world, exchange))
    assert state(world, exchange) is LegState.READ


def test_an_error_after_reading_is_a_refusal_and_both_facts_are_kept(sent: tuple[World, str]) -> None:
    world, exchange = sent
    arrive(world, mdn(world, exchange))
    arrive(world, mdn(world, exchange, outcome="902"))
    assert state(world, exchange) is LegState.REFUSED
    said = [(entry["facts"]["says"], entry["facts"]["moved"]) for entry in world.audited(kind="receipt-received")]
    assert said == [("read", True), ("refused", True)]


@pytest.mark.parametrize(
    "forged",
    [
        {"reporter": "mallory@b.evil.test"},
        {"recipient": "hugo.petit@b.mssante.test"},
    ],
)
def test_a_forged_receipt_moves_nothing_and_is_kept_unmatched(sent: tuple[World, str], forged: dict[str, str]) -> None:
    world, exchange = sent
    arrive(world, mdn(world, exchange, **forged))
    assert state(world, exchange) is LegState.HANDED_OVER
    assert world.audited(kind="receipt-unmatched", outcome="unmatched")


def test_a_receipt_for_another_message_moves_nothing(sent: tuple[World, str]) -> None:
    world, exchange = sent
    with world.gateway.store.glance() as unit:
        (leg,) = unit.legs.of(world.caller.tenant, exchange)
    assert leg.message_id is not None
    arrive(world, mdn(world, exchange).replace(leg.message_id.encode(), b"another@a.mssante.test"))
    assert state(world, exchange) is LegState.HANDED_OVER


@pytest.mark.parametrize("raw", [b"", b"\xff" * 5000, b"Subject: bonjour\r\n\r\nsalut\r\n", b"A" * 2_000_000])
def test_other_mail_is_kept_and_keeps_nobody_waiting(sent: tuple[World, str], raw: bytes) -> None:
    world, exchange = sent
    arrive(world, raw)
    arrive(world, mdn(world, exchange))
    assert state(world, exchange) is LegState.READ


def test_a_receipt_that_comes_before_its_attempt_is_written_down_waits_for_it(world: World) -> None:
    accepted = world.report_to("silent")
    world.prepare()
    with world.gateway.store.unit() as unit:  # claimed, sent and answered, but the worker has not said so yet
        leg = unit.legs.next(world.clock(), ["mssante"])
        assert leg is not None
        unit.legs.start(leg, "slow", world.clock(), world.gateway.pace.lease)
        unit.audit(*_collected(world, exchange=leg.exchange, leg=leg.n))
    arrive(world, mdn(world, accepted.exchange))
    assert world.leg(accepted).state is LegState.ATTEMPTED
    world.end_leases()
    world.recover()
    settle(world.gateway, world.reader, "test")
    assert world.leg(accepted).state is LegState.READ


def _collected(world: World, exchange: str | None = None, leg: int | None = None) -> tuple[object, ...]:
    from gateway.model.audit import Entry

    tenant = world.caller.tenant if exchange else ""
    kind = "attempt-started" if exchange else "mail-collected"
    return (Entry(kind=kind, at=world.clock(), tenant=tenant, actor="worker:test", exchange=exchange, leg=leg),)
