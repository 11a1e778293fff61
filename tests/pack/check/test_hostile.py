"""Whatever the bytes, a check answers: findings without the document's values, bounded in number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pack import check_cda
from gateway.pack.check.ask import FINDINGS_LIMIT
from tests.pack.check.mutations import LEVEL_1, LEVEL_3
from tests.pack.material import TERMS

OPEN, CLOSE = '<ClinicalDocument xmlns="urn:hl7-org:v3">', "</ClinicalDocument>"
SECRET = "SECRET-OF-ODILE"

HOSTILE = {
    "nothing": ("", "CDA-FILE-XML"),
    "binary": ("\x00\x01\x02", "CDA-FILE-XML"),
    "a page": ("<html><body/></html>", "CDA-FILE-CDA"),
    "an entity bomb": (
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + OPEN + "&b;" + CLOSE,
        "CDA-FILE-XML",
    ),
    "a foreign DTD": ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">' + OPEN + CLOSE, "CDA-FILE-XML"),
    "100,000 levels": (OPEN + "<a>" * 100_000 + "</a>" * 100_000 + CLOSE, "CDA-FILE-XML"),
    "8 MB in one text": (OPEN + "<title>" + "x" * 8_000_000 + "</title>" + CLOSE, "CDA-FILE-SIZE"),
    "400,000 elements": (OPEN + "<telecom/>" * 400_000 + CLOSE, "CDA-FILE-SIZE"),
    "a header of 30,000 elements": (OPEN + "<author/>" * 30_000 + CLOSE, "CDA-FILE-SIZE"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_finding(name: str) -> None:
    text, rule = HOSTILE[name]
    assert [one.rule for one in check_cda(text.encode(), TERMS)] == [rule]


@pytest.mark.parametrize("value", ["1" * 4_000_000, "1" + ".1" * 2_000_000, "a-" * 2_000_000])
def test_a_value_of_megabytes_is_looked_at_and_not_told(value: str) -> None:
    text = LEVEL_3.replace('<setId root="1.2.250.1.999.1"', f'<setId root="{value}"')
    (finding,) = check_cda(text.encode(), TERMS)
    assert (finding.rule, finding.path) == ("CDA-IDE-FORM", "/ClinicalDocument/setId/@root")


def test_findings_are_bounded() -> None:
    text = LEVEL_3.replace("<telecom", "<telecom/>" * 5_000 + "<telecom", 1)
    assert len(check_cda(text.encode(), TERMS)) == FINDINGS_LIMIT


def test_a_finding_never_tells_what_the_document_says() -> None:
    for attribute in ("extension", "value", "code", "root", "codeSystem", "qualifier", "use"):
        text = LEVEL_3.replace(f'{attribute}="', f'{attribute}="{SECRET}')
        told = repr(check_cda(text.encode(), TERMS))
        assert told != "()"
        assert SECRET not in told


def test_a_foreign_name_in_a_path_does_not_tell_its_namespace() -> None:
    text = LEVEL_3.replace("<addr use", f'<x:a xmlns:x="urn:{SECRET}"><telecom/></x:a><addr use', 1)
    (finding,) = check_cda(text.encode(), TERMS)
    assert finding.path == "/ClinicalDocument/recordTarget/patientRole/a/telecom/@value"


def test_a_self_presenting_document_is_read_from_its_clinical_document_and_told_by_the_lines_of_the_file() -> None:
    sheet = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">\n<!-- page -->\n'
    inner = LEVEL_3.partition("\n")[2].replace("<suffix>DR<", "<suffix>Dr<")
    (finding,) = check_cda(f"{sheet}{inner}</xsl:stylesheet>".encode(), TERMS)
    line = (sheet + inner).partition("<suffix>")[0].count("\n") + 1
    assert (finding.path, finding.line) == (
        "/ClinicalDocument/author[1]/assignedAuthor/assignedPerson/name/suffix",
        line,
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_document_in_another_encoding_is_asked_the_same(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = LEVEL_3.replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert check_cda(text.encode(encoding), TERMS) == ()


@given(st.sampled_from([LEVEL_1, LEVEL_3]), st.data())
@settings(max_examples=60, deadline=None)
def test_no_edit_makes_a_check_fail(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(start + 200, len(text))))
    put = data.draw(st.sampled_from(["", "<", '"', "&", "<a/>", "\x00", "nullFlavor='UNK'", "é" * 10]))
    check_cda((text[:start] + put + text[end:]).encode(), TERMS)
