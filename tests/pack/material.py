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

from gateway.model.event import Event, ReportShared, read_event
from gateway.model.known import Known, after
from gateway.model.report import Document
from gateway.pack import Minted, Packed, Software, pack
from tests.strategies import terms

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "../shared"
TERMS = terms()
MINTED = Minted(UUID("5f0c1f6e-6f0e-4b0e-9d52-0d6a6f1f7a11"), datetime(2026, 11, 20, 8, 45, tzinfo=UTC))
SOFTWARE = Software("Passerelle", "0.1.0", "Les fondateurs de Passerelle", "DEV935997", "contact@exemple.fr")
KINDS = ("team.created", "team.member-joined", "plan.created", "report.shared")


def shared(path: str) -> Path:
    """A file beside the project; the test is skipped where it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"{path} is not beside the project")
    return found


@cache
def story() -> dict[str, tuple[Event, Known]]:
    """The example events with what is known before each; the report without its document."""
    known, told = Known(), {}
    for kind in KINDS:
        event = read_event(_tree(kind))
        told[kind] = (event, known)
        known, _ = after(known, event, "patient")
    return told


def _tree(kind: str) -> Any:
    tree = json.loads((ROOT / f"examples/{kind}.json").read_text("utf-8"))
    tree.get("report", {}).pop("document", None)
    return tree


@cache
def packed(kind: str) -> Packed:
    """One of the example events, packed."""
    event, known = story()[kind]
    return pack(event, known, TERMS, MINTED, SOFTWARE)


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
