"""The people, teams and events these tests speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.model.event import Event, read_event
from gateway.model.identity import luhn
from gateway.model.known import Known, after

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INS = "279035121518989"

EXAMPLE = b"""\
routes:
  - name: Every team change goes to each professional member's own mailbox
    when: {event: "team.*", structure: CPTS Exemple}
    to: {each: member, prefer: [PER, ORG]}     # relatives are never addressed: explain shows them as not-addressable
    via: mssante
    mode: exchange                             # exchange (a named recipient) or share: law.md
    attach_fhir: known-gateways                # never | known-gateways | always
"""


def rpps(rank: int) -> str:
    """The RPPS number of the nth person."""
    stem = f"10{rank:08d}"
    return next(stem + key for key in "0123456789" if luhn(stem + key))


def person(rank: int, **more: Any) -> dict[str, Any]:
    """The nth professional."""
    return {"rpps": rpps(rank), "family": f"NOM{rank}", "given": "Alix", "profession": "60", **more}


def member(rank: int, **more: Any) -> dict[str, Any]:
    """The nth professional as member M-n."""
    return {"id": f"M-{rank}", **person(rank, roles=["PROV"]), **more}


RELATIVE = {"id": "M-R", "related": {"name": "Ana Proche", "relationship": "DAUC"}}
STRUCTURE = {"id": "M-S", "organization": {"finess": "750000127", "name": "Cabinet Martin"}}


def tree(**more: Any) -> dict[str, Any]:
    """A team of members 1 and 2 and a relative, told by person 0."""
    return {
        "id": "E-1",
        "type": "team.created",
        "occurred_at": "2026-11-20T09:30:00+01:00",
        "sender": person(0, organization={"finess": "750000127", "name": "Cabinet Martin"}),
        "patient": {
            "ins": {"number": INS, "kind": "NIR-TEST"},
            "identity_status": "qualified",
            "birth_name": "PAT-TROIS",
            "birth_date": "1979-03-28",
            "local_id": {"system": "1.2.3", "value": "P-42"},
        },
        "team": team([member(1), member(2), RELATIVE]),
        **more,
    }


def team(members: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A team of the CPTS Exemple."""
    structure = {"kind": "CPTS", "ids": [{"scheme": "FINESS", "value": "750000002"}], "name": "CPTS Exemple"}
    return {"id": "T-7", "structures": [structure], "ground": "formalised", "members": members, **more}


def report(**more: Any) -> dict[str, Any]:
    """A report shared about the team T-7."""
    shared = {"id": "R-1", "type": "11488-4", "created_at": "2026-11-20T09:00:00+01:00", **more.pop("report", {})}
    told = tree(type="report.shared", report=shared, **more)
    return {**told, "team": "T-7"}


def event(**more: Any) -> Event:
    """The event of `tree`."""
    return read_event(tree(**more))


def scene(told: dict[str, Any], before: dict[str, Any] | None = None) -> tuple[Event, Known]:
    """An event and what is known after it, `before` being a team told earlier."""
    known = Known()
    if before is not None:
        known, _ = after(known, read_event(tree(team=before)), "p1")
    now = read_event(told)
    known, _ = after(known, now, "p1")
    return now, known


def with_team(known: Known, **more: Any) -> Known:
    """The same memory with the team's own fields changed."""
    assert known.team is not None
    return replace(known, team=replace(known.team, team=replace(known.team.team, **more)))
