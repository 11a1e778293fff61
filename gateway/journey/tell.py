"""tell: the next notification is posted to its client's software, in order, again and again on the written schedule.

At least once: what was posted and not written down before a process died is posted again under the same id.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.backoff import wait_before
from gateway.journey.gateway import Gateway
from gateway.journey.inbox import HAS_IT, take
from gateway.journey.quarantine import POISON, is_poison
from gateway.model.audit import Entry
from gateway.model.errors import Broken, Unreachable
from gateway.model.parcel import Parcel
from gateway.record import Erased, Missing, Notification, Stale

if TYPE_CHECKING:
    from gateway.record import Job, Unit

JOB = "notify"
ORIGIN = "passerelle"


def tell(gateway: Gateway, worker: str) -> bool:
    """Try the notification longest due, if any. True when there was one."""
    with gateway.store.unit() as unit:
        job = unit.jobs.claim(JOB, worker, gateway.clock(), gateway.pace.lease)
        if job is None:
            return False
        notice = unit.notices.get(job.tenant, job.exchange)
        if notice is None or notice.state != "pending":
            unit.jobs.done(job)
            return True
        if is_poison(gateway, job):
            _give_up(gateway, unit, job, notice, POISON, worker)
            return True
        try:
            body = _body(unit, notice)
        except Unreachable:
            raise
        except Exception as defect:  # erased, or unreadable: it must not hold up what stands behind it
            code = "erased" if isinstance(defect, (Erased, Missing)) else Broken.code
            _give_up(gateway, unit, job, notice, code, worker)
            return True
    with gateway.claims.keeping(job), suppress(Stale):  # Stale: whoever has it now writes down what they were answered
        _write_down(gateway, job, notice, _post(gateway, notice, body), worker)
    return True


def _give_up(gateway: Gateway, unit: Unit, job: Job, notice: Notification, code: str, worker: str) -> None:
    unit.jobs.done(job)
    unit.notices.tried(notice, "failed", job.tries, code, "")
    unit.audit(_ended(notice, "notice-failed", gateway.clock(), job.tries, code, worker))


def _body(unit: Unit, notice: Notification) -> bytes:
    if notice.item is None:
        return unit.notices.body(notice)
    item = unit.inbox.get(notice.tenant, notice.client, notice.item)
    if item is None:
        raise Missing("item")
    return unit.inbox.body(item)


def _post(gateway: Gateway, notice: Notification, body: bytes) -> DeliveryReport:
    known = gateway.clients.get(notice.tenant, {}).get(notice.client)
    if gateway.callbacks is None or known is None or not known.is_called:
        return DeliveryReport(Outcome.NEVER, "no-endpoint", "its callback is no longer in the settings")
    try:
        return gateway.callbacks.send(Parcel(notice.id, ORIGIN, f"{notice.tenant}/{notice.client}", body))
    except Unreachable as away:
        return DeliveryReport(Outcome.TRY_LATER, away.code, away.what)
    except Broken as fault:
        return DeliveryReport(Outcome.NEVER, fault.code, fault.what)


def _write_down(gateway: Gateway, job: Job, notice: Notification, report: DeliveryReport, worker: str) -> None:
    now, code = gateway.clock(), report.code
    again = None
    if report.outcome in (Outcome.TRY_LATER, Outcome.UNKNOWN):
        again = _again(gateway, notice, job.tries, report.wait_s, now)
        code = report.code if again else "schedule-used-up"
    with gateway.store.unit() as unit:
        if again:
            unit.jobs.again(job, again, code, with_lane=True)
            unit.notices.tried(notice, "pending", job.tries, code, report.detail)
            return
        unit.jobs.done(job)
        sent = report.outcome is Outcome.ARRIVED
        unit.notices.tried(notice, "sent" if sent else "failed", job.tries, code, report.detail)
        unit.audit(_ended(notice, "notice-sent" if sent else "notice-failed", now, job.tries, code, worker))
        if sent and notice.item:
            _acknowledge(gateway, unit, notice, now, worker)


def _again(gateway: Gateway, notice: Notification, tries: int, wait_s: int, now: datetime) -> datetime | None:
    """When to try again; None once the schedule is used up, also by the time it waited behind others of its client."""
    schedule = gateway.pace.schedule
    wait = wait_before(tries + 1, jitter=gateway.jitter(), schedule=schedule)
    if wait is None or now > notice.at + sum(schedule, timedelta()):
        return None
    return now + max(wait, timedelta(seconds=wait_s))


def _acknowledge(gateway: Gateway, unit: Unit, notice: Notification, now: datetime, worker: str) -> None:
    """Their software answered that it has the document: it need not ask for it any more."""
    assert notice.item is not None
    item = unit.inbox.get(notice.tenant, notice.client, notice.item)
    if item is not None:
        take(gateway, unit, item, HAS_IT, now, actor=f"worker:{worker}", by="callback")


def _ended(notice: Notification, kind: str, now: datetime, tries: int, code: str, worker: str) -> Entry:
    return Entry(
        kind=kind,
        at=now,
        tenant=notice.tenant,
        actor=f"worker:{worker}",
        exchange=notice.exchange,
        leg=notice.leg,
        facts={"notice": notice.id, "type": notice.type, "client": notice.client, "tries": tries, "code": code},
    )
