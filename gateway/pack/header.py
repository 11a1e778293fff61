"""What a document says of itself on its cover, whatever form carries it: CDA header or XDM metadata.

These words are those of CDA R2, so that a document of ours and a document of someone else are described alike.
An empty text means that the document does not say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from gateway.model.facts import Facts, Writer, person_key
from gateway.pack import times

PERSONS = "1.2.250.1.71.4.2.1"  # ANS: national identifier of a professional
STRUCTURES = "1.2.250.1.71.4.2.2"  # ANS: national identifier of a structure
HEALTH_PROFESSIONS = "1.2.250.1.213.1.1.4.5"  # ANS: professions and specialities of health professionals (JDV_J01)
INS_ROOTS = frozenset({f"1.2.250.1.213.1.4.{last}" for last in (8, 9, 10, 11)})
UNSTRUCTURED = "1.3.6.1.4.1.19376.1.2.20"  # IHE XDS-SD: a document with a non-XML body

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+", re.ASCII)


def as_oid(system: str) -> str:
    """The OID under which identifiers of `system` are written.

    An OID stands for itself, with or without `urn:oid:`; any other system (a URL) gets one under 2.25 that is
    always the same (ITU-T X.667 over RFC 4122 §4.3).
    """
    bare = system.removeprefix("urn:oid:")
    return bare if is_oid(bare) else f"2.25.{uuid5(NAMESPACE_URL, system).int}"


def is_oid(text: str) -> bool:
    """True for dotted decimal of at most 64 characters (ISO/IEC 8824-1, the length CDA and XDS allow)."""
    return len(text) <= 64 and bool(_OID.fullmatch(text))


@dataclass(frozen=True, slots=True, repr=False)
class Id:
    """An instance identifier. `authority` keeps the system's own name when the root was derived from it."""

    root: str
    extension: str = ""
    authority: str = ""

    @property
    def system(self) -> str:
        """The system as its owner names it: what Facts compare."""
        return self.authority if self.authority and as_oid(self.authority) == self.root else self.root


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its short label and the OID of its list (or the list's name when it has no OID)."""

    code: str
    display: str = ""
    system: str = ""


NO_CODE = Code("")


@dataclass(frozen=True, slots=True, repr=False)
class NamePart:
    """One part of a name; `qualifier` is BR (birth), CL (in use) or empty."""

    text: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Name:
    """A person's name in its parts, each list in the document's order."""

    families: tuple[NamePart, ...] = ()
    givens: tuple[NamePart, ...] = ()
    prefix: str = ""
    suffix: str = ""

    def family(self, *qualifiers: str) -> str:
        """The first family name with one of these qualifiers, tried in that order."""
        return _first(self.families, qualifiers)

    def given(self, *qualifiers: str) -> str:
        """The first given name with one of these qualifiers, tried in that order."""
        return _first(self.givens, qualifiers)


def _first(parts: tuple[NamePart, ...], qualifiers: tuple[str, ...]) -> str:
    return next((part.text for wanted in qualifiers or ("",) for part in parts if part.qualifier == wanted), "")


def plain_name(family: str, given: str) -> Name:
    """The name of a professional: one family name, one given name, no qualifier."""
    return Name(
        families=(NamePart(family),) if family else (),
        givens=(NamePart(given),) if given else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An organisation as a document names it: the identifier it is known by, then `others`.

    `setting` is its frame of practice (JDV_J04).
    """

    id: Id | None = None
    name: str = ""
    setting: Code | None = None
    others: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Party:
    """Someone with a part in the document: author, authenticator, performer, recipient.

    time       when they took that part, as HL7 v3 writes it
    code       profession and speciality (JDV_J01), `also` a speciality that JDV_J01 does not join to the profession
    function   their function towards the patient (JDV_J47)
    device     (model, software) when a device or software is the author
    mail       a mailbox, for a recipient
    """

    ids: tuple[Id, ...] = ()
    time: str = ""
    code: Code | None = None
    also: tuple[Code, ...] = ()
    function: Code | None = None
    name: Name | None = None
    device: tuple[str, str] | None = None
    organization: Body | None = None
    mail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Relative:
    """Someone close to the patient: `role` is NOK, ECON, CAREGIVER or GUARD, `code` their kinship, `phone` a URL.

    `also` is a kinship that JDV_J11 does not know.
    """

    role: str
    name: Name | None = None
    code: Code | None = None
    also: Code | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Place:
    """A postal address; `commune` is its COG code."""

    lines: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    commune: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Subject:
    """The patient. `sex` is F, M or UN; `birth_time` and `deceased` as HL7 v3 writes them; `birth_place` a COG code.

    multiple    whether others were born with them, None when it is not said
    birth_rank  which of them they are, counting from 1; 0 when it is not said
    """

    ids: tuple[Id, ...] = ()
    name: Name | None = None
    sex: str = ""
    birth_time: str = ""
    birth_place: str = ""
    deceased: str = ""
    multiple: bool | None = None
    birth_rank: int = 0
    address: Place | None = None
    telecoms: tuple[tuple[str, str], ...] = ()  # (value as a URL, use)
    guardians: tuple[Relative, ...] = ()

    @property
    def ins(self) -> Id | None:
        """The national health identity, when the document carries it."""
        return next((one for one in self.ids if one.root in INS_ROOTS), None)

    @property
    def local(self) -> Id | None:
        """The first other identifier."""
        return next((one for one in self.ids if one.root not in INS_ROOTS), None)

    @property
    def ins_complete(self) -> bool:
        """True when matricule, OID, names at birth, sex and date of birth are all there (ECO.2.4.2)."""
        name = self.name or Name()
        traits = (name.family("BR"), name.given("BR"), self.sex, self.birth_time)
        return self.ins is not None and all(traits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act the document is about: `low` and `high` bound it, `performer` did it, `also` says it in other lists."""

    code: Code | None = None
    also: tuple[Code, ...] = ()
    low: str = ""
    high: str = ""
    performer: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """The contact or stay, and the kind of place (`facility`, JDV_J02)."""

    id: Id | None = None
    code: Code | None = None
    low: str = ""
    high: str = ""
    facility: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Header:
    """The whole cover of one document. Times are HL7 v3 (`20261120093000+0100`); `language` is `fr-FR`.

    set_id    one for all versions of a document, `version` counts them
    masks     whom it is hidden from, beside `confidentiality` (JDV_J08)
    replaces  the document this one takes the place of (relatedDocument RPLC)
    """

    id: Id
    code: Code
    title: str
    effective: str
    confidentiality: Code
    language: str
    set_id: Id | None
    version: int
    subject: Subject
    authors: tuple[Party, ...]
    custodian: Body
    authenticator: Party | None
    acts: tuple[Act, ...]
    stay: Stay
    entered_by: Party | None = None
    informants: tuple[Relative, ...] = ()
    recipients: tuple[Party, ...] = ()
    participants: tuple[tuple[str, Party], ...] = ()  # (typeCode, who)
    masks: tuple[Code, ...] = ()
    replaces: Id | None = None
    templates: tuple[str, ...] = ()
    media_type: str = ""

    def __repr__(self) -> str:
        return f"Header({self.code.code})"

    @property
    def setting(self) -> Code | None:
        """The frame of practice: said by the performer of the first act."""
        performer = self.acts[0].performer if self.acts else None
        return performer.organization.setting if performer and performer.organization else None

    @property
    def facts(self) -> Facts:
        """What every form must say alike. Nothing empty is stated."""
        subject, name = self.subject, self.subject.name or Name()
        return Facts(
            patient=frozenset(person_key(id.system, id.extension) for id in subject.ids if id.extension) or None,
            birth_name=name.family("BR", "") or None,
            given_name=name.given("BR", "") or None,
            birth_date=times.day(subject.birth_time) or None,
            sex=subject.sex[:1] or None,
            author=tuple(_writer(author) for author in self.authors if author.device is None),
            type=self.code.code or None,
            created=self.effective or None,
            service=(self.acts[0].low or None) if self.acts else None,
            ins=subject.ins_complete,
            label=self.code.display or None,
        )


def _writer(author: Party) -> Writer:
    name = author.name or Name()
    said = (*(part.text for part in name.givens[:1]), *(part.text for part in name.families[:1]))
    return Writer(
        ids=frozenset(person_key(id.system, id.extension) for id in author.ids if id.extension), name=" ".join(said)
    )
