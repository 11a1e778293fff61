"""record: what is kept. State, jobs, contents and the audit entry of each change, in one commit of one database.

with store.unit() as unit:      # kept whole when the block ends, or not at all
    unit.exchanges.open(exchange)
    unit.audit(Entry(kind="event-accepted", …))   # without it the unit cannot commit

with store.glance() as unit:    # reads one moment's picture, in nobody's way
    unit.exchanges.search(tenant)
"""

from __future__ import annotations

from gateway.record.answers import Answer
from gateway.record.books import Pages
from gateway.record.causes import Cause
from gateway.record.checkpoint import Checkpoint, Notary, read_checkpoint
from gateway.record.clock import Seen
from gateway.record.duties import Duty
from gateway.record.exchanges import Page
from gateway.record.export import export_lines
from gateway.record.fronts import Front
from gateway.record.inbox import Item
from gateway.record.jobs import Job
from gateway.record.keys import Credential, KeySeen, Role
from gateway.record.lease import boot_id, since_boot
from gateway.record.log import Head, Kept, read_record
from gateway.record.mail import MailState, StoredMail
from gateway.record.migrate import upgrade
from gateway.record.note import BadNote, Signer, Verifier
from gateway.record.notices import Notification
from gateway.record.proof import Proven, verify_proof, write_proof
from gateway.record.recipients import Standing
from gateway.record.replies import Reply, ReplyState
from gateway.record.servers import Silence
from gateway.record.sessions import Session
from gateway.record.steering import Alike, Target
from gateway.record.store import Store, Unit, is_empty, open_store
from gateway.record.totals import Total
from gateway.record.transaction import Clash
from gateway.record.troubles import Erased, Missing, Silent, Stale, Taken, WrongMove
from gateway.record.uploads import CHUNK, Arriving, Upload
from gateway.record.vault import Vault
from gateway.record.verify import WHY, Verdict
from gateway.record.wake import EVERYTHING, Wake

__all__ = [
    "CHUNK",
    "EVERYTHING",
    "WHY",
    "Alike",
    "Answer",
    "Arriving",
    "BadNote",
    "Cause",
    "Checkpoint",
    "Clash",
    "Credential",
    "Duty",
    "Erased",
    "Front",
    "Head",
    "Item",
    "Job",
    "Kept",
    "KeySeen",
    "MailState",
    "Missing",
    "Notary",
    "Notification",
    "Page",
    "Pages",
    "Proven",
    "Reply",
    "ReplyState",
    "Role",
    "Seen",
    "Session",
    "Signer",
    "Silence",
    "Silent",
    "Stale",
    "Standing",
    "Store",
    "StoredMail",
    "Taken",
    "Target",
    "Total",
    "Unit",
    "Upload",
    "Vault",
    "Verdict",
    "Verifier",
    "Wake",
    "WrongMove",
    "boot_id",
    "export_lines",
    "is_empty",
    "open_store",
    "read_checkpoint",
    "read_record",
    "since_boot",
    "upgrade",
    "verify_proof",
    "write_proof",
]
