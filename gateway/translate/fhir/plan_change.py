"""plan.revised, plan.activity-changed, plan.closed ⇄ CarePlan R4: the whole plan as known after the event, put again.

`Bundle.meta` says which activity changed and what else the event told of the plan.
"""

from __future__ import annotations

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import ActivityChanged, PlanClosed, PlanRevised, TeamReference
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.model.plan import PLAN_ENDS, Plan
from gateway.translate.fhir import names
from gateway.translate.fhir.bundle import Received, telling
from gateway.translate.fhir.node import JSON, said
from gateway.translate.fhir.plan import care_plan, read_care_plan
from gateway.translate.fhir.remainder import long
from gateway.translate.fhir.shelf import Entries, search

CHANGED = names.extension("changed")


class Change:
    """Something changes in a known plan: the whole CarePlan and its Goals are put again."""

    profile: str | None = None
    shape: str = names.profile("plan-update")

    def write(self, event: PlanRevised | ActivityChanged | PlanClosed, known: Known, entries: Entries) -> JSON:
        """Put the Goals, the people and the CarePlan as it is now."""
        if known.plan is None:
            raise Rejected([Fault("unknown-plan", ("plan", "id"))])
        plan, team = known.plan.plan, event.team
        if team is None and known.plan.team:
            team = TeamReference(id=known.plan.team)
        update = {"method": "PUT", "url": f"CarePlan?{search(entries.ours('plan'), plan.id)}"}
        entries.add("plan", care_plan(plan, team, known, entries, renew_goals=True), update)
        return {}

    def partly(self, received: Received, *always: str) -> tuple[JSON, JSON]:
        """What the CarePlan says, and the same with as much of the plan as the event told."""
        whole = read_care_plan(received.the("CarePlan"), received.terms)
        told = {"id", *always} | received.told()
        plan = {name: value for name, value in whole.get("plan", {}).items() if name in told}
        return whole, {**whole, "plan": plan}


class Revision(Change):
    """The plan is told whole again."""

    event = PlanRevised

    def read(self, received: Received, known: Known) -> JSON:
        """The plan, and the team it names."""
        return read_care_plan(received.the("CarePlan"), received.terms)

    def fits(self, received: Received, known: Known) -> bool:
        """A plan known, that goes on, and of which more changed than one activity."""
        plan = _known_plan(received, known)
        return plan is not None and plan.get("status") not in PLAN_ENDS and _only_changed(plan, known) is None


class ActivityChange(Change):
    """One activity changes or is added."""

    event = ActivityChanged

    def write(self, event: ActivityChanged, known: Known, entries: Entries) -> JSON:  # type: ignore[override]
        """See Change."""
        return {
            **super().write(event, known, entries),
            CHANGED: {"valueString": event.activity.id},
            **telling(event.plan.said()),
        }

    def read(self, received: Received, known: Known) -> JSON:
        """What the event told of the plan, and the activity: the one named, else the only one that differs."""
        whole, tree = self.partly(received)
        activities = whole.get("plan", {}).get("activities", [])
        id = received.meta.extension(CHANGED).text("valueString") or _only_changed(whole.get("plan", {}), known)
        if id is None:
            received.the("CarePlan").fault("activity", code="ambiguous-event")
        return {**tree, **said(activity=next((one for one in activities if one.get("id") == id), None))}

    def fits(self, received: Received, known: Known) -> bool:
        """A plan known, of which nothing changed but one activity."""
        plan = _known_plan(received, known)
        return plan is not None and _only_changed(plan, known) is not None


class Closing(Change):
    """The plan ends."""

    event = PlanClosed

    def write(self, event: PlanClosed, known: Known, entries: Entries) -> JSON:  # type: ignore[override]
        """See Change."""
        return {**super().write(event, known, entries), **telling(event.plan.said())}

    def read(self, received: Received, known: Known) -> JSON:
        """What the event told of the plan; from others, that it ended, when and why."""
        return self.partly(received, "status", "until", "closed_reason")[1]

    def fits(self, received: Received, known: Known) -> bool:
        """A plan known to go on that has ended."""
        plan = _known_plan(received, known)
        open = known.plan is not None and known.plan.plan.open
        return plan is not None and open and plan.get("status") in PLAN_ENDS


KINDS = (Revision(), ActivityChange(), Closing())


def _known_plan(received: Received, known: Known) -> JSON | None:
    """The plan of the one CarePlan, when it is the plan known."""
    if known.plan is None or len(received.all("CarePlan")) != 1:
        return None
    plan: JSON = read_care_plan(received.the("CarePlan"), received.terms).get("plan", {})
    return plan if plan.get("id") == known.plan.plan.id else None


def _only_changed(plan: JSON, known: Known) -> str | None:
    """The id of the one activity that is new or differs, when nothing else does."""
    if known.plan is None:
        return None
    before = long(Plan, form.write(known.plan.plan))
    now = long(Plan, plan)
    was = {one["id"]: one for one in before.pop("activities", [])}
    found = {one.get("id"): one for one in now.pop("activities", [])}
    differing = [id for id, one in found.items() if was.get(id) != one]
    same = before == now and was.keys() <= found.keys()
    return differing[0] if same and len(differing) == 1 else None
