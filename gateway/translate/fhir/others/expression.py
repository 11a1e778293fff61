"""Places of a Bundle as FHIRPath, and the places of an event's fields in the Bundle they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.model.faults import Fault, Place

_ELEMENTS: dict[str, dict[str, str]] = {
    "patient": {
        "ins": "identifier",
        "local_id": "identifier",
        "other_ids": "identifier",
        "identity_status": "extension",
        "identity_flags": "extension",
        "birth_name": "name",
        "first_given_name": "name",
        "given_names": "name",
        "used_name": "name",
        "used_given_name": "name",
        "sex": "gender",
        "birth_date": "birthDate",
        "birth_place": "extension",
        "birth_rank": "multipleBirthInteger",
        "multiple_birth": "multipleBirthBoolean",
        "deceased_at": "deceasedDateTime",
        "address": "address",
        "telecom": "telecom",
        "treating_physician": "generalPractitioner",
        "contacts": "contact",
    },
    "team": {
        "id": "identifier",
        "name": "name",
        "status": "status",
        "since": "period.start",
        "until": "period.end",
        "structures": "managingOrganization",
        "reasons": "reasonCode",
        "members": "participant",
    },
    "member": {"roles": "role", "since": "period.start", "until": "period.end"},
    "report": {
        "id": "masterIdentifier",
        "title": "description",
        "type": "type",
        "created_at": "content[0].attachment.creation",
        "authors": "author",
        "signed_by": "authenticator",
        "custodian": "custodian",
        "service_start": "context.period.start",
        "service_end": "context.period.end",
        "acts": "context.event",
        "facility": "context.facilityType",
        "setting": "context.practiceSetting",
        "encounter": "context.encounter",
        "language": "content[0].attachment.language",
        "confidentiality": "securityLabel",
        "masks": "securityLabel",
        "replaces": "relatesTo",
        "document": "content[0].attachment",
        "reason": "",
    },
}
_REPEATED = frozenset({"members", "structures", "authors", "telecom", "contacts"})
"""Lists whose items stand in the same order in the element."""


def expression(place: Place) -> str:
    """A path through the Bundle as FHIRPath: ("entry", 0, "resource") → `Bundle.entry[0].resource`."""
    return "Bundle" + "".join(f"[{step}]" if isinstance(step, int) else "." + step.lstrip("_") for step in place)


def of_pointer(pointer: str) -> str:
    """A JSON Pointer into the Bundle as FHIRPath."""
    steps = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    return expression(tuple(int(step) if step.isascii() and step.isdecimal() else step for step in steps))


@dataclass(frozen=True, slots=True)
class Origins:
    """Where each part of an event was read: its first step (`patient`, `team`, `member`…) → a place of the Bundle."""

    parts: Mapping[str, Place] = field(default_factory=dict)

    def place(self, fault: Fault) -> Fault:
        """The fault with the place of its field in the Bundle, as a JSON Pointer; the Bundle itself when unknown."""
        if fault.pointer:
            return fault
        part = str(fault.at[0]) if fault.at else ""
        base = self.parts.get(part)
        steps = () if base is None else (*base, *self._element(part, fault.at[1:]))
        pointer = "".join(f"/{step}" for step in steps)
        return Fault(fault.code, fault.at, fault.about, pointer)

    def _element(self, part: str, below: Place) -> Place:
        name = str(below[0]) if below else ""
        element = _ELEMENTS.get(part, {}).get(name, "")
        steps: list[str | int] = []
        for step in filter(None, element.split(".")):
            word, _, index = step.partition("[")
            steps += [word, int(index[:-1])] if index else [word]
        if name in _REPEATED and len(below) > 1 and isinstance(below[1], int):
            steps.append(below[1])
        return tuple(steps)
