"""The frame every event travels in: a transaction Bundle that names its event, says who speaks, and keeps the rest.

`Bundle.identifier` is the event's id, `Bundle.meta.tag` its type, `Bundle.timestamp` when it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import Event, write_event
from gateway.model.faults import Fault, Place
from gateway.model.known import Known
from gateway.model.people import Sender
from gateway.translate.fhir import names, patient, people
from gateway.translate.fhir.node import JSON, Node, Sources, said
from gateway.translate.fhir.remainder import complete, keep, long
from gateway.translate.fhir.shelf import Entries, searched

SPOKEN_BY = names.extension("spoken-by")
TOLD = names.extension("told")


class Kind(Protocol):
    """How one kind of event is written as resources and read from them; one file each.

    profile  what the bundle claims to be; None where no guide has such a one
    shape    our own profile of it, which prepare holds it to
    """

    event: type[Event]
    profile: str | None
    shape: str

    def write(self, event: Any, known: Known, entries: Entries) -> JSON:
        """Put the event's resources; returns what must stand in `Bundle.meta` besides (extensions), often nothing."""
        ...

    def read(self, received: Received, known: Known) -> JSON:
        """The canonical fields of this kind, the common ones left out."""
        ...

    def fits(self, received: Received, known: Known) -> bool:
        """Whether an untagged bundle may be of this kind, given what is known."""
        ...


class Received:
    """A bundle being read: its resources by type and by reference, and every fault so far.

    seen  gathers the places of what is looked at (see Sources)
    """

    def __init__(self, bundle: Any, terms: Terms, seen: set[Place] | None = None) -> None:
        self.terms, self.sources = terms, Sources(seen)
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise Rejected([Fault("not-a-bundle")])
        self.bundle = Node(bundle, self.sources)
        self._by_kind: dict[str, list[Node]] = {}
        self._patched: list[tuple[str, str, str]] = []
        for entry in self.bundle.each("entry"):
            resource = entry.one("resource").alone()
            type = resource.text("resourceType") or ""
            self._by_kind.setdefault(type, []).append(resource)
            if url := entry.text("fullUrl"):
                self.sources.offer(url, resource)
            if id := resource.text("id"):  # as a server's own references have it
                self.sources.offer(f"{type}/{id}", resource)
            request = entry.one("request")
            kind, _, query = (request.text("url") or "").partition("?")
            if request.text("method") == "PATCH" and (found := searched(query)):
                self._patched.append((kind, *found))

    def all(self, kind: str) -> list[Node]:
        """Every resource of that type."""
        return self._by_kind.get(kind, [])

    def narrow(self, kind: str, fits: Callable[[Node], bool]) -> None:
        """Look from now on only at the resources of that type that fit."""
        self._by_kind[kind] = [one for one in self.all(kind) if fits(one)]

    def the(self, kind: str) -> Node:
        """The one resource of that type; another number of them is a fault."""
        found = self.all(kind)
        if len(found) != 1:
            code = "bad-resource" if found else "missing-field"
            self.sources.faults.append(Fault(code, about=kind, pointer="/entry"))
        return found[0] if found else self.bundle.one("absent")

    def entry(self, resource: Node) -> Node:
        """The entry that holds that resource; absent for one that is in none."""
        place = resource.at[:2]
        return next((one for one in self.bundle.each("entry") if one.at == place), self.bundle.one("absent"))

    def patched(self, kind: str) -> list[tuple[str, str]]:
        """System and value of the identifier of each resource of that type that a PATCH changes where it is."""
        return [(system, value) for name, system, value in self._patched if name == kind]

    @property
    def meta(self) -> Node:
        """Where the bundle itself says things: tag and extensions."""
        return self.bundle.one("meta")

    def told(self) -> set[str]:
        """The fields the event told of its team or plan, where the bundle carries the whole."""
        return {name for one in self.meta.extension(TOLD).each("extension") if (name := one.text("valueCode"))}

    def tag(self) -> str | None:
        """The event type the bundle names."""
        tags = (one.text("code") for one in self.meta.each("tag") if one.text("system") == names.EVENT_TYPE)
        return next(tags, None)


def telling(fields: Iterable[str]) -> JSON:
    """What says in `Bundle.meta` which fields the event told, its id aside, where the bundle carries the whole."""
    told = [{"url": "field", "valueCode": name} for name in sorted({*fields} - {"id"})]
    return {TOLD: {"extension": told}} if told else {}


def write(kind: Kind, event: Event, known: Known, terms: Terms, issuer: str) -> JSON:
    """The bundle of an event."""
    entries = Entries(event, known, terms, issuer)
    closed = kind.profile == names.PROVIDE_DOCUMENT
    entries.patient = patient.put(entries, event, closed=closed)
    beside = kind.write(event, known, entries)
    if not closed:
        beside = {**beside, SPOKEN_BY: {"valueReference": people.refer(entries, event.sender)}}
    meta = said(
        profile=[kind.profile] if kind.profile else [],
        tag=[{"system": names.EVENT_TYPE, "code": event.type}],
        extension=[{"url": url, **value} for url, value in beside.items()],
    )
    bundle = {
        "resourceType": "Bundle",
        "meta": meta,
        "identifier": {"system": names.EVENT_ID, "value": event.id},
        "type": "transaction",
        "timestamp": event.occurred_at.text,
        "entry": entries.entries,
    }
    tree = long(kind.event, {**write_event(event), "patient": patient.outgoing(event, entries)})
    tree.pop("type")
    keep(meta, kind.event, tree, _read(kind, Received(bundle, terms), known))
    return bundle


def read(kind: Kind, received: Received, known: Known) -> JSON:
    """The canonical tree of a bundle of that kind; what is wrong with it is in `received.sources.faults`."""
    tree = complete(received.meta, kind.event, _read(kind, received, known))
    return {"type": kind.event.type, **tree}


def _read(kind: Kind, received: Received, known: Known) -> JSON:
    bundle, terms = received.bundle, received.terms
    common = said(
        id=bundle.one("identifier").text("value"),
        occurred_at=bundle.text("timestamp"),
        sender=people.read_reference(received.meta.extension(SPOKEN_BY).one("valueReference"), terms, Sender),
        patient=patient.read(received.the("Patient"), terms),
    )
    return common | kind.read(received, known)
