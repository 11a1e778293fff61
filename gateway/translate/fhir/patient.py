"""The patient ⇄ Patient (FR Core 2.1.0; the INS profile only when the identity is qualified and whole).

The one loss of this translation: an INS that is not qualified stays inside (RNIV, INS/va1.53). When it is all that
identifies the patient, an identifier of ours that means nothing outside the event takes its place.
"""

from __future__ import annotations

from gateway.model import form
from gateway.model.codes import Coded, Terms
from gateway.model.event import Event
from gateway.model.identity import Identifier, InsKind, Scheme
from gateway.model.people import Address, Contact, Patient, TreatingPhysician
from gateway.translate.fhir import codes, names, people, places
from gateway.translate.fhir.node import JSON, Node, said, span
from gateway.translate.fhir.remainder import complete, keep, long, tree_of
from gateway.translate.fhir.shelf import Contained, Entries, Shelf, search

_SEX = {"M": "male", "F": "female", "U": "unknown"}
_GENDER = {gender: sex for sex, gender in _SEX.items()}
_STATUS = {"qualified": "VALI", "validated": "VALI", "provisional": "PROV", "retrieved": "VIDE"}
_FLAGS = {"homonym": "HOMD", "doubtful": "DOUT", "fictitious": "FICT"}
_FLAG_OF = {code: flag for flag, code in _FLAGS.items()}
_INS_OIDS = {f"urn:oid:{kind.oid}": kind for kind in InsKind}


def outgoing(event: Event, shelf: Shelf) -> JSON:
    """The patient's tree as others may see it: without an INS that is not qualified."""
    patient, tree = event.patient, long(Patient, form.write(event.patient))
    if patient.outgoing_ins is None:
        tree.pop("ins", None)
    may_leave = [form.write(one) for one in patient.outgoing_local_ids]
    tree.update(said(other_ids=[one for one in tree.pop("other_ids", []) if one in may_leave]))
    if tree.get("local_id") not in may_leave:
        tree.pop("local_id", None)
    if "ins" not in tree and "local_id" not in tree:
        tree["local_id"] = {"system": shelf.ours("patient-of-event"), "value": shelf.mint("patient")}
    return dict(tree)


def put(entries: Entries, event: Event, *, closed: bool = False) -> str:
    """Put the patient's entry; returns how to refer to it.

    `closed` when the bundle has no room for the treating physician (PDSm): they are then contained in the Patient.
    """
    tree, inside = outgoing(event, entries), Contained(entries)
    resource = _resource(entries, event.patient, tree)
    doctor = event.patient.treating_physician
    if doctor and not (doctor.none or doctor.unknown):
        resource["generalPractitioner"] = [people.refer(inside if closed else entries, doctor)]
    if inside.resources:
        resource["contained"] = inside.resources
    keep(resource, Patient, tree, _read(entries.look(resource), entries.terms))
    first = resource["identifier"][0]
    create = {"method": "POST", "url": "Patient", "ifNoneExist": search(first["system"], first["value"])}
    return entries.add("patient", resource, create)


def contain(shelf: Contained, event: Event) -> str:
    """The same patient inside a document's description (sourcePatientInfo)."""
    return shelf.put("patient", _resource(shelf, event.patient, outgoing(event, shelf)), "", "")


def read(node: Node, terms: Terms) -> JSON:
    """The canonical patient of a Patient resource."""
    return complete(node, Patient, _read(node, terms))


def _resource(shelf: Shelf, patient: Patient, tree: JSON) -> JSON:
    return {
        "resourceType": "Patient",
        "meta": {"profile": [names.PATIENT_INS if _whole(patient) else names.PATIENT]},
        **said(
            extension=_extensions(patient),
            identifier=_identifiers(patient, tree),
            name=_names(patient),
            telecom=[said(system=one.system, value=one.value, use=one.use) for one in patient.telecom],
            gender=_SEX.get(patient.sex or ""),
            birthDate=patient.birth_date.text if patient.birth_date else None,
            deceasedDateTime=patient.deceased_at.text if patient.deceased_at else None,
            address=[_address(patient.address)] if patient.address and tree_of(patient.address) else [],
            multipleBirthInteger=patient.birth_rank,
            multipleBirthBoolean=patient.multiple_birth if patient.birth_rank is None else None,
            contact=[_contact(shelf, one) for one in patient.contacts],
        ),
    }


def _whole(patient: Patient) -> bool:
    named = patient.birth_name and patient.first_given_name and patient.given_names
    traits = (named, patient.sex, patient.birth_place)
    return bool(patient.outgoing_ins and all(traits) and patient.birth_date)


def _identifiers(patient: Patient, tree: JSON) -> list[JSON]:
    found = []
    if ins := patient.outgoing_ins:
        use = "temp" if ins.kind is InsKind.NIA else "official"
        system = f"urn:oid:{ins.kind.oid}"
        found.append({"use": use, "type": places.typed(f"INS-{ins.kind}"), "system": system, "value": ins.number})
    for local in [*([tree["local_id"]] if "local_id" in tree else []), *tree.get("other_ids", [])]:
        kind = {"coding": [{"system": names.HL7_IDENTIFIER_TYPES, "code": "PI"}]}
        one = places.identifier(Identifier(Scheme.LOCAL, local["value"], local["system"]), "usual")
        found.append({**one, "type": kind})
    return found


def _names(patient: Patient) -> list[JSON]:
    found = []
    if patient.birth_name or patient.names:
        given = [patient.first_given_name] if patient.first_given_name else []
        whole = {"url": names.GIVEN_NAMES, "valueString": " ".join(patient.given_names)}
        absent: JSON = {} if given else {"_given": [names.absent()]}
        absent |= {} if patient.birth_name else {"_family": names.absent()}
        extensions = [whole] if patient.given_names else []
        official = said(extension=extensions, use="official", family=patient.birth_name, given=given)
        found.append({**official, **absent})
    if patient.used_name or patient.used_given_name:
        given = [patient.used_given_name] if patient.used_given_name else []
        found.append(said(use="usual", family=patient.used_name, given=given))
    return found


def _extensions(patient: Patient) -> list[JSON]:
    states = [_STATUS[patient.identity_status], *(_FLAGS[flag] for flag in patient.identity_flags)]
    found: list[JSON] = [
        {
            "url": names.RELIABILITY,
            "extension": [{"url": "identityStatus", "valueCoding": {"system": names.IDENTITY_STATES, "code": state}}],
        }
        for state in states
    ]
    if patient.birth_place:
        insee = {"url": names.INSEE_CODE, "valueCoding": {"system": names.COMMUNE, "code": patient.birth_place}}
        found.append({"url": names.BIRTH_PLACE, "valueAddress": {"extension": [insee]}})
    return found


def _address(address: Address) -> JSON:
    insee = {"url": names.INSEE_CODE, "valueCoding": {"system": names.COMMUNE, "code": address.insee}}
    return said(
        extension=[insee] if address.insee else [],
        line=list(address.lines),
        postalCode=address.postal_code,
        city=address.city,
        country=address.country,
    )


def _contact(shelf: Shelf, contact: Contact) -> JSON:
    relationship = [codes.concept(shelf.terms, Coded(code=contact.role, list="R260"))]
    if contact.relationship:
        relationship.append(codes.concept(shelf.terms, contact.relationship, "R216"))
    element = said(
        relationship=relationship,
        name={"text": contact.name},
        telecom=[{"system": "phone", "value": contact.phone}] if contact.phone else [],
        period=span(contact.since, contact.until) or None,
    )
    keep(element, Contact, tree_of(contact), _read_contact(shelf.look(element), shelf.terms))
    return element


def _read(node: Node, terms: Terms) -> JSON:
    states = [
        one.one("valueCoding").text("code")
        for extension in node.each("extension")
        if extension.value.get("url") == names.RELIABILITY
        for one in extension.each("extension")
        if one.value.get("url") == "identityStatus"
    ]
    tree = _read_identifiers(node)
    sure = "qualified" if "ins" in tree else "validated"
    named = {"VALI": sure, "PROV": "provisional", "VIDE": "retrieved"}
    official = _name(node, "official")
    usual = _name(node, "usual")
    doctors = [people.read_reference(one, terms, TreatingPhysician) for one in node.each("generalPractitioner")]
    return tree | said(
        identity_status=next((named[state] for state in states if state in named), None),
        identity_flags=[_FLAG_OF[state] for state in states if state in _FLAG_OF],
        birth_name=official.text("family"),
        first_given_name=next(iter(official.texts("given")), None),
        given_names=(official.extension(names.GIVEN_NAMES).text("valueString") or "").split(),
        used_name=usual.text("family"),
        used_given_name=next(iter(usual.texts("given")), None),
        sex=_GENDER.get(node.text("gender") or ""),
        birth_date=node.text("birthDate"),
        birth_place=_insee(node.extension(names.BIRTH_PLACE).one("valueAddress")),
        birth_rank=node.number("multipleBirthInteger"),
        multiple_birth=node.flag("multipleBirthBoolean"),
        deceased_at=node.text("deceasedDateTime"),
        address=next((_read_address(one) for one in node.each("address")), None),
        telecom=[
            said(system=one.text("system"), value=one.text("value"), use=one.text("use"))
            for one in node.each("telecom")
        ],
        treating_physician=next(iter(doctors), None),
        contacts=[complete(one, Contact, _read_contact(one, terms)) for one in node.each("contact")],
    )


def _read_identifiers(node: Node) -> JSON:
    tree: JSON = {}
    for one in node.each("identifier"):
        system, value = one.text("system"), one.text("value")
        if system in _INS_OIDS and not any(code.text("code") == "NH" for code in one.one("type").each("coding")):
            tree.setdefault("ins", said(number=value, kind=_INS_OIDS[system].value))
        elif system and value:
            local = {"system": places.read_system(system), "value": value}
            if "local_id" in tree:
                tree.setdefault("other_ids", []).append(local)
            else:
                tree["local_id"] = local
    return tree


def _name(node: Node, use: str) -> Node:
    return next((one for one in node.each("name") if one.text("use") == use), node.one("absent"))


def _insee(address: Node) -> str | None:
    return address.extension(names.INSEE_CODE).one("valueCoding").text("code")


def _read_address(node: Node) -> JSON:
    return said(
        lines=node.texts("line"),
        postal_code=node.text("postalCode"),
        city=node.text("city"),
        insee=_insee(node),
        country=node.text("country"),
    )


def _read_contact(node: Node, terms: Terms) -> JSON:
    role, relationship = None, None
    for concept in node.each("relationship"):
        if any(code.text("system") == names.ROLE_CLASS for code in concept.each("coding")):
            role = role or codes.read_code(concept)
        else:
            relationship = relationship or codes.read_concept(terms, concept, "R216")
    period = node.one("period")
    return said(
        role=role,
        name=people.read_name(node),
        relationship=relationship,
        phone=next((one.text("value") for one in node.each("telecom")), None),
        since=period.text("start"),
        until=period.text("end"),
    )
