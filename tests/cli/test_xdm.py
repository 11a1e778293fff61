"""xdm build, xdm read: archives from files to files, all official ones among them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran
from tests.conftest import SHARED
from tests.pack.material import packed

Passerelle = Callable[..., Ran]
DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"
COMPARED = (
    *("typeCode", "classCode", "formatCode", "hash", "size", "URI", "creationTime", "serviceStartTime"),
    *("serviceStopTime", "languageCode", "title", "mimeType", "patientId", "sourcePatientId", "sourcePatientInfo"),
    *("authors", "legalAuthenticator", "healthcareFacilityTypeCode", "practiceSettingCode", "confidentialityCode"),
    *("eventCodeList", "uniqueId", "extraMetadataSlot"),
)


def values(entry: dict[str, Any]) -> dict[str, Any]:
    """What two entries are compared by: codes without label and scheme, traits as a set."""
    return {name: _bare(entry.get(name)) for name in COMPARED}


def _bare(value: Any) -> Any:
    if isinstance(value, dict) and "code" in value:
        return value["code"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return sorted(value)
    return [_bare(one) for one in value] if isinstance(value, list) else value


def archives() -> list[Path]:
    found = sorted((SHARED / "samples/xdm").glob("*.zip"))
    return found or [Path("absent")]


@pytest.mark.parametrize("archive", archives(), ids=lambda path: path.stem)
def test_an_official_archive_made_again_says_what_the_official_one_says(
    archive: Path, passerelle: Passerelle, tmp_path: Path
) -> None:
    if not archive.exists():
        pytest.skip("the official archives are not beside the project")
    official = passerelle("xdm", "read", archive, "--json")
    assert official.code == 0, official.err
    (entry,) = json.loads(official.out)["documents"]
    document = tmp_path / "document.xml"
    document.write_bytes(zipfile.ZipFile(archive).read(DOCUMENT))
    deletes = ["--action", "delete"] if entry.get("extraMetadataSlot") == "D" else []  # not said in the document
    made = passerelle("xdm", "build", document, "--out", tmp_path / "IHE_XDM.zip", *deletes, "--json")
    assert made.code == 0, made.err
    (ours,) = json.loads(made.out)["documents"]
    assert {name: value for name, value in values(ours).items() if value != values(entry)[name]} == {}
    assert json.loads(made.out)["findings"] == []
    assert zipfile.ZipFile(tmp_path / "IHE_XDM.zip").read(DOCUMENT) == document.read_bytes()


def test_all_sixty_one_official_archives_are_there() -> None:
    if archives() == [Path("absent")]:
        pytest.skip("the official archives are not beside the project")
    assert len(archives()) == 61


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "a.xml"
    file.write_bytes(packed("report.shared").cda)
    return file


def test_what_is_built_reads_as_it_was_told(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    made = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip", "--json")
    read = passerelle("xdm", "read", tmp_path / "a.zip")
    told, said = json.loads(made.out), json.loads(read.out)
    assert (made.code, read.code) == (0, 0)
    assert told.pop("size") == (tmp_path / "a.zip").stat().st_size
    assert told.pop("archive") == str(tmp_path / "a.zip")
    assert told == said
    (entry,) = said["documents"]
    assert entry["hash"] == hashlib.sha1(document.read_bytes()).hexdigest().upper()
    assert entry["size"] == document.stat().st_size
    assert entry["typeCode"] == {
        "code": "11488-4",
        "display": "CR ou fiche de consultation ou de visite",
        "codingScheme": "2.16.840.1.113883.6.1",
    }
    assert said["submissionSet"]["patientId"] == entry["patientId"]
    assert set(said["submissionSet"]) >= {"submissionTime", "author", "contentTypeCode", "sourceId", "uniqueId"}


def test_a_file_cut_short_is_told_with_the_line_where_it_ends(
    passerelle: Passerelle, document: Path, tmp_path: Path
) -> None:
    document.write_bytes(b"<ClinicalDocument>\n<id/>\n")
    ran = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip")
    assert ran.code == 2
    assert ran.err.startswith(f"{document}:3:1: not-xml: ")


def test_each_building_is_a_submission_of_its_own(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    def submission() -> str:
        made = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip", "--json")
        return str(json.loads(made.out)["submissionSet"]["uniqueId"])

    assert submission() != submission()


@pytest.mark.parametrize(
    ("version", "asked", "letter"),
    [(1, [], None), (2, [], "C"), (1, ["--action", "replace"], "C"), (2, ["--action", "delete"], "D")],
)
def test_a_later_version_replaces_unless_said_otherwise(
    version: int, asked: list[str], letter: str | None, passerelle: Passerelle, document: Path, tmp_path: Path
) -> None:
    written = document.read_bytes()
    document.write_bytes(written.replace(b'<versionNumber value="1"', f'<versionNumber value="{version}"'.encode()))
    made = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip", *asked, "--json")
    assert json.loads(made.out)["documents"][0].get("extraMetadataSlot") == letter


def test_settings_say_who_sends_and_what_is_disputed(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    assert passerelle("init", tmp_path).code == 0
    settings = tmp_path / "passerelle.yaml"
    said = settings.read_text("utf-8").replace('contact: ""', "contact: aide@cpts.example")
    settings.write_text(said + "\ndocuments: {content_type: encounter}\n", "utf-8")
    made = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["submissionSet"]["contentTypeCode"]["codingScheme"] == "1.2.250.1.213.2.2"
    assert b"aide@cpts.example" in zipfile.ZipFile(tmp_path / "a.zip").read("README.TXT")


def test_several_documents_stand_in_the_order_given(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    second = tmp_path / "b.xml"
    second.write_bytes(packed("report.replaced").cda.replace(b"2.25.", b"2.26."))
    made = passerelle("xdm", "build", second, document, "--out", tmp_path / "ab.zip")
    assert made.code == 0, made.err
    lines = made.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["DOC0001.XML", "DOC0002.XML"]
    assert ("remplace" in lines[1], "remplace" in lines[2]) == (True, False)
    assert (str(second) in lines[1], str(document) in lines[2]) == (True, True)


def test_every_fault_is_told_with_its_file_and_nothing_is_written(
    passerelle: Passerelle, document: Path, tmp_path: Path
) -> None:
    text, page = tmp_path / "b.xml", tmp_path / "c.xml"
    text.write_bytes(b"not xml")
    page.write_bytes(b"<html/>")
    out = tmp_path / "a.zip"
    made = passerelle("xdm", "build", text, document, page, "--out", out)
    assert (made.code, made.out, out.exists()) == (2, "", False)
    assert [line.split(": ")[:2] for line in made.err.splitlines()] == [
        [str(text), "not-xml"],
        [str(page), "not-a-cda"],
    ]
    told = json.loads(passerelle("xdm", "build", text, document, page, "--out", out, "--json").err)
    assert [(error["file"], error["code"]) for error in told["errors"]] == [
        (str(text), "not-xml"),
        (str(page), "not-a-cda"),
    ]


def test_the_document_of_another_patient_is_named(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.xml"
    other.write_bytes(document.read_bytes().replace(b"279035121518989", b"277076322082910").replace(b"2.25.", b"2.26."))
    made = passerelle("xdm", "build", document, other, "--out", tmp_path / "a.zip")
    assert made.code == 2
    assert made.err.startswith(f"{other}: mixed-patients: ")


def test_what_a_document_does_not_say_is_a_finding(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    document.write_bytes(
        document.read_bytes().replace(b"<languageCode", b"<languageCod_").replace(b"<title>", b"<titl_>")
    )
    document.write_bytes(document.read_bytes().replace(b"</title>", b"</titl_>"))
    made = passerelle("xdm", "build", document, "--out", tmp_path / "a.zip", "--json")
    (finding,) = json.loads(made.out)["findings"]
    assert (finding["code"], finding["at"]) == ("incomplete-metadata", "/documents/0")
    assert "title, languageCode" in finding["en"]


def changed(archive: Path, name: str, old: bytes, new: bytes) -> Path:
    """The same archive with one file changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as read, zipfile.ZipFile(out, "w") as made:
        for one in read.namelist():
            made.writestr(one, read.read(one).replace(old, new) if one == name else read.read(one))
    archive.write_bytes(out.getvalue())
    return archive


def test_an_archive_that_is_refused_says_why(passerelle: Passerelle, document: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    passerelle("xdm", "build", document, "--out", archive)
    read = passerelle("xdm", "read", changed(archive, DOCUMENT, b"MARTIN", b"MARTEN"), "--json")
    assert (read.code, read.out) == (2, "")
    (error,) = json.loads(read.err)["errors"]
    assert (error["code"], error["at"]) == ("broken-archive", "/documents/0")
    assert "(hash)" in error["en"]
    archive.write_bytes(b"PK rubbish")
    read = passerelle("xdm", "read", archive)
    assert read.code == 2
    assert f"{archive}: /: not-an-archive: " in read.err
