"""reply: whoever sent us a document is told what became of it: the receipt they asked for, or the error that was said.

Written once, in a child process under limits, from the mail as it came, and then carried like a leg: the same bytes and
Message-ID at every attempt, on the written schedule, an unknown outcome included: a receipt that comes twice harms
nobody. It leaves with an empty envelope sender, so that nothing is ever sent back because of it.
RFC 8098 §2.1 and §3; RFC 3834; CI-SIS, struct-msg-mdn and struct-email-standard.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway import pack
from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.backoff import wait_before
from gateway.journey.capped import Capped, TooMuch
from gateway.journey.gateway import Gateway
from gateway.journey.minting import mint_id
from gateway.journey.quarantine import POISON, is_poison
from gateway.model.audit import Entry
from gateway.model.errors import Broken, Rejected, Unreachable
from gateway.model.identity import MailAddress
from gateway.model.parcel import Parcel
from gateway.record import Erased, Missing, Reply, ReplyState, Stale, Taken

if TYPE_CHECKING:
    from gateway.record import Job, StoredMail, Unit

JOB = "reply"
PROCESSED = "processed"
UNREADABLE = "906"  # table 0533: any other error

_MSSANTE = "mssante"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answered:
    """A mail, and what is to be said of it.

    only_as_receipt  nobody read it: then only who asked is told
    """

    original: bytes
    mailbox: MailAddress
    outcome: str
    only_as_receipt: bool
    message_id: str
    at: datetime
    nil: str


def owe(
    gateway: Gateway, unit: Unit, mail: StoredMail, outcome: str, now: datetime, actor: str, client: str | None = None
) -> None:
    """Say this of a mail to its sender, unless something is said of it already or its mailbox does not answer."""
    if not gateway.origins.answers(mail.mailbox):
        return
    reply = Reply(
        tenant=mail.tenant,
        id=mint_id(now, gateway.draw),
        mail=mail.id,
        mailbox=mail.mailbox,
        outcome=outcome,
        client=client,
        at=now,
    )
    if unit.replies.add(reply):
        unit.audit(_entry(reply, "reply-owed", now, actor, client=client or ""))


def write_reply(asked: Answered) -> tuple[str, bytes] | None:
    """To whom, and the mail; None when nothing may be sent. Runs in the child. Raises Rejected as the readers do."""
    raw, outcome = asked.original, asked.outcome
    if to := pack.receipt_wanted(raw):
        mdn = pack.write_mdn(
            raw,
            reporter=asked.mailbox,
            final_recipient=asked.mailbox,
            message_id=asked.message_id,
            at=asked.at,
            outcome=outcome,
            nil=asked.nil,
        )
        return to.text, mdn
    to = None if outcome == PROCESSED or asked.only_as_receipt else pack.refusal_wanted(raw)
    if to is None:
        return None
    refusal = pack.write_ko_mail(
        raw, reporter=asked.mailbox, message_id=asked.message_id, at=asked.at, code=outcome, nil=asked.nil
    )
    return to.text, refusal


def reply(gateway: Gateway, reader: Capped, worker: str) -> bool:
    """Try the reply longest due, if any. True when there was one."""
    with gateway.store.unit() as unit:
        job = unit.jobs.claim(JOB, worker, gateway.clock(), gateway.pace.lease)
        if job is None:
            return False
        found = unit.replies.get(job.tenant, job.exchange)
        if found is None or found.state != "pending":
            unit.jobs.done(job)
            return True
    if is_poison(gateway, job):
        _end(gateway, job, found, "not-sent", POISON, "", worker)
        return True
    with gateway.claims.keeping(job), suppress(Stale, Taken):  # whoever has it now writes down what they were answered
        _answer(gateway, reader, job, found, worker)
    return True


def _answer(gateway: Gateway, reader: Capped, job: Job, one: Reply, worker: str) -> None:
    letter = _letter(gateway, reader, one)
    if isinstance(letter, str):
        _end(gateway, job, one, "not-sent", letter, "", worker)
        return
    destination, body = letter
    now = gateway.clock()
    with gateway.store.unit() as unit:
        if one.destination is None:
            unit.replies.keep(one, destination, body)
        unit.jobs.renew(job, gateway.pace.lease)  # Stale when it is another's by now: then nothing leaves here
        unit.audit(_entry(one, "reply-started", now, f"worker:{worker}", attempt=job.tries))
    _write_down(gateway, job, one, _carry(gateway, one, destination, body), worker)


def _letter(gateway: Gateway, reader: Capped, one: Reply) -> tuple[str, bytes] | str:
    """To whom, and the mail: as it is kept, or written now. A word when there is none to send."""
    try:
        with gateway.store.glance() as unit:
            if one.destination is not None:
                return one.destination, unit.replies.body(one)
            raw = unit.mail.raw(one.mail, tenant=one.tenant)
        return _write_within_limits(gateway, reader, one, raw) or "not-asked"
    except (Erased, Missing):
        return "erased"
    except (Rejected, TooMuch):
        return "unreadable"


def _write_within_limits(gateway: Gateway, reader: Capped, one: Reply, raw: bytes) -> tuple[str, bytes] | None:
    """Tried twice when it only took too long: the machine may have been busy."""
    asked = Answered(
        original=raw,
        mailbox=MailAddress(one.mailbox),
        outcome=one.outcome,
        only_as_receipt=one.client is None,
        message_id=_message_id(one),
        at=gateway.clock(),
        nil=gateway.software.nil,
    )
    with suppress(TooMuch):
        return reader.call(write_reply, asked)
    return reader.call(write_reply, asked)


def _message_id(one: Reply) -> str:
    return f"{one.id}@{MailAddress(one.mailbox).domain}"


def _carry(gateway: Gateway, one: Reply, destination: str, body: bytes) -> DeliveryReport:
    """One attempt, into the trust space only."""
    white_list, transport = gateway.white_list(), gateway.transports.get(_MSSANTE)
    if white_list is None or not white_list.usable(gateway.clock()):
        return DeliveryReport(Outcome.TRY_LATER, "white-list-missing", "")
    if not white_list.allows(MailAddress(destination).domain):
        return DeliveryReport(Outcome.NEVER, "not-in-white-list", "")
    if transport is None:
        return DeliveryReport(Outcome.NEVER, "no-mailbox", "")
    try:
        return transport.send(Parcel(_message_id(one), one.mailbox, destination, body, returns=False))
    except Unreachable as away:
        return DeliveryReport(Outcome.TRY_LATER, away.code, away.what)
    except Broken as fault:
        return DeliveryReport(Outcome.NEVER, fault.code, fault.what)


def _write_down(gateway: Gateway, job: Job, one: Reply, report: DeliveryReport, worker: str) -> None:
    now = gateway.clock()
    if report.outcome in (Outcome.ARRIVED, Outcome.HANDED_OVER):
        _end(gateway, job, one, "sent", report.code, report.detail, worker)
        return
    wait = wait_before(job.tries + 1, jitter=gateway.jitter(), schedule=gateway.pace.schedule)
    if report.outcome is Outcome.NEVER or wait is None:
        _end(gateway, job, one, "failed", report.code, report.detail, worker)
        return
    with gateway.store.unit() as unit:
        unit.jobs.again(job, now + max(wait, timedelta(seconds=report.wait_s)), report.code)
        unit.replies.tried(one, "pending", job.tries, report.code, report.detail)
        unit.audit(_entry(one, "reply-tried", now, f"worker:{worker}", state="pending", code=report.code))


def _end(gateway: Gateway, job: Job, one: Reply, state: ReplyState, code: str, detail: str, worker: str) -> None:
    with gateway.store.unit() as unit:
        unit.jobs.done(job)
        unit.replies.tried(one, state, job.tries, code, detail)
        unit.audit(_entry(one, "reply-tried", gateway.clock(), f"worker:{worker}", state=state, code=code))


def _entry(one: Reply, kind: str, now: datetime, actor: str, **facts: str | int | bool) -> Entry:
    about = {"reply": one.id, "mail": one.mail, "says": one.outcome, **facts}
    return Entry(kind=kind, at=now, tenant=one.tenant, actor=actor, facts=about)
