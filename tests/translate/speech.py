"""Dialects made on the spot for tests, from the lines that matter; and the two written otherwise than in JSON."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.faults import Fault
from gateway.translate import Dialect, Dialects, MappingFault, read_vendor
from tests.strategies import terms

WRITTEN = Path(__file__).parent / "written"


@cache
def written(name: str) -> Dialect:
    """`cabinetx` (XML) or `tableur` (CSV)."""
    return Dialects.load([WRITTEN], terms()).get(name)


HEAD = """\
dialect: {name}
version: "1"
source: invented
{more}
events:
  team.member-joined:
    when: {{path: {type}, is: AJOUT}}
{event}
    fields:
      id: {{path: /id, verb: text}}
      occurred_at: {{path: /quand, verb: instant}}
      sender.rpps: {{value: "10100012342"}}
      patient.identity_status: {{value: provisional}}
      patient.local_id: {{path: /dossier, verb: identifier, system: 1.2.3}}
      team.id: {{value: T-1}}
      member.id: {{path: /membre, verb: text}}
      member.rpps: {{value: "10100054328"}}
"""
"""A table that tells a member who joined, save the lines a test is about."""

BODY = {"type": "AJOUT", "id": "1", "quand": "2026-11-20T09:30:00+01:00", "dossier": "P-1", "membre": "M-1"}


def table(lines: str, *, more: str = "", event: str = "", kind: str = "/type") -> str:
    """The text of such a table with these lines of fields."""
    fields = "".join(f"      {line}\n" for line in lines.strip().splitlines())
    return HEAD.format(name="essai", more=more.strip(), event=event.rstrip() or "    include: []", type=kind) + fields


def speak(lines: str, *, more: str = "", event: str = "", kind: str = "/type") -> Dialect:
    """The dialect of such a table."""
    return load(table(lines, more=more, event=event, kind=kind))


def load(text: str) -> Dialect:
    """The dialect `essai` of a whole table."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "essai.yaml").write_text(text, "utf-8")
        return Dialects.load([Path(folder)], terms()).get("essai")


def problems(lines: str, *, more: str = "", event: str = "", kind: str = "/type") -> list[str]:
    """What the loader says against such a table."""
    with pytest.raises(MappingFault) as wrong:
        speak(lines, more=more, event=event, kind=kind)
    return [problem.what for problem in wrong.value.problems]


def read(dialect: Dialect, **places: Any) -> Event:
    """The event of a body of JSON that says these things besides what must be there."""
    return read_vendor(json.dumps({**BODY, **places}).encode(), dialect)


def faults(dialect: Dialect, body: bytes | None = None, **places: Any) -> list[Fault]:
    """The faults of a body."""
    with pytest.raises(Rejected) as wrong:
        read_vendor(json.dumps({**BODY, **places}).encode() if body is None else body, dialect)
    return list(wrong.value.faults)
