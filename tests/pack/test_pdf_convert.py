"""A PDF made archival by another program: what it makes is judged, and what it does wrong hurts nobody."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from shutil import which

import pytest

from gateway.pack.pdf import judge
from gateway.pack.pdf_convert import MEMORY, Ghostscript, NotConverted, convert_pdf
from gateway.pack.pdf_rules import PdfRules
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import one_page, saved_with_script, stream

CONVERT = PdfRules("convert")
PLAIN = small_pdf("Tension : 12/8. Œdème discret, 37,5 °C, 20 €.")


@pytest.fixture(scope="module")
def ghostscript() -> Ghostscript:
    converter = Ghostscript("gs", seconds=30)
    if not converter.is_installed:
        pytest.skip("Ghostscript is not installed")
    return converter


def program(folder: Path, text: str) -> Ghostscript:
    """Another program in the place of Ghostscript: it reads in.pdf and should write out.pdf beside it."""
    file = folder / "gs"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return Ghostscript(str(file), seconds=2)


def why(pdf: bytes, converter: Ghostscript | None) -> str:
    with pytest.raises(NotConverted) as no:
        convert_pdf(pdf, CONVERT, converter)
    return no.value.why


def runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def words(pdf: bytes) -> list[str]:
    if which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode().split()


def test_a_plain_pdf_becomes_archival_with_the_same_words(ghostscript: Ghostscript) -> None:
    made = convert_pdf(PLAIN, CONVERT, ghostscript)
    assert made is not None
    judged = judge(made)
    assert (judged.archival, judged.active, judged.pages) == (True, (), 1)
    assert judged.claim
    assert judged.claim.intent
    assert words(made) == words(PLAIN) != []


def test_what_a_pdf_would_do_is_gone_when_it_is_converted(ghostscript: Ghostscript) -> None:
    active = saved_with_script(small_pdf("x", "a-1b"))
    assert judge(active).archival
    made = convert_pdf(active, CONVERT, ghostscript)
    assert made is not None
    assert (judge(made).active, judge(made).archival) == ((), True)


def test_a_pdf_that_names_a_file_of_this_machine_gets_none_of_it(ghostscript: Ghostscript, tmp_path: Path) -> None:
    font = b"/Contents 4 0 R/Resources<</Font<</a<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    drawing = b"BT /a 9 Tf 9 50 Td (secret) Tj ET"
    (tmp_path / "secret").write_bytes(drawing)
    inside = one_page(page=font, more=[stream(drawing)])
    elsewhere = one_page(page=font, more=[stream(b"", b"/F(%b)" % str(tmp_path / "secret").encode())])
    assert words(convert_pdf(inside, CONVERT, ghostscript) or b"") == ["secret"]
    assert words(convert_pdf(elsewhere, CONVERT, ghostscript) or b"") == []


@pytest.mark.parametrize("rules", [PdfRules("warn"), PdfRules("refuse")])
def test_nothing_is_converted_unless_the_rules_ask_for_it(rules: PdfRules) -> None:
    assert convert_pdf(PLAIN, rules, None) is None


def test_what_is_archival_signed_or_no_pdf_stays_as_it_is() -> None:
    for kept in (small_pdf("x", "a-1b"), one_page(b"/AcroForm<</SigFlags 3/Fields[]>>"), b"<ClinicalDocument/>"):
        assert convert_pdf(kept, CONVERT, None) is None


def test_a_missing_program_is_said_so() -> None:
    assert why(PLAIN, None) == "not-installed"
    assert why(PLAIN, Ghostscript("no-such-program", seconds=1)) == "not-installed"
    assert not Ghostscript("no-such-program", seconds=1).is_installed


WRONG = {
    "it fails": ("exit 1", "failed"),
    "it writes nothing": ("exit 0", "failed"),
    "it leaves the file as it was": ("cp in.pdf out.pdf", "not-archival"),
    "it writes something else": ("echo hello > out.pdf", "not-archival"),
    "it takes too much memory": (f"exec python3 -c 'bytearray({MEMORY + 200} << 20)'", "failed"),
    "it works without end": ("exec sleep 60", "too-slow"),
    "it writes without end": ("exec cat /dev/zero > out.pdf", "failed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_program_that_misbehaves_is_stopped_and_its_work_is_not_taken(case: str, tmp_path: Path) -> None:
    text, expected = WRONG[case]
    before = time.monotonic()
    assert why(PLAIN, program(tmp_path, text)) == expected
    assert time.monotonic() - before < 8


def test_pages_may_not_get_lost(tmp_path: Path) -> None:
    (tmp_path / "short.pdf").write_bytes(small_pdf("x", "a-1b"))
    two = small_pdf("Une page. #pagebreak() Une autre.")
    assert judge(two).pages == 2
    assert why(two, program(tmp_path, f"cp '{tmp_path}/short.pdf' out.pdf")) == "not-archival"


def test_nothing_of_a_document_stays_behind_nor_goes_on_running(tmp_path: Path) -> None:
    lingering = program(tmp_path, f"pwd > '{tmp_path}/where'; sleep 60 & echo $! > '{tmp_path}/child'; exec sleep 60")
    assert why(PLAIN, lingering) == "too-slow"
    assert not Path((tmp_path / "where").read_text().strip()).exists()
    child, until = (tmp_path / "child").read_text().strip(), time.monotonic() + 10
    while runs(child) and time.monotonic() < until:  # killed, it may wait for its turn to end
        time.sleep(0.05)
    assert not runs(child)
