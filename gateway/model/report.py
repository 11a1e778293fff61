"""A report and the document that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.people import Organization, Professional
from gateway.model.when import Instant, When

Mask = Literal["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Document:
    """The bytes of a report: in `data`, or uploaded before and named by `content` (`sha256:…`)."""

    content_type: str
    data: bytes | None = None
    content: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) == (self.content is None):
            raise Rejected([Fault("wrong-type", about="data / content")])

    def __repr__(self) -> str:
        return f"Document({self.content_type}, {len(self.data or b'')} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who takes legal responsibility for a report, and when."""

    professional: Professional
    at: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """The contact or stay a report belongs to; `type` is a JDV_J142 code (AMB, IMP, EMER…)."""

    SHORT_READ: ClassVar[str] = "id"
    id: str | None = None
    type: str | None = None
    since: When | None = None
    until: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report shared. `type` is a JDV_J07 code, `facility` JDV_J02 (SA07…), `setting` JDV_J04 (AMBULATOIRE…).

    Without `document` the gateway makes a readable page of what the event says.
    """

    id: str
    title: str | None = None
    type: str
    created_at: Instant
    authors: tuple[Professional, ...] = ()
    signed_by: Signature | None = None
    custodian: Organization | None = None
    service_start: When | None = None
    service_end: When | None = None
    acts: tuple[Coded, ...] = ()
    facility: str | None = None
    setting: str | None = None
    encounter: Encounter | None = None
    language: str | None = None
    confidentiality: Literal["N", "R", "V"] | None = None
    masks: tuple[Mask, ...] = ()
    secret_care: bool | None = None
    version: int | None = None
    replaces: str | None = None
    document: Document | None = None

    def __post_init__(self) -> None:
        if self.service_start and self.service_end and self.service_end.day < self.service_start.day:
            raise Rejected([Fault("dates-reversed", ("service_end",))])


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledReport:
    """A report taken back; it goes to those who received it, without content."""

    id: str
    reason: Literal["wrong-patient", "wrong-recipient", "error", "patient-request"]
