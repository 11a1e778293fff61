"""What the tests of this room share: tables, a packing's seed and time, small documents, the official files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typst

from gateway.journey.recall import Replayed
from gateway.model.event import Event, ReportShared, read_event
from gateway.model.known import Known, after
from gateway.model.report import Document
from gateway.pack import Earlier, Minted, Packed, Software, pack
from tests import strategies

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "../shared"
TERMS = strategies.terms()
MINTED = Minted(UUID("5f0c1f6e-6f0e-4b0e-9d52-0d6a6f1f7a11"), datetime(2026, 11, 20, 8, 45, tzinfo=UTC))
SOFTWARE = Software("Passerelle", "0.1.0", "Les fondateurs de Passerelle", "DEV935997", "contact@exemple.fr")
EARLIER = (
    Earlier(UUID("0b3f8a52-50a5-4c59-8f0e-3d3d8d0c6a01"), datetime(2026, 11, 19, 16, 6, tzinfo=UTC)),
    Earlier(UUID("7c1e2d94-1f1b-4a55-9d52-91b3f6a1e202"), datetime(2026, 11, 20, 7, 30, tzinfo=UTC)),
)
"""Two exchanges that carried the example report, oldest first."""

CHANGES: dict[str, dict[str, Any]] = {
    "team.role-changed": {
        "team": {"id": "T-7"},
        "member": {"id": "M-2", "roles": ["CAREGIVER"], "since": "2026-11-21"},
    },
    "plan.activity-changed": {
        "plan": {"id": "PPS-31"},
        "activity": {"id": "A-1", "what": "Pansement un jour sur deux", "who": {"member": "M-6"}, "status": "on-hold"},
    },
    "plan.revised": {"plan": {"id": "PPS-31", "title": "Plan de Mme Pat-Trois", "activities": []}},
    "report.replaced": {
        "report": {
            "id": "CR-2026-118-2",
            "replaces": "CR-2026-118",
            "type": "11488-4",
            "created_at": "2026-11-20T08:30:00+01:00",
        }
    },
    "report.cancelled": {"report": {"id": "CR-2026-118-2", "reason": "wrong-patient"}},
    "team.member-left": {
        "team": {"id": "T-7"},
        "member": {"id": "M-3", "until": "2026-11-19", "reason": "départ en retraite"},
    },
    "plan.closed": {"plan": {"id": "PPS-31", "until": "2026-11-21", "closed_reason": "objectifs atteints"}},
    "team.closed": {"team": {"id": "T-7", "until": "2026-11-21", "closed_reason": "moved"}},
}
"""What follows the example events, in this order: the fields that are not those of `team.created`."""

KINDS = ("team.created", "team.member-joined", "plan.created", "report.shared", *CHANGES)


def shared(path: str) -> Path:
    """A file beside the project; the test is skipped where it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"{path} is not beside the project")
    return found


@cache
def story() -> dict[str, tuple[Event, Known]]:
    """One event of each kind with what is known once it is counted; reports without their document."""
    memory, told = Replayed([]), {}
    for kind in KINDS:
        event = read_event(_tree(kind))
        _, known, _ = memory.count(event)
        told[kind] = (event, known)
    return told


def _tree(kind: str) -> Any:
    if kind in CHANGES:
        tree = _tree("team.created")
        tree.pop("team")
        at = f"2026-11-21T{10 + list(CHANGES).index(kind)}:00:00+01:00"
        return {**tree, "id": f"E-{kind}", "type": kind, "occurred_at": at, **CHANGES[kind]}
    tree = json.loads((ROOT / f"examples/{kind}.json").read_text("utf-8"))
    tree.get("report", {}).pop("document", None)
    return tree


def known_after(event: Event) -> Known:
    """What is known once one of the drawn events is counted."""
    return after(strategies.known_for(event), event, strategies.PATIENT)[0]


@cache
def packed(kind: str) -> Packed:
    """One event of that kind, packed; the earlier report had gone out twice."""
    event, known = story()[kind]
    return pack(event, known, TERMS, MINTED, SOFTWARE, previous=EARLIER)


@cache
def small_pdf(text: str = "Compte rendu", *standards: Any) -> bytes:
    """A real one-page PDF."""
    source = f'#set document(title: "t")\n#set text(lang: "fr")\n{text}'.encode()
    made = typst.compile(source, format="pdf", pdf_standards=list(standards), timestamp=MINTED.at)
    assert isinstance(made, bytes)
    return made


def report_with(data: bytes | None, content_type: str = "application/pdf", **fields: Any) -> ReportShared:
    """The example report carrying that document."""
    event, _ = story()["report.shared"]
    assert isinstance(event, ReportShared)
    document = Document(content_type=content_type, data=data) if data is not None else None
    return replace(event, report=replace(event.report, **{"document": document, **fields}))
