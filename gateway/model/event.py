"""The event: something that happened in coordinated care, told by a practice software.

One class a kind. `KINDS` is the vocabulary: every kind of the first wave has its class; those of the second
wave are names kept for later, refused as `unsupported-type`. What each does to the memory is told in `known`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import Identifier, MailAddress, Rpps
from gateway.model.people import Organization, Patient, Sender
from gateway.model.plan import Activity, Plan
from gateway.model.report import CancelledReport, Report
from gateway.model.team import Member, MemberMention, Team
from gateway.model.when import Instant, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed:
    """The patient was told beforehand (CSP R1110-3): when, by whom, of what nature, about which recipients."""

    at: When
    by: str | None = None
    nature: tuple[str, ...] = ()
    recipients: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Why the patient could not be told before, and until when they must be."""

    reason: str
    inform_by: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """What the sender states about the patient's information and consent."""

    informed: Informed | None = None
    consent: str | None = None
    emergency: Emergency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """For indicators: which mission, which discharge, whether the care was unscheduled."""

    mission: str | None = None
    discharge_at: When | None = None
    unscheduled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Someone the sender names: a member of the team, a professional, a structure, a role, the patient, or a mailbox.

    end_of_exchange  to the patient: they may not answer this exchange any more (X-MSS-MES: FIN, ECO.2.2.8)

    Raises Rejected `recipient-kind` unless exactly one way is used, `not-to-patient` for an end of exchange to others.
    """

    member: str | None = None
    rpps: Rpps | None = None
    organization: Organization | None = None
    finess: str | None = None
    siret: str | None = None
    ids: tuple[Identifier, ...] = ()
    role: str | None = None
    patient: bool | None = None
    mss: MailAddress | None = None
    name: str | None = None
    category: str | None = None
    end_of_exchange: bool | None = None

    def __post_init__(self) -> None:
        structure = bool(self.finess or self.siret or self.ids)
        if sum(map(bool, (self.member, self.rpps, structure, self.role, self.patient, self.mss))) != 1:
            raise Rejected([Fault("recipient-kind")])
        if self.end_of_exchange and not self.patient:
            raise Rejected([Fault("not-to-patient", ("end_of_exchange",))])
        if structure:
            Organization(ids=self.ids, finess=self.finess, siret=self.siret)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReference:
    """The team a plan or a report belongs to, by its id."""

    SHORT_READ: ClassVar[str] = "id"
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event says: which one, when, who speaks, about whom, and for whom.

    `id` is unique for one client of one tenant. `recipients` replace the routes' unless `recipients_mode` is `also`.
    """

    type: ClassVar[str] = ""
    id: str
    occurred_at: Instant
    sender: Sender
    patient: Patient
    legal: Legal | None = None
    context: Context | None = None
    recipients: tuple[Recipient, ...] = ()
    recipients_mode: Literal["only", "also"] | None = None

    def __post_init__(self) -> None:
        if len(self.id) > 128:
            raise Rejected([Fault("text-too-long", ("id",), "128")])


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCreated(Event):
    """A care team begins."""

    type = "team.created"
    team: Team


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """Someone joins a known team."""

    type = "team.member-joined"
    team: Team
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """Someone leaves a known team: on `member.until`, else on the day of the event.

    With the reason `error` that participation is taken back, as if it had never been told.
    """

    type = "team.member-left"
    team: Team
    member: MemberMention


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(Event):
    """Someone's role in a known team changes: from `member.since`, else from the day of the event.

    Raises Rejected `missing-field` without `member.roles`.
    """

    type = "team.role-changed"
    team: Team
    member: MemberMention

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not self.member.roles:
            raise Rejected([Fault("missing-field", ("member", "roles"), "roles")])


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamClosed(Event):
    """A care team ends."""

    type = "team.closed"
    team: Team


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCreated(Event):
    """A care plan begins."""

    type = "plan.created"
    plan: Plan
    team: TeamReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevised(Event):
    """A care plan changes; the plan is told whole."""

    type = "plan.revised"
    plan: Plan
    team: TeamReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityChanged(Event):
    """One activity of a known plan changes."""

    type = "plan.activity-changed"
    plan: Plan
    activity: Activity
    team: TeamReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClosed(Event):
    """A care plan ends."""

    type = "plan.closed"
    plan: Plan
    team: TeamReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShared(Event):
    """A report is shared."""

    type = "report.shared"
    report: Report
    team: TeamReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReplaced(Event):
    """A newer version of a report is shared, under an id of its own; `report.replaces` names the older one.

    Raises Rejected `missing-field` without `report.replaces`, and `replaces-itself`.
    """

    type = "report.replaced"
    report: Report
    team: TeamReference | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if self.report.replaces is None:
            raise Rejected([Fault("missing-field", ("report", "replaces"), "replaces")])
        if self.report.replaces == self.report.id:
            raise Rejected([Fault("replaces-itself", ("report", "id"))])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCancelled(Event):
    """A report is taken back."""

    type = "report.cancelled"
    report: CancelledReport
    team: TeamReference | None = None


KINDS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        TeamCreated, MemberJoined, MemberLeft, RoleChanged, TeamClosed,
        PlanCreated, PlanRevised, ActivityChanged, PlanClosed,
        ReportShared, ReportReplaced, ReportCancelled,
    )
}  # fmt: skip

RESERVED = frozenset({
    "team.snapshot", "report.masks-changed", "note.sent", "note.answered", "information.given",
    "consent.recorded", "consent.withdrawn", "objection.recorded", "objection.lifted",
    "patient.identified", "patient.merged", "patient.unlinked", "structure.merged",
})  # fmt: skip


def read_event(tree: form.Tree) -> Event:
    """An event from its canonical tree. Raises Rejected with every fault at once."""
    if not isinstance(tree, dict):
        raise Rejected([Fault("wrong-type", about="object")])
    name = tree.get("type")
    if name is None:
        raise Rejected([Fault("missing-field", ("type",), "type")])
    if not isinstance(name, str) or (name not in KINDS and name not in RESERVED):
        raise Rejected([Fault("unknown-type", ("type",))])
    if name not in KINDS:
        raise Rejected([Fault("unsupported-type", ("type",))])
    return form.read(KINDS[name], {key: value for key, value in tree.items() if key != "type"})


def write_event(event: Event) -> dict[str, Any]:
    """The canonical tree of an event, `id` and `type` first."""
    tree = form.write(event)
    return {"id": tree.pop("id"), "type": event.type, **tree}
