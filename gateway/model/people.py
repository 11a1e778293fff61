"""Professionals, organisations, patients and their relatives, as an event speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gateway.model.codes import Coded
from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.faults import Fault
from gateway.model.identity import (
    Identifier,
    Ins,
    InsKind,
    LocalId,
    MailAddress,
    Rpps,
    Scheme,
    check_finess,
    check_siret,
)
from gateway.model.when import Day, When

StructureKind = Literal[
    "CPTS", "MSP", "CDS", "ESP", "ESS", "DAC", "ESCAP", "CABINET", "PHARMACY",
    "LAB", "ES", "HAD", "ESMS", "PSAD", "TRANSPORT", "OTHER",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A body with an address in a register. `finess` and `siret` are shorthand for one entry of `ids`.

    `sector` is a TRE_R02 code (SA07…). Raises Rejected `no-name` when it has neither name nor identifier.
    """

    ids: tuple[Identifier, ...] = ()
    finess: str | None = None
    siret: str | None = None
    name: str | None = None
    sector: str | None = None

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        for name, check, value in (("finess", check_finess, self.finess), ("siret", check_siret, self.siret)):
            try:
                if value is not None:
                    check(value)
            except BadIdentifier as bad:
                faults += [fault.under(name) for fault in bad.faults]
        if faults:
            raise Rejected(faults)
        if not self.name and not self.identifiers:
            raise Rejected([Fault("no-name")])

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """All its identifiers, the shorthand ones included."""
        short = [(Scheme.FINESS, self.finess), (Scheme.SIRET, self.siret)]
        return self.ids + tuple(Identifier(scheme, value) for scheme, value in short if value)

    @property
    def national(self) -> str | None:
        """Its prefixed national identifier (IDNST / Struct_IdNat), FINESS first; None when it has none."""
        order = list(Scheme)
        known = sorted(self.identifiers, key=lambda one: order.index(one.scheme))
        return next((one.structure_national for one in known if one.structure_national), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Organization):
    """An organisation of coordinated care: what kind it is, and what it is part of."""

    kind: StructureKind
    kind_detail: str | None = None
    legal_form: str | None = None
    part_of: Organization | None = None
    specialty: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Professional:
    """A person at work: one person may have several sites, `organization` is the one meant here.

    `profession` is a TRE_G15 code, or a Coded naming its list; `specialty` a savoir-faire (SM54);
    `function` says locum, intern, assistant…; `mss` is the mailbox the sender knows.
    """

    rpps: Rpps | None = None
    ids: tuple[Identifier, ...] = ()
    family: str | None = None
    given: str | None = None
    profession: Coded | None = None
    specialty: str | None = None
    function: str | None = None
    organization: Organization | None = None
    mss: MailAddress | None = None

    @property
    def name(self) -> str:
        """`Luc DURAND`, as much of it as is known."""
        return " ".join(part for part in (self.given, self.family) if part)

    @property
    def key(self) -> str:
        """What makes two mentions the same person: the RPPS, else the first other identifier, else the name."""
        if self.rpps:
            return f"RPPS:{self.rpps.number}"
        if self.ids:
            return f"{self.ids[0].scheme}:{self.ids[0].system or ''}:{self.ids[0].value}"
        return f"name:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender(Professional):
    """Who speaks, identified: `acting_for` and `supervisor` are professionals, `entered_by` who typed it."""

    acting_for: Professional | None = None
    supervisor: Professional | None = None
    entered_by: Professional | None = None

    def __post_init__(self) -> None:
        if self.rpps is None and not self.ids and not (self.organization and self.organization.identifiers):
            raise Rejected([Fault("no-professional-identifier")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `insee` is the commune's COG code."""

    lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    insee: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telecom:
    """A phone number or mail address."""

    system: Literal["phone", "email", "fax"]
    value: str
    use: Literal["home", "work", "mobile"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatingPhysician(Professional):
    """The patient's declared physician, or the fact that there is none, or that it is not known."""

    none: bool | None = None
    unknown: bool | None = None

    def __post_init__(self) -> None:
        said = sum(map(bool, (self.none, self.unknown, self.rpps or self.ids or self.family)))
        if said != 1:
            raise Rejected([Fault("no-professional-identifier")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person close to the patient. `measure` names a legal protection (tutelle, curatelle…)."""

    role: Literal["NOK", "GUARD", "ECON", "CAREGIVER"]
    name: str
    relationship: Coded | None = None
    phone: str | None = None
    measure: str | None = None
    since: When | None = None
    until: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Patient:
    """The person cared for: what the sender knows, nothing guessed.

    `other_ids` are further numbers: another software's, or a matricule whose key is wrong, under its own OID.
    `birth_place` is a COG code (99xxx abroad; absent = unknown). Raises Rejected `no-patient-identifier` without
    `local_id` or `ins`, and `missing-field` without `birth_name` and `birth_date` unless `provisional`.
    """

    ins: Ins | None = None
    identity_status: Literal["qualified", "validated", "retrieved", "provisional"]
    identity_flags: tuple[Literal["homonym", "doubtful", "fictitious"], ...] = ()
    birth_name: str | None = None
    first_given_name: str | None = None
    given_names: tuple[str, ...] = ()
    used_name: str | None = None
    used_given_name: str | None = None
    sex: Literal["M", "F", "U"] | None = None
    birth_date: Day | None = None
    birth_place: str | None = None
    birth_rank: int | None = None
    multiple_birth: bool | None = None
    mother: str | None = None
    deceased_at: When | None = None
    local_id: LocalId | None = None
    other_ids: tuple[LocalId, ...] = ()
    address: Address | None = None
    telecom: tuple[Telecom, ...] = ()
    treating_physician: TreatingPhysician | None = None
    contacts: tuple[Contact, ...] = ()

    WHEN_KNOWN: ClassVar[tuple[str, ...]] = ("birth_name", "birth_date")

    def __post_init__(self) -> None:
        faults = []
        if self.ins is None and self.local_id is None:
            faults.append(Fault("no-patient-identifier"))
        if self.identity_status != "provisional":
            faults += [Fault("missing-field", (name,), name) for name in self.WHEN_KNOWN if getattr(self, name) is None]
        if self.birth_place is not None and not _is_cog(self.birth_place):
            faults.append(Fault("identifier-form", ("birth_place",), "COG"))
        if faults:
            raise Rejected(faults)

    def __repr__(self) -> str:
        return "Patient(***)"

    @property
    def outgoing_ins(self) -> Ins | None:
        """The INS as others may see it: only a qualified identity shows it (INS/va1.53)."""
        return self.ins if self.identity_status == "qualified" else None

    @property
    def outgoing_local_ids(self) -> tuple[LocalId, ...]:
        """The other numbers as others may see them: never one that would pass for an INS."""
        known = ((self.local_id,) if self.local_id else ()) + self.other_ids
        return tuple(one for one in known if one.system.removeprefix("urn:oid:") not in _INS_OIDS)

    @property
    def names(self) -> tuple[str, ...]:
        """All given names of the birth certificate, the first one included."""
        return self.given_names or ((self.first_given_name,) if self.first_given_name else ())


_INS_OIDS = frozenset(kind.oid for kind in InsKind)


def _is_cog(code: str) -> bool:
    return (
        len(code) == 5 and code.isascii() and (code.isdecimal() or (code[:2] in ("2A", "2B") and code[2:].isdecimal()))
    )
