"""One transaction → one event, whoever made it: ours by what they name, others' by the guide they follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.model import form
from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event
from gateway.model.faults import Fault, Notice, Place
from gateway.model.known import Known
from gateway.model.people import Patient
from gateway.translate.fhir import from_bundle
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, said
from gateway.translate.fhir.others.expression import Origins, expression
from gateway.translate.fhir.others.page import Page
from gateway.translate.fhir.others.report import read_document
from gateway.translate.fhir.others.spoken import speaker, the_patient
from gateway.translate.fhir.others.team import read_circle
from gateway.translate.fhir.others.unread import changes_meaning, unread
from gateway.translate.fhir.remainder import tree_of

TOLD_LIMIT = 100
"""Places told that no field of the event holds: beyond, one word says that there are more."""
_OURS = {"CareTeam": "team", "DocumentReference": "report", "Patient": "patient"}


@dataclass(frozen=True, slots=True)
class Understood:
    """The event of a transaction, and what its sender should know: places are FHIRPath in `Notice.about`.

    parts    where each part of the event was read
    against  what was known of the team, when that decided which event it is
    """

    event: Event
    notices: tuple[Notice, ...]
    parts: Mapping[str, Place]
    against: Known | None

    def point(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Faults found later, with their place in the Bundle (JSON Pointer)."""
        origins = Origins(self.parts)
        return tuple(origins.place(fault) for fault in faults)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What of the memory a transaction may need: whom it is about, the ids of what it speaks of, and its own if any."""

    patient: Patient | None
    ids: tuple[str, ...]
    event: str | None


def speaks_of(bundle: Any, terms: Terms) -> Mentioned:
    """Look before reading: nothing is refused here but what is no Bundle. Raises Rejected `not-a-bundle`."""
    page = _page(bundle, terms, "", datetime.min.replace(tzinfo=UTC))
    try:
        patient: Patient | None = form.read(Patient, the_patient(page))
    except Rejected:
        patient = None
    identified = (one for kind in ("CareTeam", "CarePlan") for one in page.received.all(kind))
    values = (one.text("value") for node in identified for one in node.each("identifier"))
    event = page.received.bundle.one("identifier").text("value")
    return Mentioned(patient, tuple(dict.fromkeys(value for value in values if value)), event)


def read_transaction(
    bundle: Any,
    known: Known,
    terms: Terms,
    *,
    issuer: str,
    now: datetime,
    id: str,
    reports: Sequence[str] = (),
    sender: JSON | None = None,
) -> Understood:
    """The event a transaction tells, and what is to be told of it.

    known    what is known BEFORE the event
    issuer   whose ids its logical ids are (tenant and client)
    now      when it came: when it happened, if the Bundle does not say
    id       the event's id, if the Bundle has no identifier
    reports  ids of the reports known of this patient
    sender   who speaks, if the Bundle does not say: a canonical tree

    Raises Rejected with every fault at once, each with a JSON Pointer into the Bundle: those of `from_bundle`, and
    `unknown-participant`, `team-known`, `several-changes`, `no-change`, `no-event-for-change`, `no-versions`,
    `document-differs`, `unsupported-patch`, `unknown-modifier`.
    """
    page = _page(bundle, terms, issuer, now)
    page.sender = sender
    event = _ours(page, bundle, known) if page.received.tag() else _theirs(page, known, id, reports)
    if unknown := [place for place in unread(bundle, page.seen) if changes_meaning(place)]:
        raise Rejected(Fault("unknown-modifier", pointer=_pointer(place)) for place in unknown)
    against = known if page.received.all("CareTeam") else None
    return Understood(event, tuple(_notices(page, bundle)), page.parts, against)


def _page(bundle: Any, terms: Terms, issuer: str, now: datetime) -> Page:
    seen: set[Place] = set()
    return Page(received=Received(bundle, terms, seen), terms=terms, issuer=issuer, now=now, seen=seen)


def _ours(page: Page, bundle: JSON, known: Known) -> Event:
    page.parts.update({part: node.at for kind, part in _OURS.items() for node in page.received.all(kind)[:1]})
    try:
        return from_bundle(bundle, known, page.terms, seen=page.seen)
    except Rejected as bad:
        raise _placed(page, bad.faults) from None


def _theirs(page: Page, known: Known, id: str, reports: Sequence[str]) -> Event:
    bundle = page.received.bundle
    whom = the_patient(page)
    occurred_at = bundle.text("timestamp") or _submitted(page)
    if occurred_at is None:
        occurred_at = page.now.isoformat(timespec="seconds")
        page.tell("time-of-receipt", ("timestamp",))
    told = _told(page, known, occurred_at, reports)
    if not told["sender"]:
        page.refuse("no-sender", page.parts["sender"])
    tree = said(**{**told, "id": bundle.one("identifier").text("value") or id, "occurred_at": occurred_at})
    faults = list(page.faults)
    try:
        event = read_event({**tree, "patient": whom})
    except Rejected as bad:
        faults += [fault for fault in bad.faults if not (_no_sender(fault) and not told["sender"])]
    if faults:
        raise _placed(page, faults)
    return event


def _no_sender(fault: Fault) -> bool:
    """What `no-sender` says in the words of the guides: an event's own words name a field no Bundle has."""
    return (fault.code, fault.pointer) == ("missing-field", "/sender")


def _told(page: Page, known: Known, occurred_at: str, reports: Sequence[str]) -> JSON:
    """What this kind of event says beside the common part. One kind of transaction at a time."""
    circles, documents = page.received.all("CareTeam"), page.received.all("DocumentReference")
    patched = any(one.one("request").text("method") == "PATCH" for one in page.received.bundle.each("entry"))
    found = [f"CareTeam × {len(circles)}"] * bool(circles)
    found += [f"DocumentReference × {len(documents)}"] * bool(documents)
    if len(circles) + len(documents) > 1:
        raise _placed(page, [Fault("several-changes", about=", ".join(found), pointer="/entry"), *page.faults])
    if circles:
        told = read_circle(page, known, _day(occurred_at, page.now))
        known_ones = [tree_of(one) for one in known.team.team.structures] if known.team else []
        return {**told, "sender": speaker(page, [*told["team"].get("structures", ()), *known_ones], circles[0].at)}
    if documents or patched:
        told = read_document(page, reports)
        return told if told["sender"] else {**told, "sender": speaker(page, (), ())}
    raise _placed(page, [Fault("unsupported-transaction", pointer="/entry"), *page.faults])


def _submitted(page: Page) -> str | None:
    """When a document was submitted is when it was told (XDS submissionTime)."""
    return next((date for one in page.received.all("List") if (date := one.text("date")) and "T" in date), None)


def _day(occurred_at: str, now: datetime) -> Any:
    try:
        return datetime.fromisoformat(occurred_at[:10]).date()
    except ValueError:
        return now.date()  # told with the faults of the event


def _placed(page: Page, faults: Sequence[Fault]) -> Rejected:
    origins = Origins(page.parts)
    return Rejected(dict.fromkeys(origins.place(fault) for fault in faults))


def _notices(page: Page, bundle: JSON) -> Iterator[Notice]:
    yield from dict.fromkeys(page.notices)
    if page.received.all("CarePlan"):
        return  # none but ours may hold one, and theirs is the whole plan: much beside what changed
    places = list(unread(bundle, page.seen))
    yield from (Notice("not-kept", about=expression(place)) for place in places[:TOLD_LIMIT])
    if len(places) > TOLD_LIMIT:
        yield Notice("more-not-kept", about=str(len(places) - TOLD_LIMIT))


def _pointer(place: Place) -> str:
    return "".join(f"/{step}" for step in place)
