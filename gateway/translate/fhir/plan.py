"""A plan ⇄ CarePlan R4 with its Goals, and its beginning; no French profile of a coordination plan exists.

Shaped after IHE PCC DCP where that does not ask for what an event need not say. Problems are contained Conditions: they
explain this plan and are no entry for the recipient's problem list. What changes a plan is in `plan_change`.
"""

from __future__ import annotations

import re

from gateway.model.codes import Terms
from gateway.model.event import Event, PlanCreated, TeamReference
from gateway.model.known import Known
from gateway.model.plan import Activity, Goal, Plan, Problem, Schedule, Who
from gateway.model.when import Day
from gateway.translate.fhir import codes, names, people
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, Node, said, span
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Entries, search
from gateway.translate.fhir.team import read_team, refer_team

PLAN_KIND = names.code_system("plan-kind")
_UNITS = {"hour": "h", "day": "d", "week": "wk", "month": "mo", "year": "a"}
_UNIT_OF = {code: unit for unit, code in _UNITS.items()}


class Creation:
    """A care plan begins: the CarePlan and its Goals are created unless they exist."""

    event: type[Event] = PlanCreated
    profile: str | None = None
    shape: str = names.profile("plan-creation")

    def write(self, event: PlanCreated, known: Known, entries: Entries) -> JSON:
        """Put the Goals, the people and the CarePlan."""
        where = search(entries.ours("plan"), event.plan.id)
        create = {"method": "POST", "url": "CarePlan", "ifNoneExist": where}
        entries.add("plan", care_plan(event.plan, event.team, known, entries), create)
        return {}

    def read(self, received: Received, known: Known) -> JSON:
        """The plan, and the team it names."""
        return read_care_plan(received.the("CarePlan"), received.terms)

    def fits(self, received: Received, known: Known) -> bool:
        """A CarePlan, and no plan of that id known."""
        return bool(received.all("CarePlan")) and known.plan is None


KINDS = (Creation(),)


def care_plan(
    plan: Plan, team: TeamReference | None, known: Known, entries: Entries, *, renew_goals: bool = False
) -> JSON:
    """The CarePlan of a plan, which names its team; its Goals are put first, again where they may have changed."""
    resource = _care_plan(plan, known, entries, renew_goals)
    if team:
        resource["careTeam"] = [refer_team(team, entries)]
    keep(resource, Plan, tree_of(plan), _read(entries.look(resource), entries.terms))
    return resource


def read_care_plan(node: Node, terms: Terms) -> JSON:
    """The plan of a CarePlan, and the team it names."""
    team = next((id for one in node.each("careTeam") if (id := read_team(one))), None)
    return said(plan=complete(node, Plan, _read(node, terms)), team={"id": team} if team else None)


def _care_plan(plan: Plan, known: Known, entries: Entries, renew: bool) -> JSON:
    author = people.refer(entries, plan.author) if plan.author else None
    contributors = [people.refer(entries, one) for one in plan.contributors]
    conditions = [_condition(one, index, entries) for index, one in enumerate(plan.problems, 1)]
    protocol = plan.instantiates.protocol.id if plan.instantiates else ""
    category: list[JSON] = [{"coding": [{"system": PLAN_KIND, "code": plan.kind}]}] if plan.kind else []
    if plan.programme:
        category.append({"text": plan.programme})
    return {
        "resourceType": "CarePlan",
        **said(
            contained=conditions,
            identifier=[{"system": entries.ours("plan"), "value": plan.id}],
            instantiatesUri=[protocol] if re.fullmatch(r"\S+", protocol) else [],
            replaces=[{"type": "CarePlan", "identifier": {"system": entries.ours("plan"), "value": plan.replaces}}]
            if plan.replaces
            else [],
            status=plan.status or "unknown",
            intent="plan",
            category=category,
            title=plan.title,
            subject={"reference": entries.patient},
            period=span(plan.since, plan.until) or None,
            author=author,
            contributor=contributors,
            addresses=[{"reference": f"#{one['id']}"} for one in conditions],
            goal=[_goal(one, index, plan, entries, renew) for index, one in enumerate(plan.goals, 1)],
            activity=[_activity(one, known, entries) for one in plan.activities],
        ),
    }


def _read(node: Node, terms: Terms) -> JSON:
    period = node.one("period")
    id = next((value for one in node.each("identifier") if (value := one.text("value"))), None)
    kinds = [code.text("code") for one in node.each("category") for code in one.each("coding")]
    programmes = [one.text("text") for one in node.each("category") if not one.each("coding")]
    protocol = next(iter(node.texts("instantiatesUri")), None)
    return said(
        id=id,
        kind=next(iter(kinds), None),
        programme=next(iter(programmes), None),
        title=node.text("title"),
        status=node.text("status"),
        since=period.text("start"),
        until=period.text("end"),
        problems=[_read_problem(one.target(), terms) for one in node.each("addresses")],
        goals=[_read_whole_goal(one.target(), id) for one in node.each("goal")],
        activities=[complete(one, Activity, _read_activity(one)) for one in node.each("activity")],
        instantiates={"protocol": {"id": protocol}} if protocol else None,
        author=people.read_reference(node.one("author"), terms),
        contributors=[people.read_reference(one, terms) for one in node.each("contributor")],
        replaces=next((one.one("identifier").text("value") for one in node.each("replaces")), None),
    )


def _condition(problem: Problem, index: int, entries: Entries) -> JSON:
    code = codes.concept(entries.terms, problem.code) if problem.code else {}
    resource = {
        "resourceType": "Condition",
        "id": f"problem-{index}",
        "code": {**code, "text": problem.text},
        "subject": {"reference": entries.patient},
    }
    keep(resource, Problem, tree_of(problem), _read_condition(entries.look(resource), entries.terms))
    return resource


def _read_problem(node: Node, terms: Terms) -> JSON:
    return node.once(Problem, lambda: complete(node, Problem, _read_condition(node, terms)))


def _read_condition(node: Node, terms: Terms) -> JSON:
    code = node.one("code")
    return said(text=code.text("text"), code=codes.read_concept(terms, code))


def _goal(goal: Goal, index: int, plan: Plan, entries: Entries, renew: bool) -> JSON:
    system, value = entries.ours("goal"), f"{plan.id}/{goal.id}"
    by_day = goal.due if goal.due and "T" not in goal.due.text else None  # target.dueDate is a date
    resource = {
        "resourceType": "Goal",
        **said(
            identifier=[{"system": system, "value": value}],
            lifecycleStatus=goal.status,
            _lifecycleStatus=None if goal.status else names.absent(),
            description={"text": goal.text},
            subject={"reference": entries.patient},
            target=[{"dueDate": Day(by_day.text).text}] if by_day else [],
        ),
    }
    keep(resource, Goal, tree_of(goal), _read_goal(entries.look(resource), plan.id))
    if renew:
        update = {"method": "PUT", "url": f"Goal?{search(system, value)}"}
        return {"reference": entries.add(f"goal {index}", resource, update)}
    return {"reference": entries.put(f"goal {index}", resource, system, value)}


def _read_whole_goal(node: Node, plan: str | None) -> JSON:
    return node.once(Goal, lambda: complete(node, Goal, _read_goal(node, plan)))


def _read_goal(node: Node, plan: str | None) -> JSON:
    value = next((value for one in node.each("identifier") if (value := one.text("value"))), None)
    return said(
        id=value.removeprefix(f"{plan}/") if value else None,
        text=node.one("description").text("text"),
        status=node.text("lifecycleStatus"),
        due=next((one.text("dueDate") for one in node.each("target")), None),
    )


def _activity(activity: Activity, known: Known, entries: Entries) -> JSON:
    element: JSON = {
        "detail": said(
            status=activity.status or "unknown",
            description=activity.what,
            performer=[_performer(activity.who, known, entries)] if activity.who else [],
            **(_scheduled(activity.when) if activity.when else {}),
        )
    }
    keep(element, Activity, tree_of(activity), _read_activity(entries.look(element)))
    return element


def _performer(who: Who, known: Known, entries: Entries) -> JSON:
    if who.member is None:
        return {"display": who.text}
    team = known.team.team if known.team else None
    if team and (member := team.member(who.member)):
        return people.refer_member(entries, member, team.id)
    return {"identifier": {"system": entries.ours("member"), "value": who.member}}


def _scheduled(when: Schedule) -> JSON:
    if when.text is not None:
        return {"scheduledString": when.text}
    timing = when.timing
    if timing is not None and timing.times > 0 and (timing.every is None or timing.every > 0):
        repeat = {"frequency": timing.times, "period": timing.every or 1, "periodUnit": _UNITS[timing.unit]}
        return {"scheduledTiming": {"repeat": repeat}}
    return {"scheduledPeriod": {"end": when.due.text}} if when.due else {}


def _read_activity(node: Node) -> JSON:
    detail = node.one("detail")
    return said(
        what=detail.text("description"),
        who=next((_read_performer(one) for one in detail.each("performer")), None),
        when=_read_scheduled(detail),
        status=detail.text("status"),
    )


def _read_performer(node: Node) -> JSON | None:
    identifier = node.one("identifier")
    if names.is_ours(identifier.text("system"), "member"):
        return said(member=identifier.text("value"))
    return said(text=node.text("display")) or None


def _read_scheduled(detail: Node) -> JSON | None:
    repeat = detail.one("scheduledTiming").one("repeat")
    timing = said(
        times=repeat.number("frequency"),
        every=repeat.number("period"),
        unit=_UNIT_OF.get(repeat.text("periodUnit") or ""),
    )
    due = detail.one("scheduledPeriod").text("end")
    return said(text=detail.text("scheduledString"), timing=timing or None, due=due) or None
