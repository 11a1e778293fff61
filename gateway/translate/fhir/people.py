"""Professionals, members and relatives ⇄ PractitionerRole with Practitioner, RelatedPerson (Annuaire 1.1.0, CDS 2.0.1).

A person at work is a PractitionerRole (which site, which speciality) that points to a Practitioner (who).
"""

from __future__ import annotations

from uuid import uuid5

from gateway.model.codes import Coded, Terms
from gateway.model.identity import Scheme
from gateway.model.people import Professional
from gateway.model.team import Member
from gateway.translate.fhir import codes, names, places
from gateway.translate.fhir.mentions import exercise_key
from gateway.translate.fhir.node import JSON, Node, said
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Shelf

_PROFESSIONS = ("G15",)
_RELATIONSHIPS = ("R216",)
_UNREACHABLE = {"_system": names.absent(), "_value": names.absent()}  # FR Core 2.1.0 wants both of every ContactPoint
ROLES = ("R260", "R259")
"""The lists a bare role of a member belongs to."""


def refer(shelf: Shelf, person: Professional) -> JSON:
    """A Reference to the person at work; what this mention says otherwise than an earlier one stays on it."""
    reference: JSON = {"reference": _role(shelf, person)}
    keep(reference, type(person), tree_of(person), read_person(shelf.look(reference).target(), shelf.terms))
    return reference


def read_reference(node: Node, terms: Terms, kind: type[Professional] = Professional) -> JSON | None:
    """The professional a Reference names; None when there is no Reference."""
    return complete(node, kind, read_person(node.target(), terms)) if node else None


def refer_member(shelf: Shelf, member: Member, team: str) -> JSON:
    """A Reference to a member as FHIR knows them: PractitionerRole, RelatedPerson or Organization, with their id.

    What those do not say of the member stays with whoever refers (see remainder).
    """
    if member.kind == "related":
        key = f"related {team} {member.id}"
        system, value = shelf.ours("relative"), f"{team}/{member.id}"
        url = shelf.find(key) or shelf.put(key, _related(shelf, member, system, value), system, value)
    elif member.kind == "organization" and member.organization:
        url = places.refer(shelf, member.organization)["reference"]
    else:
        url = _role(shelf, member)
    return {"reference": url, "identifier": {"system": shelf.ours("member"), "value": member.id}}


def read_member(node: Node, terms: Terms) -> JSON:
    """What a Reference to a member says: id, and the professional, organisation or relative."""
    target, identifier = node.target(), node.one("identifier")
    id = identifier.text("value") if names.is_ours(identifier.text("system"), "member") else None
    match target.type():
        case "RelatedPerson":
            return said(id=id, related=_read_related(target, terms))
        case "Organization":
            return said(id=id, organization=places.read_reference(node))
        case _:
            person = read_person(target, terms)
            first = person.get("ids") or [{}]
            return said(id=id or person.get("rpps") or first[0].get("value"), **person)


def _role(shelf: Shelf, person: Professional) -> str:
    key, mss = exercise_key(person), shelf.mentions.mailbox(person)
    if found := shelf.find(f"role {key}"):
        return found
    known = person.rpps or person.ids
    system = names.ours("exercise")
    value = str(uuid5(names.NAMESPACE, key)) if known else shelf.mint("role", key)
    mailbox = {
        "extension": [
            {"url": names.EMAIL_TYPE, "valueCoding": {"system": names.MESSAGING, "code": "MSSANTE"}},
        ],
        "system": "email",
        "value": mss.text if mss else "",
    }
    specialty = Coded(code=person.specialty) if person.specialty else None
    resource = {
        "resourceType": "PractitionerRole",
        "meta": {"profile": [names.PRACTITIONER_ROLE]},
        **said(
            identifier=[{"system": system, "value": value}],
            practitioner=_practitioner(shelf, person),
            organization=places.refer(shelf, person.organization) if person.organization else None,
            code=[{"text": person.function}] if person.function else [],
            specialty=[codes.concept(shelf.terms, specialty, "R38")] if specialty else [],
            telecom=[mailbox] if mss else [],
        ),
    }
    return shelf.put(f"role {key}", resource, system, value)


def _practitioner(shelf: Shelf, person: Professional) -> JSON | None:
    if not (person.rpps or person.ids or person.name or person.profession):
        return None
    key = f"practitioner {_key(person)}"
    if found := shelf.find(key):
        return {"reference": found}
    person = shelf.mentions.person(person)
    # as-practitioner has room for one national number (IDNPS), and none for ADELI ones beside it.
    adeli = [one for one in person.ids if one.scheme is Scheme.ADELI][0 if person.rpps else 1 :]
    found_ids = [places.identifier(one) for one in person.ids if one not in adeli]
    if person.rpps:
        national = {"use": "official", "type": places.typed("IDNPS"), "system": names.IDNPS}
        found_ids = [
            {"type": places.typed("RPPS"), "system": names.RPPS, "value": person.rpps.number},
            {**national, "value": person.rpps.national},
            *found_ids,
        ]
    if not found_ids:
        found_ids = [{"system": shelf.ours("person"), "value": shelf.mint(key)}]
    name = said(family=person.family, given=[person.given] if person.given else [])
    job = codes.concept(shelf.terms, person.profession, *_PROFESSIONS) if person.profession else None
    resource = {
        "resourceType": "Practitioner",
        "meta": {"profile": [names.PRACTITIONER]},
        **said(identifier=found_ids, name=[name] if name else [], qualification=[{"code": job}] if job else []),
    }
    return {"reference": shelf.put(key, resource, found_ids[0]["system"], found_ids[0]["value"])}


def _key(person: Professional) -> str:
    word = person.profession.code if person.profession and not (person.rpps or person.ids or person.name) else ""
    return person.key + word


def read_person(node: Node, terms: Terms) -> JSON:
    """What a PractitionerRole with its Practitioner, or a Practitioner alone, says of a professional."""
    return node.once(Professional, lambda: _read_person(node, terms))


def _read_person(node: Node, terms: Terms) -> JSON:
    practitioner = node if node.type() == "Practitioner" else node.one("practitioner").target()
    ids: list[JSON] = []
    rpps = None
    for one in practitioner.each("identifier"):
        system, value = one.text("system"), one.text("value")
        if system == names.RPPS or (system == names.IDNPS and (value or "").startswith("8")):
            rpps = rpps or (value if system == names.RPPS else (value or "")[1:])
        elif found := places.read_identifier(one):
            ids.append(found)
    name = next(iter(practitioner.each("name")), practitioner.one("absent"))
    job = next(iter(practitioner.each("qualification")), practitioner.one("absent")).one("code")
    tree = said(
        rpps=rpps,
        ids=ids,
        family=name.text("family"),
        given=" ".join(name.texts("given")) or None,
        profession=codes.read_concept(terms, job, *_PROFESSIONS),
    )
    if node.type() != "PractitionerRole":
        return tree
    mailboxes = (one.text("value") for one in node.each("telecom") if one.extension(names.EMAIL_TYPE))
    return tree | said(
        specialty=next((code for one in node.each("specialty") if (code := codes.read_code(one))), None),
        function=next((text for one in node.each("code") if (text := one.text("text"))), None),
        organization=places.read_reference(node.one("organization")),
        mss=next(mailboxes, None),
    )


def _related(shelf: Shelf, member: Member, system: str, value: str) -> JSON:
    related = member.related
    assert related is not None
    role = next((role for role in member.roles if shelf.terms.find(role.code, "R260")), None)
    undefined = {"coding": [{"system": names.ROLE_CLASS, "_code": names.absent()}]}
    relationship = [codes.concept(shelf.terms, Coded(code=role.code, list="R260")) if role else undefined]
    if related.relationship:
        relationship.append(codes.concept(shelf.terms, related.relationship, *_RELATIONSHIPS))
    return {
        "resourceType": "RelatedPerson",
        "meta": {"profile": [names.RELATED_PERSON]},
        "identifier": [{"system": system, "value": value}],
        "patient": {"reference": shelf.patient},
        "relationship": relationship,
        "name": [{"text": related.name, "_family": names.absent()}],  # the event does not part the name
        "telecom": [{"system": "phone", "value": related.phone} if related.phone else _UNREACHABLE],
    }


def _read_related(node: Node, terms: Terms) -> JSON:
    found = None
    for concept in node.each("relationship"):
        if not any(code.text("system") == names.ROLE_CLASS for code in concept.each("coding")):
            found = found or codes.read_concept(terms, concept, *_RELATIONSHIPS)
    phones = (one.text("value") for one in node.each("telecom") if one.text("value"))
    return said(name=read_name(node), relationship=found, phone=next(phones, None))


def read_name(node: Node) -> str | None:
    """A name in one line: its text, else its parts."""
    several = isinstance(node.value.get("name"), list)  # a contact of the patient has one
    for name in node.each("name") if several else [node.one("name")]:
        parts = " ".join((*name.texts("given"), name.text("family") or "")).strip()
        if whole := name.text("text") or parts:
            return whole
    return None
