"""What a Bundle says that nobody looked at while it was read: it goes no further, and its sender is told so.

Told is the highest element of which nothing was read. What says nothing of its own is passed over: ids, links,
narrative made of the rest, labels of codes that were read, and what the frame of a transaction needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.model.faults import Place
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON

_FRAME = frozenset({"resourceType", "id", "fullUrl", "request", "search", "response", "link", "reference"})
_META = frozenset({"meta.profile", "meta.lastUpdated", "meta.versionId", "meta.source"})
_LABELS = frozenset({"text", "display", "system", "use", "rank", "version", "userSelected", "type", "assigner"})
"""Beside something that was read, these say it once more or say how to read it."""

_OF_TYPE = {
    "Bundle": {"type", "identifier", "timestamp"},
    "CareTeam": {"subject"},
    "List": {"status", "mode", "code", "identifier", "subject", "entry", "date"},
    "DocumentReference": {
        "status", "category", "subject", "masterIdentifier", "identifier", "date", "relatesTo.code", "content.format",
        "content.attachment.hash", "content.attachment.size", "content.attachment.title", "content.attachment.url",
        "context.sourcePatientInfo",
    },
    "Binary": {"contentType", "data"},
    "Encounter": {"status", "subject"},
    "RelatedPerson": {"patient"},
}  # fmt: skip
"""What is made of other fields again, or was looked at by other means."""

_WITHIN = frozenset({names.DESIGNATION_TYPE, names.SOURCE_ID, f"{names.MHD}/StructureDefinition/ihe-sourcePatientId"})
"""What a submission set says of itself."""

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def unread(bundle: JSON, seen: set[Place]) -> Iterator[Place]:
    """The places of what was not looked at, in the order of the Bundle."""
    looked = (place for place in seen if place[-1] not in ("resourceType", "id", "fullUrl"))
    above = {place[:end] for place in looked for end in range(len(place) + 1)}
    return _Walk(seen, above, set(_addresses(bundle))).object(bundle, (), "Bundle", "")


def changes_meaning(place: Place) -> bool:
    """Whether what stands there changes the meaning of the rest: who does not know it must not take it (R4 §2.1.5)."""
    return "modifierExtension" in place or place[-1] == "implicitRules"


class _Walk:
    """above  the places below which something was looked at; here: what references within the Bundle may say"""

    def __init__(self, seen: set[Place], above: set[Place], here: set[str]) -> None:
        self._seen, self._above, self._here = seen, above, here

    def object(self, value: JSON, at: Place, type: str, within: str) -> Iterator[Place]:
        """What was not looked at below an object, that stands at the path `within` of a resource of that type."""
        if isinstance(value.get("resourceType"), str):
            type, within = value["resourceType"], ""
        for name, item in value.items():
            path = f"{within}.{name}" if within else name
            if not self._passed(name, item, (*at, name), path, type):
                yield from self._item(item, (*at, name), type, path)

    def _passed(self, name: str, item: Any, place: Place, path: str, type: str) -> bool:
        if name in _FRAME or place in self._seen or path in _META or path in _OF_TYPE.get(type, ()):
            return True
        if path == "language" or (path == "active" and item is True) or (path == "text" and _is_narrative(item)):
            return True
        label = name in _LABELS or (name == "url" and "extension" in place[-3:])
        return label and place[:-1] in self._above

    def _item(self, item: Any, place: Place, type: str, path: str) -> Iterator[Place]:
        if isinstance(item, list):
            for index, one in enumerate(item):
                yield from self._item(one, (*place, index), type, path)
        elif not isinstance(item, dict):
            yield place
        elif place in self._above or path == "meta":
            yield from self.object(item, place, type, path)
        elif not self._says_nothing(item):
            yield place

    def _says_nothing(self, item: JSON) -> bool:
        """A link to what is told by itself, a number of ours, the patient once more, a status looked at elsewhere."""
        if _says_absent(item) or item.get("url") in _WITHIN or item.get("resourceType") in ("Parameters", "Patient"):
            return True
        reference = item.get("reference")
        if isinstance(reference, str):
            return reference.startswith("#") or reference in self._here
        system = item.get("system")
        return isinstance(system, str) and names.is_ours(system)


def _addresses(bundle: JSON) -> Iterator[str]:
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield str(entry.get("fullUrl"))
            yield f"{resource.get('resourceType')}/{resource.get('id')}"


def _is_narrative(item: Any) -> bool:
    """Made of the rest of the resource; one that says more (`additional`) is not."""
    return isinstance(item, dict) and item.get("status") in ("generated", "extensions", "empty")


def _says_absent(item: JSON) -> bool:
    inside = item.get("extension")
    return isinstance(inside, list) and any(isinstance(one, dict) and one.get("url") == _ABSENT for one in inside)
