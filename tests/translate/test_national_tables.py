"""The national code tables in `mappings/tables` are whole, sourced, and lead where they should."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from gateway.model.codes import Coded
from tests.strategies import terms
from tests.translate.dialects import ROOT

FILES = sorted((ROOT / "mappings" / "tables").glob("*.csv"))
SHARED = ROOT / "../shared"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_table_says_its_source_and_has_each_code_once(file: Path) -> None:
    source, *lines = file.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"# .*(version \d|read \d{4}-\d\d-\d\d).*", source)
    rows = list(csv.DictReader(lines))
    assert rows
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        assert row["display"].strip()
        assert re.fullmatch(r"[0-9.]+|ASTM", row["oid"])
        assert row["url"] == "" or row["url"].startswith("http")


def test_a_type_of_document_leads_to_its_class() -> None:
    plan = terms().pairs("X04")["18776-5"]
    assert (plan.code, plan.display) == ("44", "Plan de soins, protocole de soins")
    assert terms().find("44", "A03") == plan


def test_every_class_a_type_leads_to_exists() -> None:
    assert {term.code for term in terms().pairs("X04").values()} <= terms().pairs("A03").keys()


def test_a_pdf_leads_to_its_format() -> None:
    assert terms().pairs("A12")["application/pdf"].code == "urn:ihe:iti:xds-sd:pdf:2008"


@pytest.mark.parametrize(
    ("code", "name", "display", "oid"),
    [
        ("60", "G15", "Infirmier", "1.2.250.1.71.1.2.7"),
        ("330", "R85", "Coordonnateur de parcours", "1.2.250.1.213.1.6.1.107"),
        ("PCP", "R259", "Médecin traitant", "2.16.840.1.113883.5.88"),
        ("11488-4", "J07", "CR ou fiche de consultation ou de visite", "2.16.840.1.113883.6.1"),
        ("604", "R66", "Communauté Professionnelle Territoriale de Santé (CPTS)", "1.2.250.1.213.1.6.1.8"),
    ],
)
def test_a_code_has_its_official_label_and_system(code: str, name: str, display: str, oid: str) -> None:
    term = terms().term(Coded(code=code), name)
    assert term is not None
    assert (term.display, term.oid) == (display, oid)


def test_a_code_of_a_list_that_is_named_is_looked_up_there_alone() -> None:
    assert terms().term(Coded(code="60", list="R85"), "G15") is None
    assert terms().term(Coded(code="330", list="R85"), "G15") is not None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("G15", "CodeSystem-TRE-G15-ProfessionSante"),
        ("R38", "CodeSystem-TRE-R38-SpecialiteOrdinale"),
        ("R85", "CodeSystem-TRE-R85-RolePriseCharge"),
        ("R216", "CodeSystem-TRE-R216-HL7RoleCode"),
    ],
)
def test_a_table_holds_every_code_of_the_official_system(name: str, file: str) -> None:
    official = SHARED / "fhir-packages" / "ans.fr.terminologies#subset" / "package" / f"{file}.json"
    if not official.exists():
        pytest.skip("the official packages are not beside the project")
    system = json.loads(official.read_text(encoding="utf-8"))
    assert {concept["code"]: concept["display"] for concept in system["concept"]} == {
        code: term.display for code, term in terms().pairs(name).items()
    }
    assert {term.url for term in terms().pairs(name).values()} == {system["url"]}
