"""The logical ids this gateway answers: what it takes in has one, and is recognised by it when it is spoken of again.

They are computed, not kept: the same thing of the same issuer always has the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid5

from gateway.model.codes import Terms
from gateway.model.team import Member
from gateway.translate.fhir import names, people, places
from gateway.translate.fhir.node import Node


def logical_id(issuer: str, type: str, key: str) -> str:
    """The `Resource.id` of what `key` names among the resources of that type of that issuer."""
    return str(uuid5(names.NAMESPACE, "\n".join(("logical id", issuer, type, key))))


def key_of(resource: Node, terms: Terms) -> str | None:
    """What names a resource for good: a number of a national register as it is, any other with its system.

    A professional at work is named by that place of work where it has a number (`PractitionerRole.identifier`), for the
    same person may be a member twice; else as the Practitioner.
    """
    if resource.type() == "Practitioner" and (rpps := people.read_person(resource, terms).get("rpps")):
        return str(rpps)
    for one in resource.each("identifier"):
        system, value = one.text("system"), one.text("value")
        if value and not names.is_ours(system):
            found = places.read_identifier(one)
            national = system == names.RPPS or (found and found["scheme"] != "LOCAL")
            return value if national or not system else f"{system}|{value}"
    if resource.type() == "PractitionerRole" and (practitioner := resource.one("practitioner").target()):
        return key_of(practitioner, terms) if practitioner.type() == "Practitioner" else None
    return None


def keys_of_member(member: Member) -> Iterator[str]:
    """The keys a known member may have had when its logical id was answered."""
    yield member.id
    if member.rpps:
        yield member.rpps.number
    if member.organization and not member.rpps:
        yield from (one.value for one in member.organization.identifiers)
