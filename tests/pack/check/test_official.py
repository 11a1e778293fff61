"""No false alarm: what the ANS publishes has no error; where it breaks a rule, that is a warning."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

import pytest

from gateway.pack import check_cda
from tests.conftest import SHARED
from tests.pack.material import TERMS

SAMPLES = SHARED / "samples"
DOCUMENTS = sorted((SAMPLES / "cda").glob("*.xml"))
ARCHIVES = sorted((SAMPLES / "xdm").glob("*.zip"))

TOLERATED = {
    "CDA-COH-BIRTH",  # certificates of new-borns made "before" the birth
    "CDA-DOC-SET",  # one archive's document has no setId
    "CDA-INS-KIND",  # a matricule under an OID no text names
    "CDA-TIM-WRITING",  # a zone of three digits
}
"""All that is said of an official document (docs/decisions/0020)."""

INVENTED = {"CDA-IDE-PERSON", "CDA-IDE-STRUCTURE", "CDA-INS-KEY"}
"""What is said besides when its numbers are looked at: they are invented, and few have the right key."""


def enclosed() -> Iterator[tuple[str, bytes]]:
    """The documents inside the official archives."""
    for archive in ARCHIVES:
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if name.upper().endswith("DOC0001.XML"):
                    yield archive.name, opened.read(name)


def said(data: bytes) -> tuple[list[str], set[str]]:
    """The errors, and the rules of the warnings."""
    findings = check_cda(data, TERMS)
    looked_at = check_cda(data, TERMS, numbers=True)
    assert {one.rule for one in set(looked_at) - set(findings)} <= INVENTED
    errors = [f"{one.rule} {one.path}" for one in findings if one.severity == "error"]
    return errors, {one.rule for one in findings if one.severity == "warning"}


@pytest.mark.skipif(not DOCUMENTS, reason="the official documents are not beside the project")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_an_official_document_has_no_error(path: object) -> None:
    errors, warnings = said(path.read_bytes())  # type: ignore[attr-defined]
    assert errors == []
    assert warnings <= TOLERATED


@pytest.mark.skipif(not ARCHIVES, reason="the official archives are not beside the project")
def test_the_documents_in_the_official_archives_have_no_error() -> None:
    told = {name: said(data) for name, data in enclosed()}
    assert len(told) >= 61
    assert {name: errors for name, (errors, _) in told.items() if errors} == {}
    assert set().union(*(warnings for _, warnings in told.values())) == TOLERATED
