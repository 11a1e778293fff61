"""translate, pack, explain, inspect: from files to files, as a user types them."""

from __future__ import annotations

import base64
import email
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from email import policy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.cli.conftest import EXAMPLES, Ran
from tests.conftest import SHARED
from tests.pack.material import packed
from tests.pack.raw_pdf import one_page

Passerelle = Callable[..., Ran]
STORY = sorted(
    (file.stem for file in EXAMPLES.glob("*.json")),
    key=lambda kind: datetime.fromisoformat(json.loads((EXAMPLES / f"{kind}.json").read_bytes())["occurred_at"]),
)
KINDS = sorted(STORY)
SHAPES = ["team.created", "team.role-changed", "plan.activity-changed", "report.replaced", "report.cancelled"]
"""One of each shape; the documents of every kind are asked the same in tests/pack."""
FORMATS = {"logiflat": "json", "balisoin": "xml", "tablosoin": "csv"}
FILES = [(name, file.stem) for name in FORMATS for file in sorted((EXAMPLES / name).glob(f"*.*.{FORMATS[name]}"))]


def after(kind: str, dialect: str = "") -> list[str]:
    """`--after` with the examples that happened before, as far as the dialect has them."""
    files = [of(earlier, dialect) for earlier in STORY[: STORY.index(kind)]]
    there = [str(file) for file in files if file.exists()]
    return ["--after", *there] if there else []


def of(kind: str, dialect: str = "") -> Path:
    """An example in a dialect's words."""
    return EXAMPLES / dialect / f"{kind}.{FORMATS.get(dialect, 'json')}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_becomes_a_bundle_and_comes_back_exactly(kind: str, passerelle: Passerelle, tmp_path: Path) -> None:
    bundle = passerelle("translate", EXAMPLES / f"{kind}.json", *after(kind))
    assert bundle.code == 0
    assert json.loads(bundle.out)["type"] == "transaction"
    file = tmp_path / "bundle.json"
    file.write_text(bundle.out, "utf-8")
    back = passerelle("translate", "--back", file, *after(kind))
    assert json.loads(back.out) == json.loads((EXAMPLES / f"{kind}.json").read_bytes())


@pytest.mark.parametrize("kind", SHAPES)
def test_an_example_is_packed_into_five_files_that_agree(kind: str, passerelle: Passerelle, tmp_path: Path) -> None:
    assert passerelle("pack", EXAMPLES / f"{kind}.json", *after(kind), "--out", tmp_path).code == 0
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(files) == {"bundle.json", "document.xml", "document.pdf", "IHE_XDM.zip", "message.eml"}
    with zipfile.ZipFile(BytesIO(files["IHE_XDM.zip"])) as archive:
        assert archive.read("IHE_XDM/SUBSET01/DOC0001.XML") == files["document.xml"]
    mail = email.message_from_bytes(files["message.eml"], policy=policy.default)
    attached = {part.get_content_type(): part.get_content() for part in mail.iter_attachments()}
    assert attached["application/zip"] == files["IHE_XDM.zip"]
    assert attached["application/pdf"] == files["document.pdf"]
    assert mail["Subject"].startswith("XDM/1.0/DDM+")
    assert passerelle("pack", EXAMPLES / f"{kind}.json", *after(kind), "--out", tmp_path / "again").code == 0
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == files


@pytest.mark.parametrize("kind", SHAPES)
def test_a_packed_document_is_valid_against_the_official_schema(
    kind: str, passerelle: Passerelle, tmp_path: Path
) -> None:
    schema = SHARED / "schemas" / "cda" / "CDA_extended.xsd"
    if not schema.exists():
        pytest.skip("the official CDA schemas are not beside the project")
    passerelle("pack", EXAMPLES / f"{kind}.json", *after(kind), "--out", tmp_path)
    etree.XMLSchema(etree.parse(schema)).assertValid(etree.parse(tmp_path / "document.xml"))


@pytest.mark.parametrize("kind", KINDS)
def test_explain_says_who_would_receive_it_and_why(kind: str, passerelle: Passerelle) -> None:
    told = json.loads(passerelle("explain", EXAMPLES / f"{kind}.json", *after(kind), "--json").out)
    assert told["legs"] or kind == "report.cancelled"  # who received a report is known to a gateway only
    for leg in told["legs"]:
        assert leg["chosen_because"]
        assert leg["gate"]["rule"]
    assert all(route["because"] for route in told["not_matched"])


@pytest.mark.parametrize("name", ["bundle.json", "document.xml", "IHE_XDM.zip", "message.eml"])
def test_inspect_shows_what_our_own_files_hold(name: str, passerelle: Passerelle, tmp_path: Path) -> None:
    passerelle("pack", EXAMPLES / "plan.created.json", *after("plan.created"), "--out", tmp_path)
    told = passerelle("inspect", tmp_path / name)
    assert told.code == 0
    assert "18776-5" in told.out or "plan.created" in told.out


@pytest.mark.parametrize("kind", SHAPES)
def test_inspect_shows_the_event_a_document_would_become(kind: str, passerelle: Passerelle, tmp_path: Path) -> None:
    passerelle("pack", EXAMPLES / f"{kind}.json", *after(kind), "--out", tmp_path)
    event = json.loads(passerelle("inspect", tmp_path / "document.xml").out)["event"]
    assert event["type"] == (kind if kind == "report.replaced" else "report.shared")
    assert event["patient"]["ins"]["number"] == "279035121518989"
    assert event["sender"]["rpps"] == "10100012342"


def test_a_rejected_event_tells_every_fault_on_stderr_and_exits_2(passerelle: Passerelle, tmp_path: Path) -> None:
    tree: dict[str, Any] = json.loads((EXAMPLES / "team.created.json").read_bytes())
    tree["sender"]["rpps"] = "10100012341"
    tree["patient"]["ins"]["number"] = "279035121518900"
    tree["occurred_at"] = "2026-11-20T09:30:00"
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(tree), "utf-8")
    ran = passerelle("translate", file)
    assert (ran.code, ran.out) == (2, "")
    for said in ("/sender/rpps: rpps-key", "/patient/ins/number: ins-key", "/occurred_at: bad-instant"):
        assert said in ran.err
    assert "279035121518900" not in ran.err
    assert {error["code"] for error in json.loads(passerelle("translate", file, "--json").err)["errors"]} == {
        "rpps-key",
        "ins-key",
        "bad-instant",
    }


@pytest.mark.parametrize("command", [["translate"], ["explain"], ["pack", "--out", "out"]])
def test_what_is_called_a_pdf_and_is_none_is_refused_offline_too(
    command: list[str], passerelle: Passerelle, tmp_path: Path
) -> None:
    tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    tree["report"]["document"]["data"] = "cGFzIHVuIFBERg=="
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(tree), "utf-8")
    ran = passerelle(command[0], file, *command[1:], *after("report.shared"))
    assert ran.code == 2
    assert "/report/document/data: not-a-pdf" in ran.err


@pytest.mark.parametrize("kind", ["team.member-joined", "plan.created"])
def test_a_change_to_an_unknown_team_is_refused(kind: str, passerelle: Passerelle) -> None:
    ran = passerelle("translate", EXAMPLES / f"{kind}.json")
    assert ran.code == 2
    assert "unknown-team" in ran.err


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 10_000, b"null", b'{"id": 1, "id": 2}'])
@pytest.mark.parametrize("command", [["translate"], ["translate", "--back"], ["explain"], ["inspect"]])
def test_a_file_that_is_no_event_is_refused_clearly(
    command: list[str], content: bytes, passerelle: Passerelle, tmp_path: Path
) -> None:
    file = tmp_path / "odd.json"
    file.write_bytes(content)
    ran = passerelle(*command, file)
    assert ran.code in (0, 2)
    assert ran.code == 2 or "faults" in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("suffix", [".xml", ".zip", ".eml", ".json", ".doc"])
def test_inspect_refuses_junk_of_any_kind(suffix: str, passerelle: Passerelle, tmp_path: Path) -> None:
    file = tmp_path / f"junk{suffix}"
    file.write_bytes(b"\x00\x01junk<!DOCTYPE x [<!ENTITY y 'z'>]>&y;")
    ran = passerelle("inspect", file)
    assert "Traceback" not in ran.err
    assert ran.code == (0 if suffix == ".eml" else 2)


def test_a_rejected_earlier_event_is_named_by_its_own_file(passerelle: Passerelle, tmp_path: Path) -> None:
    wrong = tmp_path / "earlier.json"
    wrong.write_text("{}", "utf-8")
    ran = passerelle("translate", EXAMPLES / "team.created.json", "--after", wrong)
    assert ran.code == 2
    assert ran.err.startswith(f"{wrong}:")


def test_after_takes_every_file_up_to_the_next_option(passerelle: Passerelle) -> None:
    files = [EXAMPLES / "team.created.json", EXAMPLES / "team.member-joined.json"]
    together = passerelle("translate", EXAMPLES / "plan.created.json", "--after", *files)
    apart = passerelle("translate", EXAMPLES / "plan.created.json", "--after", files[0], "--after", files[1])
    assert together.code == apart.code == 0
    assert together.out == apart.out


def with_cda(tmp_path: Path, before: str = "", after: str = "") -> tuple[Path, bytes]:
    """The example report bringing a CDA of its sender's own, and that document."""
    cda = packed("report.shared").cda.replace(before.encode(), after.encode())
    tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    tree["report"]["document"] = {"content_type": "text/xml", "data": base64.b64encode(cda).decode()}
    file = tmp_path / "event.json"
    file.write_text(json.dumps(tree), "utf-8")
    return file, cda


def test_a_document_of_the_senders_own_is_packed_as_it_is(passerelle: Passerelle, tmp_path: Path) -> None:
    file, cda = with_cda(tmp_path)
    ran = passerelle("pack", file, *after("report.shared"), "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert (tmp_path / "out" / "document.xml").read_bytes() == cda
    bundle = json.loads((tmp_path / "out" / "bundle.json").read_bytes())
    (binary,) = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Binary"]
    assert (binary["contentType"], base64.b64decode(binary["data"])) == ("text/xml", cda)
    mail = json.loads(passerelle("inspect", tmp_path / "out" / "message.eml").out)
    assert mail["archive"]["documents"][0]["document"]["event"]["report"]["type"] == "11488-4"


def test_pack_tells_what_the_sender_would_be_told_at_the_door(passerelle: Passerelle, tmp_path: Path) -> None:
    tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    tree["report"]["document"]["data"] = base64.b64encode(one_page()).decode()
    file = tmp_path / "event.json"
    file.write_text(json.dumps(tree), "utf-8")
    command = ("pack", file, *after("report.shared"), "--out", tmp_path / "out")
    ran = passerelle(*command)
    assert ran.code == 0
    assert ran.err.startswith(f"{file}: /report/document/data: pdf-not-archival: ")
    told = json.loads(passerelle(*command, "--json").out)
    assert [one["code"] for one in told["warnings"]] == ["pdf-not-archival"]
    assert passerelle("init", tmp_path).code == 0
    settings = tmp_path / "passerelle.yaml"
    settings.write_text(settings.read_text("utf-8") + "\ndocuments: {pdf: refuse}\n", "utf-8")
    assert ": /report/document/data: pdf-not-archival: " in (refused := passerelle(*command)).err
    assert refused.code == 2


def test_a_document_that_contradicts_its_event_is_not_packed_and_the_places_are_told(
    passerelle: Passerelle, tmp_path: Path
) -> None:
    file, _ = with_cda(tmp_path, ">PAT-TROIS<", ">PAT-QUATRE<")
    ran = passerelle("pack", file, *after("report.shared"), "--out", tmp_path / "out")
    assert ran.code == 2
    assert "cda.birth_name, xdm.birth_name" in ran.err
    assert "PAT-" not in ran.err
    assert not (tmp_path / "out").exists()
    told = json.loads(passerelle("pack", file, *after("report.shared"), "--out", tmp_path / "out", "--json").err)
    assert told["code"] == "incoherent"
