"""What the documents say is true: links lead somewhere, commands exist and run, settings load."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from docs import generator
from docs.generator.settings import EXAMPLE
from gateway.cli.commands import app
from gateway.cli.first import SETTINGS
from gateway.config import load
from gateway.model.exchange import EXCHANGE_MOVES, LEG_MOVES
from gateway.model.schema import schemas
from tests.cli.conftest import run

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(page for page in ROOT.rglob("*.md") if not {".venv", ".hypothesis"} & set(page.parts))
ON_FILES = ("translate", "pack", "explain", "inspect", "cda", "xdm")


def blocks(page: Path, language: str) -> Iterator[str]:
    yield from re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def commands(page: Path) -> Iterator[list[str]]:
    """Every line that calls `passerelle`, as words, continued lines joined and comments cut."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0].endswith("passerelle"):
                yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", page.read_text("utf-8"))
    inside = [(page.parent / target if target else page, title) for target, title in targets if "://" not in target]
    assert [
        str(target) for target, title in inside if not target.exists() or (title and title not in titles(target))
    ] == []


def titles(page: Path) -> set[str]:
    """The titles of a page, as links name them."""
    shown = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in shown}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for words in commands(page):
        command = typer.main.get_command(app)
        for word in words:
            if word.startswith("-") or not hasattr(command, "commands"):
                break
            assert word in command.commands, words
            command = command.commands[word]
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, words


@pytest.mark.parametrize("page", ["README.md", "docs/getting-started.md"])
def test_commands_on_files_run_as_shown(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = [words for words in commands(ROOT / page) if words[0] in ON_FILES]
    assert shown
    for words in shown:
        ran = run(*(word.replace("/tmp/pli", str(tmp_path / "pli")) for word in words))
        assert ran.code == 0, (words, ran.err)


def test_the_settings_shown_to_the_admin_load(tmp_path: Path) -> None:
    operators, software = blocks(ROOT / "docs" / "howto" / "admin.md", "yaml")
    without_tenants = SETTINGS.partition("tenants:")[0]
    (tmp_path / "passerelle.yaml").write_text(without_tenants + operators + software, "utf-8")
    settings = load(tmp_path / "passerelle.yaml")
    assert settings.mailboxes[0].collect
    assert settings.endpoints["plateforme"].secret
    assert settings.tenants["cpts-exemple"].clients["logimed"].callback


def test_the_routes_shown_load() -> None:
    from gateway.route import Routes

    for shown in blocks(ROOT / "docs" / "howto" / "routes.md", "yaml"):
        assert Routes.load(shown.encode()).routes


@pytest.mark.parametrize("name", sorted(generator.PAGES))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (generator.FOLDER / name).read_text("utf-8")
    assert written == generator.page(name), "the code has changed since: make docs (python -m docs.generator)"


def test_the_reference_holds_no_page_nobody_writes() -> None:
    assert {file.name for file in generator.FOLDER.iterdir()} == set(generator.PAGES)


def test_the_example_of_the_settings_loads_and_shows_every_field_of_the_file(tmp_path: Path) -> None:
    shown = load(EXAMPLE)
    assert shown.model_fields_set == set(type(shown).model_fields)


def test_every_picture_of_states_shows_every_move_of_its_table_once() -> None:
    drawn = re.findall(r"^  (\w+) (?:-->|-\.->) (\w+)$", generator.page("states.md"), re.MULTILINE)
    moves = [(state, to) for table in (EXCHANGE_MOVES, LEG_MOVES) for state, follow in table.items() for to in follow]
    assert sorted(drawn) == sorted(tuple(f"{one.replace('-', '_')}_" for one in move) for move in moves)


def test_the_states_a_vendor_reads_about_are_those_of_the_table() -> None:
    from gateway.model.exchange import PROOF

    page = (ROOT / "docs" / "howto" / "vendor.md").read_text("utf-8")
    told = {match[0] for match in re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)}
    assert told == {state.value for state in PROOF}


def _leaves(schema: dict[str, Any], at: str, defs: dict[str, Any]) -> Iterator[str]:
    """Every field a published schema takes, down to the words it calls one thing (a code, an identifier)."""
    whole = next((arm for arm in schema.get("anyOf", ()) if "$ref" in arm), schema)
    if "items" in whole:
        yield from _leaves(whole["items"], at, defs)
    elif (name := whole.get("$ref", "").rpartition("/")[2]) and name not in ("Coded", "Identifier", "Ins", "LocalId"):
        yield from _leaves(defs[name], at, defs)
    elif "properties" in whole:
        for field, inner in whole["properties"].items():
            yield from _leaves(inner, f"{at}.{field}".lstrip("."), defs)
    else:
        yield at


def test_every_field_of_the_published_schemas_has_its_row_in_the_table_of_forms() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", (generator.FOLDER / "fields.md").read_text("utf-8"), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(.*?)`", row)}
    asked = {path for one in schemas().values() for path in _leaves(one, "", one["$defs"])} - {"type"}
    parts = {name.removesuffix(".*") for name in told if name.endswith(".*")}
    assert {
        path for path in asked if path not in told and not any(path.startswith(f"{part}.") for part in parts)
    } == set()
    assert {name for name in told - asked if not name.endswith(".*")} == set()


@pytest.mark.parametrize(
    ("field", "places"),  # CI-SIS: link between the CDA header and XDS metadata; ECO.2.1.3, 2.1.6, 2.4.1, 2.4.2
    [
        ("patient.birth_name", ("Patient.name.family", "name/family[@qualifier='BR']", "PID-5 (birth)", "Subject")),
        ("patient.birth_date", ("Patient.birthDate", "patient/birthTime", "PID-7", "Subject")),
        ("patient.ins", ("Patient.identifier", "patientRole/id", "`patientId`")),
        ("patient.identity_status", ("X-MSS-INS",)),
        ("report.type", ("DocumentReference.type", "`code`", "typeCode", "classCode", "X-MSS-CODECDA", "PDF name")),
        ("report.created_at", ("DocumentReference.date", "`effectiveTime`", "creationTime")),
        ("report.service_start", ("context.period.start", "effectiveTime/low", "serviceStartTime", "PDF name")),
        ("report.masks", ("securityLabel", "confidentialityCode")),
        ("report.document.data", ("Binary.data", "component/nonXMLBody/text", "PDF")),
    ],
)
def test_the_table_of_forms_finds_what_the_national_texts_say(field: str, places: tuple[str, ...]) -> None:
    rows = (generator.FOLDER / "fields.md").read_text("utf-8").splitlines()
    row = next(row for row in rows if f"`{field}`" in row.partition(" | ")[0])
    assert [place for place in places if place not in row] == []
