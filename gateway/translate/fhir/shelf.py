"""Where the resources an event speaks of are put: as entries of their own, or contained in a document's description."""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import quote, unquote
from uuid import uuid5

from gateway.model.codes import Terms
from gateway.model.event import Event
from gateway.model.known import Known
from gateway.translate.fhir import names
from gateway.translate.fhir.mentions import Mentions
from gateway.translate.fhir.node import JSON, Node, Sources


class Shelf(Protocol):
    """Holds each resource once, under a key that means the same thing each time it is spoken of."""

    terms: Terms
    mentions: Mentions
    patient: str

    def find(self, key: str) -> str | None:
        """The reference under which that resource was put, None when it was not."""
        ...

    def put(self, key: str, resource: JSON, system: str, value: str) -> str:
        """Put a resource, known to others by that identifier; returns how to refer to it."""
        ...

    def ours(self, word: str) -> str:
        """The identifier system of that word of the event's issuer."""
        ...

    def look(self, element: JSON) -> Node:
        """An element being written, readable with everything put so far."""
        ...

    def mint(self, *words: str) -> str:
        """A UUID for something of this event, always the same for the same words."""
        ...


class Entries:
    """Entries of a transaction bundle. What may exist elsewhere is a conditional create: repeating it is harmless."""

    def __init__(self, event: Event, known: Known, terms: Terms, issuer: str) -> None:
        self.terms, self.patient = terms, ""
        self.mentions = Mentions(event, known)
        self.entries: list[JSON] = []
        self._issuer = issuer
        # An id is unique for one client only: the seed says more, or two events could share a patient.
        seed = (issuer, event.type, event.id, event.occurred_at.text, event.sender.key)
        self._seed = uuid5(names.NAMESPACE, "\n".join(seed))
        self._put: dict[str, str] = {}
        self._sources = Sources()

    def find(self, key: str) -> str | None:
        """See Shelf."""
        return self._put.get(key)

    def put(self, key: str, resource: JSON, system: str, value: str) -> str:
        """See Shelf."""
        create = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": search(system, value)}
        return self.add(key, resource, create)

    def add(self, key: str, resource: JSON, request: JSON, url: str = "") -> str:
        """Put a resource with that very request, under `url` or one minted from its key."""
        url = url or f"urn:uuid:{self.mint(key)}"
        self.entries.append({"fullUrl": url, "resource": resource, "request": request})
        self._put[key] = url
        self._sources.offer(url, self.look(resource))
        return url

    def ours(self, word: str) -> str:
        """See Shelf."""
        return names.ours(word, self._issuer)

    def look(self, element: JSON) -> Node:
        """See Shelf."""
        return Node(element, self._sources)

    def mint(self, *words: str) -> str:
        """See Shelf."""
        return str(uuid5(self._seed, " ".join(words)))


class Contained:
    """Resources contained in one that must stand alone (PDSm wants the authors of a document there)."""

    def __init__(self, entries: Entries) -> None:
        self.terms, self.mentions, self.patient = entries.terms, entries.mentions, entries.patient
        self.resources: list[JSON] = []
        self._entries = entries
        self._put: dict[str, str] = {}

    def find(self, key: str) -> str | None:
        """See Shelf."""
        return self._put.get(key)

    def put(self, key: str, resource: JSON, system: str, value: str) -> str:
        """See Shelf."""
        kind = str(resource["resourceType"])
        id = f"{kind.lower()}-{len(self.resources) + 1}"
        self.resources.append({"resourceType": kind, "id": id, **resource})
        self._put[key] = f"#{id}"
        return f"#{id}"

    def ours(self, word: str) -> str:
        """See Shelf."""
        return self._entries.ours(word)

    def look(self, element: JSON) -> Node:
        """See Shelf."""
        return self._entries.look({**element, "contained": self.resources})

    def mint(self, *words: str) -> str:
        """See Shelf."""
        return self._entries.mint(*words)


def search(system: str, value: str) -> str:
    """The search that finds a resource by its identifier, for If-None-Exist and conditional updates."""
    value = re.sub(r"([\\$,|])", r"\\\1", value)  # R4 search §3.1.1.3, escaping
    return f"identifier={quote(system, safe='')}|{quote(value, safe='')}"


def searched(query: str) -> tuple[str, str] | None:
    """The system and value such a search names, None when it is no such search."""
    name, _, token = query.partition("=")
    system, bar, value = token.partition("|")
    if name != "identifier" or not bar or "&" in token:
        return None
    return unquote(system), re.sub(r"\\([\\$,|])", r"\1", unquote(value))
