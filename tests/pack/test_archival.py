"""A real validator says so: every page of ours is the PDF/A-1 it claims, and so is what is converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model.event import MemberJoined
from gateway.model.known import Known
from gateway.pack import pack
from gateway.pack.pdf_convert import Ghostscript
from tests.pack.material import KINDS, MINTED, SOFTWARE, TERMS, packed, report_with, small_pdf, story
from tests.pack.raw_pdf import one_page, saved_with_script, stream
from tests.places.verapdf import UNREADABLE, verapdf

ODD = "Zoë Ñuñez-Œuvrard, Łukasz Αθηνά Борис 🩺 漢字 شريف \u202e\u200d $#*_[x](y)@<b>"


def joined(name: str, times: int = 1) -> bytes:
    """The page of an arrival whose newcomer has that name."""
    event, known = story()["team.member-joined"]
    assert isinstance(event, MemberJoined)
    return page_of(replace(event, member=replace(event.member, family=(name + " ") * times)), known)


def page_of(event: MemberJoined, known: Known) -> bytes:
    return pack(event, known, TERMS, MINTED, SOFTWARE).pdf


def titled(title: str) -> bytes:
    """The page of a report without document, with that title."""
    return pack(report_with(None, title=title), story()["report.shared"][1], TERMS, MINTED, SOFTWARE).pdf


def converted(pdf: bytes) -> bytes | None:
    """By Ghostscript, None where it is not installed."""
    converter = Ghostscript("gs", seconds=30)
    return converter.convert(pdf) if converter.is_installed else None


OURS: dict[str, Callable[[], bytes]] = {
    **{kind: lambda kind=kind: packed(kind).pdf for kind in KINDS},
    "odd-characters": lambda: joined(ODD),
    "long-text": lambda: joined("Très-long-nom de personne", 100),
    "odd-title": lambda: titled(ODD),
    "long-title": lambda: titled("Compte rendu de consultation pluridisciplinaire " * 60),
}
CONVERTED: dict[str, Callable[[], bytes | None]] = {
    "converted-plain": lambda: converted(small_pdf("Œdème, 37,5 °C, Łukasz Αθηνά")),
    "converted-other-part": lambda: converted(small_pdf("x", "a-2b")),
    "converted-script": lambda: converted(saved_with_script(small_pdf())),
    "converted-film": lambda: converted(one_page(page=b"/Annots[<</Subtype/Movie/Rect[0 0 9 9]>>]")),
    "converted-transparent": lambda: converted(small_pdf("#rect(fill: rgb(255, 0, 0, 50%))[x]")),
    "converted-cmyk": lambda: converted(small_pdf("#rect(fill: cmyk(10%, 90%, 0%, 0%))[x]")),
    "converted-font-left-out": lambda: converted(one_page(
        page=b"/Contents 4 0 R/Resources<</Font<</a<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
        more=[stream(b"BT /a 9 Tf 9 50 Td (mots) Tj ET")],
    )),
}  # fmt: skip
NOT_ARCHIVAL = {"plain": small_pdf, "cut": lambda: small_pdf("x", "a-1b")[:300]}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the validator says of them all, asked once."""
    folder = tmp_path_factory.mktemp("pdf")
    for name, make in {**OURS, **CONVERTED, **NOT_ARCHIVAL}.items():
        if (made := make()) is not None:
            (folder / f"{name}.pdf").write_bytes(made)
    return {path.stem: broken for path, broken in verapdf(sorted(folder.glob("*.pdf"))).items()}


@pytest.mark.parametrize("name", OURS)
def test_a_page_of_ours_is_what_it_claims(name: str, verdicts: dict[str, list[str]]) -> None:
    assert verdicts[name] == []


@pytest.mark.parametrize("name", CONVERTED)
def test_a_converted_pdf_is_what_it_claims(name: str, verdicts: dict[str, list[str]]) -> None:
    if name not in verdicts:
        pytest.skip("Ghostscript is not installed")
    assert verdicts[name] == []


def test_the_validator_does_see_what_is_not_archival(verdicts: dict[str, list[str]], tmp_path: Path) -> None:
    assert any(clause.startswith("6.7.11-1") for clause in verdicts["plain"])
    assert verdicts["cut"] == [UNREADABLE]
