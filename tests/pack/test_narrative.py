"""A level-3 document on paper: its narrative word for word, its header around it, whatever either holds."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.model.errors import Rejected
from gateway.pack import read_cda
from gateway.pack.media import PASSES_LIMIT
from gateway.pack.narrative import (
    CELL_LIMIT,
    NOTE_LIMIT,
    REFERENCE_LIMIT,
    RUN_LIMIT,
    SECTION_LIMIT,
    TABLE_LIMIT,
    TEXT_LIMIT,
)
from gateway.pack.narrative_page import check_narrative, read_narrative, write_narrative
from gateway.pack.opened import open_cda
from gateway.pack.pdf import judge
from tests.pack.level3 import level3, section
from tests.pack.material import MINTED, SHARED, SOFTWARE
from tests.pack.tagged import Tagged, read_tagged
from tests.places.verapdf import verapdf

HL7 = "{urn:hl7-org:v3}"
SAMPLES = sorted((SHARED / "samples/cda").glob("*.xml"))
STRUCTURED = [path for path in SAMPLES if b"structuredBody" in path.read_bytes()]
OURS = re.compile(r"\[(?:Fichier|Image)[^\]]*\]")  # what we say in place of what paper cannot show


def paper(cda: bytes) -> bytes:
    """The page of a document."""
    return write_narrative(read_narrative(cda), read_cda(cda).header, MINTED, SOFTWARE)


def squeezed(text: str) -> str:
    """Text as it is compared: composed characters, no blanks, and nothing else done to it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


def narrative_text(cda: bytes) -> str:
    """All text of the titles and texts of sections, in the document's order; read apart from the code under test."""
    parts = []
    for told in open_cda(cda).root.iter(HL7 + "section"):
        parts += ["".join(map(str, one.itertext())) for one in told if one.tag in (HL7 + "title", HL7 + "text")]
    return squeezed("".join(map(str, parts)))


def paper_text(tagged: Tagged) -> str:
    """All text of a page in reading order: no bullets, no footers, no repeated heads of tables."""
    return squeezed(OURS.sub("", tagged.text("Lbl")))


def said_on(cda: bytes) -> str:
    """The same of a document's own page."""
    return paper_text(read_tagged(paper(cda)))


# — word for word


@pytest.mark.skipif(not SAMPLES, reason="the official samples are not beside the project")
@pytest.mark.parametrize("path", STRUCTURED, ids=lambda path: path.stem)
def test_the_page_of_an_official_document_says_its_narrative_word_for_word(path: Path) -> None:
    cda = path.read_bytes()
    header = read_cda(cda).header
    pdf = paper(cda)
    page = read_tagged(pdf)
    said, narrative = paper_text(page), narrative_text(cda)
    assert len(narrative) > 50
    assert said.endswith(narrative)
    above = said.removesuffix(narrative)
    for words in (header.title, header.code.display, header.custodian.name, header.subject.name.families[0].text):  # type: ignore[union-attr]
        assert squeezed(words) in above
    assert (page.title, page.language, page.marked) == (header.title or header.code.display, "fr-FR", True)
    assert page.elements.count("H1") == 1
    assert judge(pdf).archival


TABLE = """<table><thead><tr><th>Examen</th><th>Valeur</th></tr></thead>
  <tbody><tr><td>Glycémie</td><td>1,10 g/l</td></tr><tr><td>Créatinine</td><td>80 µmol/l</td></tr></tbody></table>"""


@pytest.mark.parametrize("cell", ["<td>Glycémie</td>", "<td>80 µmol/l</td>", "<th>Valeur</th>"])
def test_a_cell_that_is_dropped_from_the_page_would_be_seen(cell: str) -> None:
    whole = level3(section("Biologie", TABLE))
    without = level3(section("Biologie", TABLE.replace(cell, re.sub(">.*<", "><", cell))))
    assert said_on(whole).endswith(narrative_text(whole))
    assert not said_on(without).endswith(narrative_text(whole))


NARRATIVES = {
    "styles": "<paragraph>a<content styleCode='Bold'>b</content><content styleCode='Italics Underline'>c</content>"
    "<sub>d</sub><sup>e</sup> <content revised='delete'>f</content><content revised='insert'>g</content></paragraph>",
    "styles of one word": "<content styleCode='BoldItalics'>gras</content> <content styleCode='xBold'>g</content>",
    "text between blocks": "avant<paragraph>un</paragraph>entre<list><item>deux</item></list>après",
    "lists": "<list listType='ordered' styleCode='BigRoman'><caption>Liste</caption><item>un<list><item>deux</item>"
    "</list></item><item><caption>trois</caption><paragraph>quatre</paragraph></item></list>",
    "line breaks": "un<br/>deux<br/><br/>trois",
    "caption and foot": "<table><caption>Titre du tableau</caption><tbody><tr><td>1</td></tr></tbody></table>",
    "spans": "<table><tbody><tr><td rowspan='3'>a</td><td colspan='2'>b</td></tr><tr><td>c</td><td>d</td></tr>"
    "<tr><td>e</td></tr><tr><td colspan='9'>f</td></tr></tbody></table>",
    "spans that overlap": "<table><tbody><tr><td>a</td><td rowspan='9'>b</td></tr><tr><td colspan='3'>c</td><td>d</td>"
    "</tr><tr/><tr><td colspan='-1' rowspan='x'>e</td><td rowspan='999999'>f</td></tr></tbody></table>",
    "spans without end": "<table><tbody>" + "<tr><td rowspan='1000'>a</td><td>b</td></tr>" * 90 + "</tbody></table>",
    "a paragraph of many styles": "<content styleCode='Bold'>a</content>b" * 1_200,
    "columns": "<table><colgroup><col width='80%'/><col width='20%'/></colgroup><tbody><tr><td>a</td><td>b</td></tr>"
    "</tbody></table>",
    "table in a cell": "<table><tbody><tr><td>a<table><tbody><tr><td>b</td><td>c</td></tr></tbody></table>d</td></tr>"
    "</tbody></table>",
    "links": "<linkHtml href='https://exemple.fr/a?b=1'>lien</linkHtml> <linkHtml href='#x'>ici</linkHtml> "
    "<linkHtml href='javascript:alert(1)'>non</linkHtml>",
    "unknown elements": "<paragraph>un <blink>deux</blink></paragraph><div><p>trois</p></div>",
    "a comment and an instruction": "un<!-- pas dit -->deux<?pi rien?>",
    "alignment": "<table><thead align='center'><tr><th align='right'>a</th></tr></thead><tbody><tr align='right'>"
    "<td>b</td></tr></tbody></table>",
    "long words": "<paragraph>" + "x" * 700 + "</paragraph>",
    "a narrow column": "<table><tbody><tr><td>Immunoélectrophorèse" + "z" * 60 + "</td>" + "<td>b</td>" * 9
    + "</tr></tbody></table>",
    "a table too wide for paper": "<table><tbody><tr>" + "<td>a</td>" * 60 + "</tr></tbody></table>",
    "a cell longer than a page": "<table><tbody><tr><td>a</td><td>" + "<paragraph>Une phrase entière.</paragraph>" * 90
    + "</td></tr><tr><td>b</td><td>c</td></tr></tbody></table>",
    "deep tables": "<table><tbody><tr><td>t" * 12 + "</td></tr></tbody></table>" * 12,
    "deep contents": "<content>c" * 90 + "</content>" * 90,
    "Greek and signs": "α ≥ 3 ≤ µ ² → ½ ‰ € œ ☑",
    "no-break spaces": "12 500 mg«oui»",
}  # fmt: skip


@pytest.mark.parametrize("name", NARRATIVES)
def test_every_element_keeps_its_text_in_order(name: str) -> None:
    cda = level3(section("Titre", NARRATIVES[name]))
    assert said_on(cda).endswith(narrative_text(cda))


def element(name: str, inside: str, **attributes: str) -> str:
    """An element, its attributes left out when empty."""
    said = "".join(f' {key}="{value}"' for key, value in attributes.items() if value)
    return f"<{name}{said}>{inside}</{name}>"


def several(told: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(told, max_size=most).map("".join)


def inlines(told: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    styles = st.sampled_from(["", "Bold", "Italics Underline", "BoldItalics"])
    return st.one_of(
        st.builds(lambda inside, style: element("content", inside, styleCode=style), several(told), styles),
        st.builds(element, st.sampled_from(["sub", "sup", "autre"]), several(told)),
        several(told).map(lambda inside: element("linkHtml", "lien" + inside, href="https://exemple.fr")),
    )


def blocks(told: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    span = st.sampled_from(["", "2", "3", "50"])
    cell = st.builds(
        lambda name, inside, across, down: element(name, inside, colspan=across, rowspan=down),
        st.sampled_from(["td", "th"]), several(told, 3), span, span,
    )  # fmt: skip
    rows = several(several(cell, 5).map(lambda row: element("tr", row)))
    return st.one_of(
        several(told).map(lambda inside: element("paragraph", inside)),
        st.builds(lambda items, kind: element("list", items, listType=kind),
                  several(several(told).map(lambda inside: element("item", inside))), st.sampled_from(["", "ordered"])),
        st.builds(lambda head, body: element("table", element("thead", head) + element("tbody", body)), rows, rows),
    )  # fmt: skip


WORDS = st.text("ab é#$*_[]@<>&\\/\"'-=+~`1.:{}()\u00a0œ", max_size=12).map(escape)
DRAWN = st.recursive(st.recursive(WORDS | st.just("<br/>"), inlines, max_leaves=6), blocks, max_leaves=14)


@given(several(DRAWN, 6))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_nested_in_whatever_keeps_its_text_in_order(narrative: str) -> None:
    cda = level3(section("Titre", narrative))
    assert said_on(cda).endswith(narrative_text(cda))


INJECTIONS = (
    '#read("/etc/passwd")', '"] #panic("x") [', "#{ while true {} }", "$ x^2 $ *gras* _italique_ = Titre",
    "\\u{41} \\ `raw` &lt;label&gt; @ref // fin /* */", '\\"}, "title": "autre', "#import sys: *; #sys.inputs",
    "- point", "+ point", "/ terme: sens", "= Titre", "{{7*7}} ${7*7} ~ -- --- ... 'a' \"b\"",
)  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_word_of_a_document_is_markup(text: str) -> None:
    cda = level3(section(text, f"{text}<table><tbody><tr><td>{text}</td></tr></tbody></table>"), title=text)
    assert said_on(cda).endswith(narrative_text(cda))


def test_a_sign_no_font_has_is_a_hollow_square_and_others_stay() -> None:
    said = said_on(level3(section("T", "≥ 3 😀 中")))
    assert said.endswith("T≥3□□")


def test_what_makes_the_page_maker_panic_is_no_end_of_the_worker() -> None:
    """A letter under 70,000 accents: more than the shaper of typst can count."""
    assert judge(paper(level3(section("T", "a" + "\u0301" * 70_000)))).archival


def test_sections_within_sections_keep_their_order_and_level() -> None:
    cda = level3(section("A", "a", section("B", "b", section("C", "c"))), section("", "d"))
    page = read_tagged(paper(cda))
    assert paper_text(page).endswith("AaBbCcd")
    assert [name for name in page.elements if re.fullmatch(r"H\d", name)] == ["H1", "H2", "H3", "H4"]


def test_a_foot_of_a_table_comes_last_and_a_footnote_is_read_where_it_stands() -> None:
    groups = (("thead", "h"), ("tfoot", "f"), ("tbody", "b"))
    foot = "".join(f"<{group}><tr><td>{text}</td></tr></{group}>" for group, text in groups)
    assert said_on(level3(section("T", f"<table>{foot}</table>"))).endswith("Thbf")
    note = "un<footnote ID='n1'>la note</footnote> deux<footnoteRef IDREF='n1'/><footnoteRef IDREF='absent'/>"
    page = read_tagged(paper(level3(section("T", note))))
    assert "lanote" in paper_text(page)
    assert "Note" in page.elements


def test_a_table_is_tagged_with_its_head_and_its_cells() -> None:
    page = read_tagged(paper(level3(section("T", TABLE))))
    assert [page.elements.count(name) for name in ("Table", "TR", "TH", "TD")] == [1, 3, 2, 4]
    assert all({"TH", "TD"} & {*one.under} for one in page.said if "Table" in one.under)


def test_a_head_said_in_the_first_row_alone_is_a_head() -> None:
    first = "<table><tbody><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
    assert read_tagged(paper(level3(section("T", first)))).elements.count("TH") == 2


def test_a_wide_table_turns_its_page() -> None:
    wide = "<table><tbody>" + ("<tr>" + "<td>valeur</td>" * 14 + "</tr>") * 3 + "</tbody></table>"
    with pikepdf.open(io.BytesIO(paper(level3(section("T", f"avant{wide}après"))))) as pdf:
        turned = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in pdf.pages]
    assert turned == [False, True, False]


def test_a_table_of_more_than_a_thousand_rows_stays_tagged_and_whole() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>v</td></tr>" for n in range(1_200))
    cda = level3(section("T", f"<table><thead><tr><th>n</th><th>m</th></tr></thead><tbody>{rows}</tbody></table>"))
    said = said_on(cda)
    assert said.endswith("1198v1199v")
    assert said.count("v") - said.partition("Tnm")[0].count("v") == 1_200


@pytest.mark.parametrize(
    "told",
    [
        "<paragraph>" + "mot " * (TEXT_LIMIT // 4 + 1) + "</paragraph>",
        "<table><tbody>" + "<tr><td/></tr>" * (CELL_LIMIT + 1) + "</tbody></table>",
        "<list>" + "<item/>" * (CELL_LIMIT + 1) + "</list>",
        "<table><tbody>" + "<tr/>" * (CELL_LIMIT + 1) + "</tbody></table>",
        "<table/>" * (TABLE_LIMIT + 1),
        "<list/>" * (TABLE_LIMIT + 1),
        f"<renderMultiMedia referencedObject='{'a ' * (REFERENCE_LIMIT + 1)}'/>",
        "<footnote>n</footnote>" * (NOTE_LIMIT + 1),
        "<br/>" * (RUN_LIMIT + 1),
    ],
    ids=["text", "cells", "items", "rows", "tables", "lists", "references", "footnotes", "line breaks"],
)
def test_more_than_a_page_maker_should_be_asked_is_refused(told: str) -> None:
    with pytest.raises(Rejected) as refusal:
        check_narrative(open_cda(level3(section("T", told))))
    assert [fault.code for fault in refusal.value.faults] == ["too-large"]


def test_too_many_sections_are_refused() -> None:
    with pytest.raises(Rejected):
        check_narrative(open_cda(level3(*[section("T", "")] * (SECTION_LIMIT + 1))))


# — what the header says


def test_a_document_that_replaces_another_says_so() -> None:
    parent = '<parentDocument><id root="1.2.3" extension="A-1"/></parentDocument>'
    replaces = f'<relatedDocument typeCode="RPLC">{parent}</relatedDocument><componentOf>'
    said = said_on(level3(section("T", "x")).replace(b"<componentOf>", replaces.encode(), 1))
    assert "Annuleetremplaceledocument1.2.3^A-1" in said


# — pictures


def picture(mode: str = "RGB", form: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A real picture."""
    made = io.BytesIO()
    Image.new(mode, size).save(made, form)
    return made.getvalue()


def pictured(data: bytes, media: str = "image/png", id: str = "m1") -> str:
    """A section that shows it."""
    entry = (
        f'<entry><observationMedia classCode="OBS" moodCode="EVN" ID="{id}">'
        f'<value mediaType="{media}" representation="B64">{base64.encodebytes(data).decode()}</value>'
        "</observationMedia></entry>"
    )
    return section("Image", f"avant<renderMultiMedia referencedObject='{id}'/>après", entry=entry)


def shown(data: bytes, media: str = "image/png") -> bytes:
    """A document that shows it."""
    return level3(pictured(data, media))


@pytest.mark.parametrize(
    ("mode", "form"),
    [("RGB", "PNG"), ("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("I;16", "PNG"), ("L", "JPEG"),
     ("RGB", "JPEG"), ("CMYK", "JPEG"), ("P", "GIF")],
)  # fmt: skip
def test_a_picture_is_shown_whatever_its_colours(mode: str, form: str) -> None:
    pdf = paper(shown(picture(mode, form), f"image/{form.lower()}"))
    page = read_tagged(pdf)
    assert "Figure" in page.elements
    assert paper_text(page).endswith("Imageavantaprès")
    assert judge(pdf).archival


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"GIF89a" + b"\xff" * 60, "image/gif"),
        (picture()[:50], "image/png"),
        (picture("1", size=(20_000, 20_000)), "image/png"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "image/png"),
        (picture("RGB", "TIFF"), "image/tiff"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"", "image/png"),
    ],
    ids=["no picture", "cut short", "a bomb", "PostScript", "TIFF", "SVG", "nothing"],
)
def test_a_picture_that_cannot_be_shown_is_told_in_words(data: bytes, media: str) -> None:
    page = read_tagged(paper(shown(data, media)))
    assert "Figure" not in page.elements
    assert "Image non reproduite ici" in page.text()


def test_pictures_together_cost_no_more_than_a_few() -> None:
    """A picture of 12 million pixels is a file of a few KB; one that cannot be shown in the end costs as much."""
    bomb, cut = picture("1", size=(4_000, 2_500)), picture("1", size=(4_000, 2_500))[:-60]
    cut_first = [pictured(cut if n < 6 else bomb, "image/png", f"m{n}") for n in range(20)]
    assert len(read_narrative(level3(*cut_first)).pictures) == PASSES_LIMIT // (4_000 * 2_500) - 6


def test_an_attached_file_is_named_and_its_absence_too() -> None:
    assert "Fichier joint au document électronique" in read_tagged(paper(shown(b"%PDF-1.4", "application/pdf"))).text()
    missing = level3(section("T", "<renderMultiMedia referencedObject='nulle-part autre'/>"))
    assert read_tagged(paper(missing)).text().count("Image non reproduite ici") == 2


def test_a_file_in_place_of_a_text_is_told_in_words() -> None:
    cda = level3('<section><text mediaType="text/plain" representation="B64">UGFyIGljaQ==</text></section>')
    said = read_tagged(paper(cda)).text()
    assert "Fichier joint à la place du texte" in said
    assert "cut" not in said


def test_a_picture_in_a_region_of_interest_is_shown() -> None:
    entry = (
        '<entry><regionOfInterest classCode="ROIOVL" moodCode="EVN" ID="r1"><id root="1.2.3"/><code code="CIRCLE"/>'
        '<value value="3"/><entryRelationship typeCode="SUBJ"><observationMedia classCode="OBS" moodCode="EVN" ID="m1">'
        f'<value mediaType="image/png" representation="B64">{base64.b64encode(picture()).decode()}</value>'
        "</observationMedia></entryRelationship></regionOfInterest></entry>"
    )
    page = read_tagged(paper(level3(section("T", "<renderMultiMedia referencedObject='r1'/>", entry=entry))))
    assert "Figure" in page.elements


# — archival, by someone else's word


def test_a_validator_finds_every_page_archival(tmp_path: Path) -> None:
    told = {name: text for name, text in NARRATIVES.items() if "page" not in name and "deep" not in name}
    words = (section("", text) for text in (*told.values(), "<br/>".join(INJECTIONS), "😀 中"))
    modes = (("RGBA", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG"), ("P", "GIF"))
    pictures = (pictured(picture(mode, form), f"image/{form.lower()}", f"m{mode[0]}") for mode, form in modes)
    whole = level3(*words, *pictures)
    samples = [path.read_bytes() for path in STRUCTURED if path.stem.startswith("BIO-CR-BIO_2023")]
    written = []
    for n, cda in enumerate((whole, *samples)):
        path = tmp_path / f"{n}.pdf"
        path.write_bytes(paper(cda))
        written.append(path)
    assert {path.name: broken for path, broken in verapdf(written).items() if broken} == {}
