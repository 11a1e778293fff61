"""receive: a mail that is no receipt and holds a document, or a Bundle of ours, becomes items of our clients' inbox.

It is read in a child process under limits. What cannot be read stays stored, marked `not-understood`, and is counted;
its sender, who asked for a receipt, gets the error 906.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway import pack, translate
from gateway.journey.capped import Capped, TooMuch
from gateway.journey.gateway import Gateway
from gateway.journey.identity import kind_notices
from gateway.journey.minting import mint_id
from gateway.journey.notify import INBOX
from gateway.journey.quarantine import POISON, open_mail
from gateway.journey.refusal import pointer
from gateway.journey.reply import UNREADABLE, owe
from gateway.journey.spoken import spoken
from gateway.model.audit import Entry
from gateway.model.codes import Terms
from gateway.model.errors import Rejected, Unreachable
from gateway.model.event import Event, read_event, write_event
from gateway.model.faults import Notice
from gateway.model.form import Tree
from gateway.model.known import Known
from gateway.record import Item, MailState, Notification, Stale

if TYPE_CHECKING:
    from gateway.record import StoredMail, Unit

UNREAD: MailState = "not-a-receipt"
CANONICAL = "canonical"
NOTHING, NOBODY = "nothing-for-software", "no-client"  # a letter between people, or to nobody: no broken document
NOTICE_LIMIT = 50  # told of one document: an envelope is no place for thousands


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """What a mail holds for software: events as trees, what is told of each, and who sent it."""

    events: tuple[Tree, ...]
    notices: tuple[tuple[Notice, ...], ...]
    form: str
    sender: str | None
    message_id: str | None


def receive(gateway: Gateway, reader: Capped, worker: str) -> int:
    """Read every stored mail that is no receipt and was not read yet. Gives how many gave items."""
    with gateway.store.glance() as unit:
        waiting = unit.mail.waiting(state=UNREAD)
    return sum(_receive_surely(gateway, reader, mail, worker) for mail in waiting)


def read_letter(asked: tuple[bytes, Terms]) -> Letter:
    """The events of a mail, and how they stood in it: a Bundle a gateway attached, else each document of the archive.

    Runs in the child. Raises Rejected as the readers do; `events` is empty when nothing in it is meant for software.
    """
    raw, terms = asked
    mail = pack.read_mail(raw)
    read: tuple[tuple[Event, tuple[Notice, ...]], ...] = ()
    form = ""
    if mail.bundle:
        form, read = "bundle", tuple((event, ()) for event in _of_bundle(mail.bundle, terms))
    if mail.archive and not read:
        archive = pack.read_archive(mail.archive)
        form, read = (
            "document",
            tuple(
                pack.as_event(one.cda(), one.entry.action, [code.code for code in one.entry.confidentiality])
                for one in archive.documents  # with the masks the entry asks for: the document may not say them
            ),
        )
    trees = tuple(write_event(event) for event, _ in read)
    told = tuple(notices for _, notices in read)
    return Letter(events=trees, notices=told, form=form, sender=mail.sender, message_id=mail.message_id)


def _of_bundle(bundle: bytes, terms: Terms) -> tuple[Event, ...]:
    """None when it is not one of ours: the documents beside it then say what they can."""
    try:
        return (translate.from_bundle(translate.read_json(bundle), Known(), terms),)
    except Rejected:
        return ()


def _receive_surely(gateway: Gateway, reader: Capped, mail: StoredMail, worker: str) -> bool:
    try:
        return _receive_one(gateway, reader, mail, worker)
    except Unreachable:
        raise
    except Exception as defect:  # one mail that breaks us must not keep the others waiting
        return _not_understood(gateway, mail, type(defect).__name__, worker)


def _receive_one(gateway: Gateway, reader: Capped, mail: StoredMail, worker: str) -> bool:
    if not open_mail(gateway, mail):
        return _not_understood(gateway, mail, POISON, worker)
    with gateway.store.glance() as unit:
        raw = unit.mail.raw(mail.id, tenant=mail.tenant)
    try:
        letter = _read(reader, raw, gateway.terms)
    except Rejected as refused:
        return _not_understood(gateway, mail, ",".join(sorted({one.code for one in refused.faults})), worker)
    except TooMuch as broken:
        return _not_understood(gateway, mail, str(broken), worker)
    if gateway.refuse_wrong_keys and (wrong := _wrong_keys(letter)):
        return _not_understood(gateway, mail, wrong, worker)
    clients = _clients(gateway, mail)
    if not letter.events or not clients:
        return _not_understood(gateway, mail, NOTHING if clients else NOBODY, worker)
    try:
        return _keep(gateway, mail, letter, clients, worker)
    except Stale:
        return False  # another worker was faster: what it did counts


def _read(reader: Capped, raw: bytes, terms: Terms) -> Letter:
    """What it holds. One that only took too long is read once more: the machine may have been busy.

    Raises Rejected and TooMuch.
    """
    with suppress(TooMuch):
        return reader.call(read_letter, (raw, terms))
    return reader.call(read_letter, (raw, terms))


def _wrong_keys(letter: Letter) -> str:
    """The codes told of numbers that are not what they claim to be."""
    return ",".join(sorted({one.code for notices in letter.notices for one in notices} & pack.WRONG_KEYS))


def _clients(gateway: Gateway, mail: StoredMail) -> Sequence[str]:
    """Whom the mailbox is for: one software, or every one of the tenant it belongs to."""
    one = gateway.origins.client_of(mail.mailbox)
    return [one] if one else list(gateway.clients.get(mail.tenant, {}))


def _keep(gateway: Gateway, mail: StoredMail, letter: Letter, clients: Sequence[str], worker: str) -> bool:
    now = gateway.clock()
    events = [read_event(tree) for tree in letter.events]
    known = (kind_notices(event.patient.ins, production=gateway.production) for event in events)
    letter = replace(letter, notices=tuple((*told, *more) for told, more in zip(letter.notices, known, strict=True)))
    with gateway.store.unit() as unit:
        unit.mail.settled(mail.id, "received", tenant=mail.tenant, before=UNREAD)
        items = sum(
            _add(gateway, unit, mail, letter, client, n, event, now)
            for client in clients
            for n, event in enumerate(events, start=1)
        )
        facts: dict[str, str | int | bool] = {
            "mail": mail.id, "form": letter.form, "items": items, "clients": ",".join(clients),
            "types": ",".join(sorted({event.type for event in events})),
        }  # fmt: skip
        if told := sorted({notice.code for notices in letter.notices for notice in notices}):
            facts["notices"] = ",".join(told)
        unit.audit(_entry(mail, "inbox-received", now, worker, facts))
    return True


def _add(
    gateway: Gateway, unit: Unit, mail: StoredMail, letter: Letter, client: str, n: int, event: Event, now: datetime
) -> bool:
    """One document for one client: into its inbox, and to its address if it has one."""
    known = gateway.clients[mail.tenant][client]
    item = Item(
        tenant=mail.tenant,
        id=mint_id(now, gateway.draw),
        client=client,
        mail=mail.id,
        n=n,
        type=event.type,
        at=now,
    )
    dialect, data, media_type = _said(gateway, event, known.dialect)
    told = letter.notices[n - 1][:NOTICE_LIMIT]
    where = {
        "mailbox": mail.mailbox,
        "sentby": letter.sender,
        "messageid": letter.message_id,
        "notices": " ".join(f"{notice.code}:{pointer(notice.at)}" for notice in told),
    }
    body = pack.write_cloudevent(
        pack.CloudEvent(
            id=item.id,
            source=gateway.source(mail.tenant, client),
            type=INBOX,
            time=now,
            data=data,
            media_type=media_type,
            extensions={"dialect": dialect, **{name: word for name, word in where.items() if word}},
        )
    )
    added = unit.inbox.add(item, body)
    if added and known.is_called:
        notice = Notification(tenant=mail.tenant, id=item.id, client=client, type=INBOX, at=now, item=item.id)
        unit.notices.add(notice, None)
    return added


def _said(gateway: Gateway, event: Event, dialect: str) -> tuple[str, bytes, str]:
    """The event in the client's words; in ours when its dialect has none for it."""
    try:
        return dialect, *spoken(event, gateway.dialects.get(dialect))
    except translate.MappingFault:
        return CANONICAL, *spoken(event, gateway.dialects.get(CANONICAL))


def _not_understood(gateway: Gateway, mail: StoredMail, why: str, worker: str) -> bool:
    now = gateway.clock()
    with gateway.store.unit() as unit:
        try:
            unit.mail.settled(mail.id, "not-understood", tenant=mail.tenant, before=UNREAD)
        except Stale:
            return False
        unit.audit(_entry(mail, "mail-not-understood", now, worker, {"mail": mail.id, "why": why}))
        if why not in (NOTHING, NOBODY):
            owe(gateway, unit, mail, UNREADABLE, now, f"worker:{worker}")
    gateway.notice("mail not understood", mail=mail.id, why=why)
    return False


def _entry(mail: StoredMail, kind: str, now: datetime, worker: str, facts: dict[str, str | int | bool]) -> Entry:
    return Entry(kind=kind, at=now, tenant=mail.tenant, actor=f"worker:{worker}", facts=facts)
