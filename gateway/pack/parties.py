"""People and organisations of an event, in the words of a document's header."""

from __future__ import annotations

from datetime import datetime

from gateway.model.codes import Coded, Term, Terms
from gateway.model.identity import Identifier, Scheme
from gateway.model.people import Address, Organization, Patient, Professional
from gateway.model.team import Team
from gateway.pack import times
from gateway.pack.cda_parties import telecom
from gateway.pack.header import (
    INS_ROOTS,
    PERSONS,
    STRUCTURES,
    Body,
    Code,
    Id,
    Name,
    NamePart,
    Party,
    Place,
    Relative,
    Subject,
    as_oid,
    plain_name,
)
from gateway.pack.packed import Minted

_USES = {"home": "H", "work": "WP", "mobile": "MC"}
UNKNOWN_PLACE = "99999"
"""In place of a COG code: nobody knows where (RNIV). A document with an INS must say a place of birth."""

OTHER_PROFESSIONAL = "312"
"""JDV_J01, "Autre professionnel": a profession that list does not have."""

_PROFESSIONS = ("G15", "R94", "R95", "R291", "R85")
LISTS = {
    "1.2.250.1.71.1.2.7": "G15",
    "1.2.250.1.213.1.6.1.4": "R94",
    "1.2.250.1.213.1.6.1.109": "R95",
    "1.2.250.1.213.1.6.1.140": "R291",
    "1.2.250.1.213.1.6.1.107": "R85",
    "1.2.250.1.213.1.1.4.6": "J01",
    "2.16.840.1.113883.5.111": "R216",
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.840.1.113883.6.96": "SNOMED CT",
    "2.16.840.1.113883.6.3": "CIM-10",
    "2.16.840.1.113883.6.73": "ATC",
    "1.2.250.1.215.300.1": "CCAM",
}
"""OID of a code list → its name in an event. The last five have no table here: official documents say their OIDs."""
_NAMED = {name: oid for oid, name in LISTS.items()}


def as_code(term: Term) -> Code:
    """A term of a national list as a header's code."""
    return Code(term.code, term.display, term.oid)


def person_ids(who: Professional) -> tuple[Id, ...]:
    """The national identifier first (prefix 8 RPPS, 0 ADELI), then local ones under their system's OID.

    Never one under an INS OID: of a patient who writes, the matricule leaves with the patient or not at all.
    """
    found = [Id(PERSONS, who.rpps.national)] if who.rpps else []
    for one in who.ids:
        if one.scheme is Scheme.ADELI:
            found.append(Id(PERSONS, "0" + one.value))
        else:
            found.append(_structure_id(one))
    return tuple(id for id in found if id.root not in INS_ROOTS)


def _structure_id(one: Identifier) -> Id:
    if one.structure_national:
        return Id(STRUCTURES, one.structure_national)
    return local_id(one.system or one.scheme.url, one.value)


def local_id(system: str, value: str) -> Id:
    """An identifier of someone's own software; a system that is not an OID keeps its name beside the derived root."""
    root = as_oid(system)
    return Id(root, value, "" if root == system.removeprefix("urn:oid:") else system)


def body(organization: Organization | None, setting: Code | None = None) -> Body | None:
    """An organisation: its national identifier first if it has one, then its other ones."""
    if organization is None:
        return Body(setting=setting) if setting else None
    ids = [_structure_id(one) for one in organization.identifiers]
    if national := organization.national:
        ids.insert(0, Id(STRUCTURES, national))
    first, *others = dict.fromkeys(ids) or [None]
    return Body(id=first, name=organization.name or "", setting=setting, others=tuple(one for one in others if one))


def party(who: Professional, terms: Terms, *, team: Team | None = None, time: str = "") -> Party:
    """A professional with profession, function, name and site."""
    name = plain_name(who.family or "", who.given or "")
    code, also = _listed(who, terms)
    return Party(
        ids=person_ids(who),
        time=time,
        code=code,
        also=also,
        function=_function(who, team, terms),
        name=name if name.families or name.givens else None,
        organization=body(who.organization),
        mail=who.mss.text if who.mss else "",
    )


def speciality(who: Professional, terms: Terms) -> Code | None:
    """Profession and speciality as one code of JDV_J01 (`G15_10/SM54`); the profession's own list when J01 has none."""
    profession = who.profession
    if profession is None:
        return None
    bare = f"{profession.list or 'G15'}_{profession.code}"
    for code in (f"{bare}/{who.specialty}", bare):
        if term := terms.find(code, "J01"):
            return as_code(term)
    own = terms.term(profession, *_PROFESSIONS[:1])
    known = terms.find(profession.code, "J01")
    if own and known and known.oid == own.oid:
        return as_code(known)
    return as_code(own) if own else Code(profession.code, profession.display or "", profession.list or "")


def _listed(who: Professional, terms: Terms) -> tuple[Code | None, tuple[Code, ...]]:
    """Their code of JDV_J01, the only list a header takes, and beside it what that list has no word for."""
    code = speciality(who, terms)
    if code is None:
        return None, ()
    apart = terms.find(who.specialty, "R38") if who.specialty else None
    also = (as_code(apart),) if apart and not code.code.endswith(f"/{apart.code}") else ()
    known, other = terms.find(code.code, "J01"), terms.find(OTHER_PROFESSIONAL, "J01")
    if (known and known.oid == code.system) or other is None:
        return code, also
    return as_code(other), (code, *also)


def profession_label(who: Professional, terms: Terms) -> str:
    """What a reader calls their profession; "" when it is not said."""
    code = speciality(who, terms)
    return (code.display or code.code) if code else ""


def coded(said: Coded, terms: Terms, *default: str) -> Code:
    """A Coded with the label and OID of its list; as the sender wrote it when the list is not known."""
    term = terms.term(said, *default)
    system = said.list or ""
    return as_code(term) if term else Code(said.code, said.display or "", _NAMED.get(system, system))


def _function(who: Professional, team: Team | None, terms: Terms) -> Code | None:
    """Their function towards the patient: said on the person, else by a role in the team (JDV_J47)."""
    if who.function and (term := terms.find(who.function, "J47")):
        return as_code(term)
    for member in team.members if team else ():
        if member.key == who.key and member.kind == "professional":
            for role in member.roles:
                if term := terms.find(role.code, "J47"):
                    return as_code(term)
    return None


def relatives(patient: Patient, terms: Terms, now: datetime) -> tuple[Relative, ...]:
    """The patient's contacts, save those whose time is over."""
    return tuple(
        Relative(
            role=one.role,
            name=plain_name(one.name, ""),
            **_kinship(one.relationship, terms),
            phone=telecom("phone", one.phone) if one.phone else "",
        )
        for one in patient.contacts
        if one.until is None or not one.until.over(now)
    )


def _kinship(said: Coded | None, terms: Terms) -> dict[str, Code | None]:
    if said is None:
        return {}
    code = coded(said, terms, "R216", "J11")
    known = terms.find(code.code, "J11")
    return {"code": code} if known and known.oid == code.system else {"also": code}


def subject(patient: Patient, minted: Minted, guardians: tuple[Relative, ...] = ()) -> Subject:
    """The patient: numbers only as they may leave (Patient.outgoing_ins), names with their qualifiers.

    A patient known by nothing but a matricule that may not leave gets a number of this document alone: CDA and
    XDM demand one.
    """
    ins = patient.outgoing_ins
    ids = [Id(ins.kind.oid, ins.number)] if ins else []
    ids += [local_id(one.system, one.value) for one in patient.outgoing_local_ids]
    ids = ids or [Id(minted.oid("patients"), minted.uuid("patient").hex)]
    return Subject(
        ids=tuple(ids),
        name=_patient_name(patient),
        sex={"M": "M", "F": "F", "U": "UN"}.get(patient.sex or "", ""),
        birth_time=times.hl7(patient.birth_date) if patient.birth_date else "",
        birth_place=patient.birth_place or (UNKNOWN_PLACE if ins else ""),
        deceased=times.hl7(patient.deceased_at) if patient.deceased_at else "",
        multiple=patient.multiple_birth,
        birth_rank=patient.birth_rank or 0,
        address=_address(patient),
        guardians=guardians,
        telecoms=tuple((telecom(one.system, one.value), _USES.get(one.use or "", "")) for one in patient.telecom),
    )


def first_given(patient: Patient) -> str:
    """The first given name of the birth certificate; "" when none is known."""
    return patient.first_given_name or next(iter(patient.given_names), "")


def _patient_name(patient: Patient) -> Name | None:
    families = [NamePart(patient.birth_name, "BR")] if patient.birth_name else []
    givens = [NamePart(" ".join(patient.names))] if patient.names else []
    if first := first_given(patient):
        givens.append(NamePart(first, "BR"))
    if patient.used_name:
        families.append(NamePart(patient.used_name, "CL"))
    if patient.used_given_name:
        givens.append(NamePart(patient.used_given_name, "CL"))
    return Name(families=tuple(families), givens=tuple(givens)) if families or givens else None


def _address(patient: Patient) -> Place | None:
    where = patient.address
    if where is None or where == Address():
        return None
    return Place(
        lines=where.lines,
        postal_code=where.postal_code or "",
        city=where.city or "",
        commune=where.insee or "",
        country=where.country or "",
    )
