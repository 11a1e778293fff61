"""The patient in a CDA header, both ways: recordTarget, with address, birth, death and guardians."""

from __future__ import annotations

from dataclasses import replace

from gateway.pack.cda_parties import (
    at,
    children,
    get,
    put_code,
    put_id,
    put_name,
    read_code,
    read_ids,
    read_name,
    read_translations,
    words,
)
from gateway.pack.header import Name, NamePart, Place, Relative, Subject
from gateway.pack.xml import Element, put, put_in

GENDERS = {"F": "Féminin", "M": "Masculin", "UN": "Indifférencié"}
SDTC = "urn:hl7-org:sdtc"
_GENDER_LIST = "2.16.840.1.113883.5.1"
_LINES = 7  # CI-SIS: at most seven streetAddressLine
_STREET = ("houseNumber", "houseNumberNumeric", "buildingNumberSuffix", "direction", "streetNameType",
           "streetNameBase", "streetName")  # fmt: skip
_OWN_LINE = ("streetAddressLine", "additionalLocator", "unitID", "postBox", "precinct", "careOf", "deliveryAddressLine")


def put_subject(target: Element, subject: Subject) -> None:
    """recordTarget/patientRole: identifiers, address, name with its qualifiers, sex, birth, death."""
    role = put(target, "patientRole")
    for id in subject.ids:
        put_id(role, id)
    _put_place(role, subject.address)
    for value, use in subject.telecoms:
        put(role, "telecom", value=value, use=use)
    if not subject.telecoms:
        put(role, "telecom", nullFlavor="NASK")
    patient = put(role, "patient", classCode="PSN")
    _put_patient_name(patient, subject.name)
    if subject.sex:
        label = GENDERS.get(subject.sex, "")
        put(patient, "administrativeGenderCode", code=subject.sex, displayName=label, codeSystem=_GENDER_LIST)
    else:
        put(patient, "administrativeGenderCode", nullFlavor="UNK")
    put(patient, "birthTime", **({"value": subject.birth_time} if subject.birth_time else {"nullFlavor": "UNK"}))
    _put_circumstances(patient, subject)
    for guardian in subject.guardians:
        put_relative(put(patient, "guardian"), guardian, "guardianPerson")
    if subject.birth_place:
        place = put(put(patient, "birthplace"), "place")
        put(put(place, "addr"), "county", subject.birth_place)


def _put_patient_name(patient: Element, name: Name | None) -> None:
    """A patient's family name always has a qualifier (CI-SIS): one that is not known is said so as the birth name."""
    known = name or Name()
    put_name(patient, known)
    if not known.families:
        told = at(patient, "name/family")
        assert told is not None
        told.set("qualifier", "BR")


def _put_circumstances(patient: Element, subject: Subject) -> None:
    if subject.deceased:
        put_in(patient, SDTC, "deceasedTime").set("value", subject.deceased)
    if subject.multiple is not None:
        put_in(patient, SDTC, "multipleBirthInd").set("value", "true" if subject.multiple else "false")
    if subject.birth_rank > 0:
        put_in(patient, SDTC, "multipleBirthOrderNumber").set("value", str(subject.birth_rank))


def _put_place(role: Element, place: Place | None) -> None:
    """An address in lines when that is all there is of it, else in parts: never both (CI-SIS)."""
    if place is None or place == Place():
        put(role, "addr", nullFlavor="NASK")
        return
    told = put(role, "addr")
    parts = {"postalCode": place.postal_code, "county": place.commune, "city": place.city, "country": place.country}
    if not any(parts.values()) and len(place.lines) <= _LINES:
        for line in place.lines:
            put(told, "streetAddressLine", line)
        return
    for index, line in enumerate(place.lines):
        put(told, "additionalLocator" if index else "streetName", line)
    for tag, text in parts.items():
        if text:
            put(told, tag, text)


def put_relative(entity: Element, relative: Relative, person: str) -> None:
    """The inside of guardian or relatedEntity: kinship, phone, name."""
    if relative.code:
        put_code(entity, "code", relative.code)
    elif relative.also:
        put_code(put(entity, "code", nullFlavor="OTH"), "translation", relative.also)
    put(entity, "addr", nullFlavor="NASK")
    put(entity, "telecom", **({"value": relative.phone} if relative.phone else {"nullFlavor": "NASK"}))
    put_name(put(entity, person), relative.name)


# — reading: whatever is missing or strange reads as empty, never as an error


def read_subject(target: Element | None) -> Subject:
    """What put_subject wrote, and what others write there."""
    role = at(target, "patientRole")
    patient = at(role, "patient")
    rank = _extension(patient, "multipleBirthOrderNumber")
    return Subject(
        ids=read_ids(role),
        name=read_name(patient),
        sex=get(at(patient, "administrativeGenderCode"), "code"),
        birth_time=get(at(patient, "birthTime"), "value"),
        birth_place=words(at(patient, "birthplace/place/addr/county")),
        deceased=_extension(patient, "deceasedTime"),
        multiple={"true": True, "false": False}.get(_extension(patient, "multipleBirthInd")),
        birth_rank=int(rank) if rank.isascii() and rank.isdecimal() and len(rank) < 3 else 0,
        address=_read_place(at(role, "addr")),
        telecoms=tuple((get(one, "value"), get(one, "use")) for one in children(role, "telecom") if get(one, "value")),
        guardians=tuple(_read_guardian(one) for one in children(patient, "guardian")),
    )


def _extension(patient: Element | None, tag: str) -> str:
    return "" if patient is None else get(patient.find(f"{{{SDTC}}}{tag}"), "value")


def _read_place(told: Element | None) -> Place | None:
    if told is None:
        return None
    lines: list[str] = []
    street: list[str] = []
    where = 0  # the line its street stands on
    for part in told:
        tag = str(part.tag).rpartition("}")[2]
        text = words(part)
        if not text.strip():
            continue
        if tag in _STREET:
            where = where if street else len(lines)
            street.append(text)
        elif tag in _OWN_LINE:
            lines.append(text)
    if street:
        lines.insert(where, " ".join(street))
    place = Place(
        lines=tuple(lines),
        postal_code=words(at(told, "postalCode")),
        city=words(at(told, "city")),
        commune=words(at(told, "county")),
        country=words(at(told, "country")),
    )
    return None if place == Place() else place


def read_relative(entity: Element, role: str, person: str) -> Relative:
    """What put_relative wrote; of several ways to reach them, the first telephone."""
    numbers = [get(told, "value") for told in children(entity, "telecom")]
    return Relative(
        role=role,
        name=read_name(at(entity, person)),
        code=read_code(at(entity, "code")),
        also=next(iter(read_translations(at(entity, "code"))), None),
        phone=next((number for number in numbers if number.startswith("tel:")), ""),
    )


def _read_guardian(entity: Element) -> Relative:
    """A guardian may be an organisation: its name then stands as a family name."""
    body = words(at(entity, "guardianOrganization/name"))
    if body.strip():
        said = read_relative(entity, "GUARD", "guardianPerson")
        return replace(said, name=Name(families=(NamePart(body),)))
    return read_relative(entity, "GUARD", "guardianPerson")
