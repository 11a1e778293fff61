"""watch: the log is verified on demand, and the verdict is written into it, so that everyone sees the last one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.record import Verdict

_alone = Lock()


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """What the last verification found, and when. `tail_checked`: whether a signed checkpoint was compared."""

    at: datetime
    whole: bool
    entries: int
    tail_checked: bool


def verify_log(gateway: Gateway, caller: Caller) -> Verdict | None:
    """Recompute the whole log and compare it with the last checkpoint signed here; None while another one does.

    It reads every entry once: some seconds for a hundred thousand.
    """
    if not _alone.acquire(blocking=False):
        return None
    try:
        note = gateway.notary.latest()
        verdict = gateway.store.verify([note] if note else [], gateway.notary.verifier)
        with gateway.store.unit() as unit:
            facts: dict[str, str | int | bool] = {
                "whole": verdict.whole,
                "entries": verdict.entries,
                "tail_checked": verdict.tail_checked,
                "why": verdict.why or "",
            }
            unit.audit(
                Entry(kind="log-verified", at=gateway.clock(), tenant=caller.tenant, actor=caller.actor, facts=facts)
            )
    finally:
        _alone.release()
    return verdict


def last_verdict(gateway: Gateway) -> LastVerdict | None:
    """The last verification anybody asked for; None when there was none, or its record was purged."""
    with gateway.store.glance() as unit:
        kept = unit.log.last_of("log-verified")
    if kept is None or kept.record is None:
        return None
    record = json.loads(kept.record)
    facts = record["facts"]
    return LastVerdict(datetime.fromisoformat(record["at"]), facts["whole"], facts["entries"], facts["tail_checked"])
