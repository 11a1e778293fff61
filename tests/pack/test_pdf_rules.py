"""What a site's rules make of a PDF: refused with every reason, told, or to be converted."""

from __future__ import annotations

import pytest

from gateway.model.catalogue import FAULTS
from gateway.model.errors import Rejected
from gateway.model.faults import Notice
from gateway.pack.pdf_active import ACTIVE_CODES
from gateway.pack.pdf_rules import PdfRules, weigh
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import one_page, saved_with_script, two_pages

AT = ("report", "document", "data")
ARCHIVAL = small_pdf("x", "a-1b")
ACTIVE = two_pages(b"/AA<</O<</S/JavaScript/JS(x)>>>>/Annots[<</Subtype/Movie>>]")
SIGNED = one_page(b"/AcroForm<</SigFlags 3/Fields[]>>")


def codes(told: tuple[Notice, ...]) -> list[str]:
    assert {notice.at for notice in told} <= {AT}
    return [notice.code for notice in told]


def refused(data: bytes, rules: PdfRules, **how: bool) -> list[str]:
    with pytest.raises(Rejected) as no:
        weigh(data, AT, rules, **how)
    assert {fault.at for fault in no.value.faults} == {AT}
    return [fault.code for fault in no.value.faults]


@pytest.mark.parametrize("archival", ["warn", "refuse", "convert"])
@pytest.mark.parametrize("active", ["warn", "refuse"])
def test_an_archival_pdf_passes_under_all_rules(archival: str, active: str) -> None:
    assert weigh(ARCHIVAL, AT, PdfRules(archival, active)) == ()  # type: ignore[arg-type]


def test_a_plain_pdf_is_told_refused_or_converted() -> None:
    assert codes(weigh(small_pdf(), AT)) == ["pdf-not-archival"]
    assert refused(small_pdf(), PdfRules("refuse")) == ["pdf-not-archival"]
    assert codes(weigh(small_pdf(), AT, PdfRules("convert"))) == ["pdf-to-convert"]


def test_what_a_pdf_would_do_is_told_or_refused_with_its_pages() -> None:
    told = weigh(ACTIVE, AT)
    assert codes(told) == ["pdf-script", "pdf-multimedia", "pdf-not-archival"]
    assert told[0].about == "page 2"
    assert "page 2" in told[0].text.fr
    assert "page 2" in told[0].text.en
    assert refused(ACTIVE, PdfRules(active="refuse")) == ["pdf-script", "pdf-multimedia"]
    assert refused(ACTIVE, PdfRules("refuse", "refuse")) == ["pdf-script", "pdf-multimedia", "pdf-not-archival"]


def test_a_claim_that_what_it_holds_contradicts_does_not_spare_conversion() -> None:
    data = saved_with_script(ARCHIVAL)
    assert codes(weigh(data, AT)) == ["pdf-script"]
    assert codes(weigh(data, AT, PdfRules("convert"))) == ["pdf-script", "pdf-to-convert"]


def test_a_signed_pdf_is_never_converted() -> None:
    assert codes(weigh(SIGNED, AT, PdfRules("convert"))) == ["pdf-signed"]
    assert codes(weigh(SIGNED, AT)) == ["pdf-not-archival"]


def test_the_pdf_inside_a_document_is_never_converted_but_may_be_refused() -> None:
    assert codes(weigh(small_pdf(), AT, PdfRules("convert"), inside=True)) == ["pdf-not-archival"]
    assert codes(weigh(SIGNED, AT, PdfRules("convert"), inside=True)) == ["pdf-not-archival"]
    assert refused(small_pdf(), PdfRules("refuse"), inside=True) == ["pdf-not-archival"]


def test_a_broken_pdf_is_refused_under_all_rules() -> None:
    assert refused(b"%PDF-1.4\n", PdfRules()) == ["broken-pdf"]


@pytest.mark.parametrize("code", ACTIVE_CODES)
def test_every_code_says_what_it_means_and_what_to_do(code: str) -> None:
    text = FAULTS[code]
    assert text.fr
    assert text.en
    assert text.remedy_fr
    assert text.remedy_en
