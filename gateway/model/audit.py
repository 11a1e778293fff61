"""An entry of the audit log: what happened, to which exchange, by whom. Never content, never a name.

Patients appear as their random handle. The catalogue is domain knowledge: an entry of another kind cannot be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

KINDS = frozenset({
    "event-accepted", "event-rejected", "exchange-moved", "gate-decision", "leg-created", "leg-moved", "leg-settled",
    "attempt-started", "attempt-result", "receipt-received", "receipt-unmatched", "mail-collected", "mail-forgotten",
    "mail-not-understood", "inbox-received", "inbox-acknowledged", "notice-sent", "notice-failed",
    "reply-owed", "reply-started", "reply-tried",
    "objection-recorded", "objection-withdrawn", "key-created", "key-revoked", "access-refused",
    "signed-in", "signed-out", "log-verified",
    "audit-searched", "audit-exported", "checkpoint-signed", "content-read", "content-purged",
    "document-converted", "document-not-converted",
    "content-uploaded", "content-refused", "content-expired", "records-purged",
    "disk-full", "disk-free", "deadlines-moved",
    "server-closed", "server-opened",
    "books-differ", "books-agree",
    "clock-step", "gateway-started", "gateway-stopped", "configuration-changed",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact for the log, before it has its place (`seq`), its salt and its hash.

    at       wall clock, UTC
    actor    who did it: `client:logimed`, `key:ab12`, `worker:host-1234`, `gateway`
    facts    short words and numbers only: states, codes, rule ids, sizes, keyed digests
    """

    kind: str
    at: datetime
    tenant: str
    actor: str
    exchange: str | None = None
    leg: int | None = None
    patient: str | None = None
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of audit entry: {self.kind}")
        if self.at.tzinfo is None:
            raise ValueError("an audit entry needs an aware time")
