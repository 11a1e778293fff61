"""Whom a parcel is for, before any address is looked up: a professional, a structure, the patient or a mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from gateway.model.codes import Coded
from gateway.model.identity import Identifier, Ins, MailAddress, Scheme
from gateway.model.people import Organization, Professional
from gateway.model.team import Member

Kind = Literal["professional", "structure", "patient", "mailbox"]
Category = Literal["1", "2"]

PATIENT = "patient"
"""The id of the patient as addressee: the matricule itself never becomes one."""

KEY_LIMIT = 400  # characters; no register writes longer ones, and a key must fit wherever it is kept

PATIENT_DOMAIN = "patient.mssante.fr"  # Référentiel socle MSSanté #2, ECO.2.2.8

_BY_LIST: dict[str, Category] = {"G15": "1", "R94": "2", "R95": "2"}
_BY_CODE: dict[tuple[str, str], Category] = {
    ("G15", "93"): "2",  # psychologists, before they moved to R95
    **{("R85", code): "1" for code in ("313", "314", "315", "316", "317")},  # G15 35 to 39 until 2024 (CSP, part 4)
    ("R85", "318"): "2",
    ("R85", "350"): "2",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Addressee:
    """One person, structure or mailbox.

    id             `RPPS:…`, `FINESS:…`, `LOCAL:system:value`, `patient`, or the mail address of a bare mailbox
    ids            all identifiers of the same person or structure, `id` first
    member         the member id in the team, when chosen as one
    category       CSP R1110-2: `1` health professionals, `2` the others listed there; None: cannot be told
    organizations  the sites meant, the one the sender named first
    address        the mailbox the sender or the route gave; None: ask the directory
    """

    kind: Kind
    id: str
    ids: tuple[str, ...]
    name: str
    member: str | None = None
    profession: Coded | None = None
    category: Category | None = None
    organizations: tuple[Identifier, ...] = ()
    address: MailAddress | None = None

    def __repr__(self) -> str:
        return f"Addressee({self.kind}, {self.id})"  # a patient's address holds the matricule

    def same_as(self, other: Addressee) -> bool:
        """True for one and the same. Two people may share a mailbox; a bare mailbox is whoever has that address."""
        if "mailbox" in (self.kind, other.kind):
            return self.address is not None and other.address is not None and self.address.key == other.address.key
        return not set(self.ids).isdisjoint(other.ids)

    def at(self, address: MailAddress) -> Addressee:
        """The same, reached at that mailbox. A bare mailbox is its address: another one is another addressee."""
        if self.kind == "mailbox":
            return mailbox(address, category=self.category)
        return replace(self, address=address)

    def joined(self, other: Addressee) -> Addressee:
        """One and the same, told twice: this mention first, the other where it says more."""
        if self.kind == "mailbox" and other.kind != "mailbox":
            return other.joined(self)  # a person is known by more than an address
        if other.kind == "mailbox":
            return replace(self, address=self.address or other.address, category=self.category or other.category)
        return replace(
            self,
            ids=tuple(dict.fromkeys(self.ids + other.ids)),
            name=other.name if self.name == self.id else self.name,
            member=self.member or other.member,
            profession=self.profession or other.profession,
            category=self.category or other.category,
            organizations=tuple(dict.fromkeys(self.organizations + other.organizations)),
            address=self.address or other.address,
        )


def key_of(identifier: Identifier) -> str:
    """`FINESS:750000127`; a LOCAL one keeps its system: `LOCAL:1.2.3:42`."""
    return ":".join(part for part in (identifier.scheme.value, identifier.system, identifier.value) if part)


def category_of(profession: Coded | None) -> Category | None:
    """The category of CSP R1110-2 that a profession falls in; None when its list does not settle it."""
    if profession is None:
        return None
    name = (profession.list or "G15").removeprefix("TRE_").partition("-")[0]
    return _BY_CODE.get((name, profession.code)) or _BY_LIST.get(name)


def person_keys(professional: Professional) -> tuple[str, ...]:
    """Every identifier of the person, RPPS first; empty when only a name is known."""
    rpps = (f"RPPS:{professional.rpps.number}",) if professional.rpps else ()
    return rpps + tuple(key for one in professional.ids if len(key := key_of(one)) <= KEY_LIMIT)


def structure_keys(identifiers: Iterable[Identifier]) -> tuple[str, ...]:
    """Every identifier of a structure, FINESS first."""
    order = list(Scheme)
    ranked = sorted(identifiers, key=lambda one: order.index(one.scheme))
    return tuple(dict.fromkeys(key for one in ranked if len(key := key_of(one)) <= KEY_LIMIT))


def professional(who: Professional, member: str | None = None) -> Addressee | None:
    """A person at work; None when nothing but a name is known, for a name identifies nobody."""
    keys = person_keys(who)
    if not keys:
        return None
    return Addressee(
        kind="professional",
        id=keys[0],
        ids=keys,
        name=who.name or keys[0],
        member=member,
        profession=who.profession,
        category=category_of(who.profession),
        organizations=who.organization.identifiers if who.organization else (),
        address=who.mss,
    )


def structure(
    organization: Organization, address: MailAddress | None = None, member: str | None = None
) -> Addressee | None:
    """A structure; None when it has no identifier."""
    keys = structure_keys(organization.identifiers)
    if not keys:
        return None
    return Addressee(
        kind="structure",
        id=keys[0],
        ids=keys,
        name=organization.name or keys[0],
        member=member,
        organizations=organization.identifiers,
        address=address,
    )


def of_member(member: Member) -> Addressee | None:
    """A member of the team; None for a relative, who is never addressed, and for one without identifier."""
    if member.kind == "related":
        return None
    if member.kind == "professional":
        return professional(member, member.id)
    return structure(member.organization, member.mss, member.id) if member.organization else None


def mailbox(address: MailAddress, name: str | None = None, category: str | None = None) -> Addressee:
    """A bare mailbox: who stands behind it is the sender's or the route's word."""
    known: Category | None = "1" if category == "1" else "2" if category == "2" else None
    return Addressee(
        kind="mailbox", id=address.key, ids=(address.key,), name=name or address.text, category=known, address=address
    )


def patient(ins: Ins | None) -> Addressee:
    """The patient's own mailbox, built from the matricule (ECO.2.2.6, 2.2.8): without a qualified INS, no address."""
    address = MailAddress(f"{ins.number}@{PATIENT_DOMAIN}") if ins else None
    return Addressee(kind="patient", id=PATIENT, ids=(PATIENT,), name="Patient", address=address)
