"""What of the memory one event needs, from the database or from earlier events replayed on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from gateway.model.event import Event
from gateway.model.faults import Notice
from gateway.model.known import (
    Known,
    KnownPlan,
    KnownReport,
    KnownTeam,
    after,
    plan_wanted,
    replaced_wanted,
    report_wanted,
    team_wanted,
)
from gateway.model.people import Patient


class Memory(Protocol):
    """Teams, plans and reports of one client of one tenant."""

    def team(self, id: str) -> KnownTeam | None:
        """The team with that id."""
        ...

    def plan(self, id: str) -> KnownPlan | None:
        """The plan with that id."""
        ...

    def report(self, id: str) -> KnownReport | None:
        """The report with that id."""
        ...

    def teams_of(self, patient: str) -> tuple[KnownTeam, ...]:
        """Every open team of that patient."""
        ...


def aliases(patient: Patient, client: str) -> tuple[str, ...]:
    """The words a patient is found by: the qualified INS first, then (client, local id)."""
    words = [f"INS:{patient.outgoing_ins.number}"] if patient.outgoing_ins else []
    if patient.local_id:
        words.append(f"LOCAL:{client}:{patient.local_id.system}|{patient.local_id.value}")
    if not words and patient.ins:  # an unqualified INS alone: known to this client only
        words.append(f"UNQUALIFIED:{client}:{patient.ins.number}")
    return tuple(words)


class Foreseeing(Protocol):
    """A memory that may be told what it will be asked."""

    def ahead(self, kind: str, id: str) -> None:
        """The team, plan or report with that id."""
        ...


def recall_ahead(memory: Foreseeing, event: Event) -> None:
    """Say what `recall` will ask whatever it finds, in its order."""
    wanted = (
        ("plan", plan_wanted(event)),
        ("report", report_wanted(event)),
        ("report", replaced_wanted(event)),
        ("team", team_wanted(event)),
    )
    for kind, id in wanted:
        if id:
            memory.ahead(kind, id)


def recall(memory: Memory, event: Event, patient: str) -> tuple[Known, tuple[Notice, ...]]:
    """The team, plan and reports an event speaks of.

    An event that may have a team and names none gets that of its plan, else the patient's only open team; with several
    it gets none and a notice `team-not-chosen`.
    """
    plan_id, report_id, replaced_id = plan_wanted(event), report_wanted(event), replaced_wanted(event)
    plan = memory.plan(plan_id) if plan_id else None
    told = Known(
        plan=plan,
        report=memory.report(report_id) if report_id else None,
        replaced=memory.report(replaced_id) if replaced_id else None,
    )
    wanted = team_wanted(event) or (plan.team if plan and plan.patient == patient else None)
    if wanted:
        return replace(told, team=memory.team(wanted)), ()
    teams = memory.teams_of(patient)
    notices = (Notice("team-not-chosen", ("team",)),) if len(teams) > 1 else ()
    return replace(told, team=teams[0] if len(teams) == 1 else None), notices


class Replayed:
    """A memory made of earlier events, for `--after`."""

    def __init__(self, earlier: Iterable[Event], client: str = "") -> None:
        self._teams: dict[str, KnownTeam] = {}
        self._plans: dict[str, KnownPlan] = {}
        self._reports: dict[str, KnownReport] = {}
        self._handles: dict[str, str] = {}
        self._client = client
        for event in earlier:
            self.count(event)

    def count(self, event: Event) -> tuple[Known, Known, tuple[Notice, ...]]:
        """Count one more event; gives what was known before it, after it, and what should be noticed."""
        names = aliases(event.patient, self._client)
        handle = next((self._handles[name] for name in names if name in self._handles), f"patient-{len(self._handles)}")
        self._handles.update(dict.fromkeys(names, handle))
        before, notices = recall(self, event, handle)
        now, more = after(before, event, handle)
        if now.team:
            self._teams[now.team.team.id] = now.team
        if now.plan:
            self._plans[now.plan.plan.id] = now.plan
        self._reports.update({one.id: one for one in (now.report, now.replaced) if one})
        return before, now, notices + more

    def about(self, ids: Iterable[str]) -> Known:
        """The team, the plan and the report known under one of these ids."""
        ids = tuple(ids)
        return Known(
            team=next((self._teams[id] for id in ids if id in self._teams), None),
            plan=next((self._plans[id] for id in ids if id in self._plans), None),
            report=next((self._reports[id] for id in ids if id in self._reports), None),
        )

    def team(self, id: str) -> KnownTeam | None:
        """See Memory."""
        return self._teams.get(id)

    def plan(self, id: str) -> KnownPlan | None:
        """See Memory."""
        return self._plans.get(id)

    def report(self, id: str) -> KnownReport | None:
        """See Memory."""
        return self._reports.get(id)

    def teams_of(self, patient: str) -> tuple[KnownTeam, ...]:
        """See Memory."""
        return tuple(team for team in self._teams.values() if team.patient == patient and team.team.open)
