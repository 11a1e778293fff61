"""On the command line a report is replaced and taken back as in a gateway, save what no file knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from gateway import pack
from gateway.pack.header import Header
from tests.cli.conftest import EXAMPLES, Ran

Passerelle = Callable[..., Ran]
SHARED = ("team.created", "report.shared")


def after(*names: str) -> list[str]:
    """`--after` with these examples."""
    return ["--after", *(str(EXAMPLES / f"{name}.json") for name in names)]


def test_packed_documents_name_each_other_as_they_were_packed_before(passerelle: Passerelle, tmp_path: Path) -> None:
    def packed(name: str, *before: str) -> Header:
        assert passerelle("pack", EXAMPLES / f"{name}.json", *after(*before), "--out", tmp_path / name).code == 0
        return pack.read_cda((tmp_path / name / "document.xml").read_bytes()).header

    shared, replaced = packed("report.shared", "team.created"), packed("report.replaced", *SHARED)
    cancelled = packed("report.cancelled", *SHARED, "report.replaced")
    assert (replaced.replaces, cancelled.id) == (shared.id, replaced.id)
    assert shared.set_id == replaced.set_id == cancelled.set_id


def test_who_received_a_report_is_said_to_be_unknown_here(passerelle: Passerelle) -> None:
    cancelled = EXAMPLES / "report.cancelled.json"
    told = json.loads(passerelle("explain", cancelled, *after(*SHARED, "report.replaced"), "--json").out)
    assert told["legs"] == told["not_addressed"] == []
    assert "Who received the report" in told["not_looked_at"][0]["en"]
    assert "seule une passerelle en service" in passerelle("explain", cancelled, *after(*SHARED, "report.replaced")).out
    assert json.loads(passerelle("explain", EXAMPLES / "team.created.json", "--json").out)["not_looked_at"] == []
