"""settle: a receipt moves the leg it belongs to, and only that one; every other mail stays where it is.

A receipt is believed only if its Message-ID is ours, its recipient the leg's, and it comes from where such a receipt
comes from (house rules: MDN from the recipient's mailbox or domain, DSN with an empty Return-Path). Anything else is
kept as `unmatched` and moves nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gateway import pack
from gateway.journey.capped import Capped, TooMuch
from gateway.journey.gateway import Gateway
from gateway.journey.quarantine import POISON, open_mail, set_apart
from gateway.model.audit import Entry
from gateway.model.dossier import Leg, ReceiptSeen
from gateway.model.errors import GatewayError, Rejected, Unreachable
from gateway.model.exchange import LegState, may_move
from gateway.model.identity import MailAddress
from gateway.record import Stale

if TYPE_CHECKING:
    from gateway.pack import Receipt
    from gateway.record import MailState, StoredMail, Unit


def settle(gateway: Gateway, reader: Capped, worker: str) -> int:
    """Read every stored mail not settled yet. Gives how many were."""
    with gateway.store.glance() as unit:
        waiting = unit.mail.waiting()
    return sum(_settle_surely(gateway, reader, mail, worker) for mail in waiting)


def _settle_surely(gateway: Gateway, reader: Capped, mail: StoredMail, worker: str) -> bool:
    try:
        return _settle_one(gateway, reader, mail, worker)
    except Unreachable:
        raise
    except Exception as defect:  # one mail that breaks us must not keep the others waiting
        return set_apart(gateway, mail, type(defect).__name__, worker)


def _settle_one(gateway: Gateway, reader: Capped, mail: StoredMail, worker: str) -> bool:
    if not open_mail(gateway, mail):
        return set_apart(gateway, mail, POISON, worker)
    with gateway.store.glance() as unit:
        raw = unit.mail.raw(mail.id, tenant=mail.tenant)
    try:
        receipt = reader.call(pack.read_receipt, raw)
    except (TooMuch, Rejected):
        receipt = None
    try:
        return _write_down(gateway, mail, receipt, worker)
    except Stale:
        return False  # another worker was faster: what it did counts
    except GatewayError:
        raise
    except Exception as defect:  # one mail that breaks us must not keep the others waiting
        gateway.notice("mail not understood", code=mail.id, defect=type(defect).__name__)
        return _write_down(gateway, mail, None, worker)


def _write_down(gateway: Gateway, mail: StoredMail, receipt: Receipt | None, worker: str) -> bool:
    now = gateway.clock()
    with gateway.store.unit() as unit:
        leg = unit.legs.by_message_id(receipt.original_message_id) if receipt and receipt.original_message_id else None
        if receipt is None or leg is None or not _belongs(receipt, leg):
            outcome: MailState = "unmatched" if receipt else "not-a-receipt"
            unit.mail.settled(mail.id, outcome, tenant=mail.tenant)
            unit.audit(_unmatched(mail, outcome, receipt, now, worker))
            return True
        if leg.state is LegState.ATTEMPTED:
            unit.mail.put_back(mail.id, tenant=mail.tenant)
            return False  # its attempt has not been written down yet: the receipt waits for it
        unit.mail.settled(mail.id, "settled", tenant=mail.tenant)
        _move(unit, leg, receipt, now, worker)
    return True


def _belongs(receipt: Receipt, leg: Leg) -> bool:
    if leg.message_id is None or leg.destination is None or leg.transport != "mssante" or leg.origin is None:
        return False
    return pack.belongs(
        receipt,
        message_id=leg.message_id,
        destination=MailAddress(leg.destination),
        origin=MailAddress(leg.origin),
    )


def _move(unit: Unit, leg: Leg, receipt: Receipt, now: datetime, worker: str) -> None:
    to = pack.verdict(receipt)
    moved = to is not None and may_move(leg.state, to)
    if moved:
        assert to is not None
        seen = ReceiptSeen(
            kind=receipt.kind, disposition=receipt.disposition, action=receipt.action, at=receipt.at or now
        )
        unit.legs.move(leg, to, reason=_reason(receipt, to), code=receipt.code, receipt=seen)
    unit.audit(
        Entry(
            kind="receipt-received",
            at=now,
            tenant=leg.tenant,
            actor=f"worker:{worker}",
            exchange=leg.exchange,
            leg=leg.n,
            facts={
                "receipt": receipt.kind,
                "from": leg.state.value,
                "says": to.value if to else "",
                "moved": moved,
                "reason": (_reason(receipt, to) if to else None) or "",
                "code": receipt.code or "",
                "disposition": receipt.disposition or receipt.action or "",
            },
        )
    )


def _reason(receipt: Receipt, to: LegState) -> str | None:
    if to is LegState.REFUSED:
        return "refused-by-software"
    return (receipt.cause or "bounced") if to is LegState.FAILED else None


def _unmatched(mail: StoredMail, outcome: str, receipt: Receipt | None, now: datetime, worker: str) -> Entry:
    return Entry(
        kind="receipt-unmatched" if receipt else "mail-collected",
        at=now,
        tenant=mail.tenant,
        actor=f"worker:{worker}",
        facts={"mail": mail.id, "outcome": outcome, "receipt": receipt.kind if receipt else ""},
    )
