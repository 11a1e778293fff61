"""What a PDF would do beside being read is seen wherever a reader would find it, with its page, and nothing else is."""

from __future__ import annotations

import time

import pytest

from gateway.pack.pdf import judge
from gateway.pack.pdf_active import ACTIVE_CODES, Active
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import one_page, stream, two_pages

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"

OF_THE_DOCUMENT = {
    "opened with it": (one_page(b"/OpenAction" + SCRIPT), "pdf-script"),
    "opened with it, elsewhere": (one_page(b"/OpenAction 4 0 R", more=[SCRIPT]), "pdf-script"),
    "a name spelt otherwise": (one_page(b"/OpenAction<</S/J#61vaScript>>"), "pdf-script"),
    "before printing": (one_page(b"/AA<</WP" + SCRIPT + b">>"), "pdf-script"),
    "named": (one_page(b"/Names<</JavaScript<</Names[(a) 4 0 R]>>>>", more=[SCRIPT]), "pdf-script"),
    "after a harmless action": (one_page(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[" + SCRIPT + b"]>>"), "pdf-script"),
    "a script in a stream": (one_page(b"/OpenAction<</JS 4 0 R>>", more=[stream(b"x")]), "pdf-script"),
    "a field": (one_page(b"/AcroForm<</Fields[<</AA<</K" + SCRIPT + b">>>>]>>"), "pdf-script"),
    "a field below a field": (
        one_page(b"/AcroForm<</Fields[<</Kids[<</A" + SCRIPT + b">>]>>]>>"),
        "pdf-script",
    ),
    "a bookmark": (one_page(b"/Outlines<</First<</A" + SCRIPT + b">>>>"), "pdf-script"),
    "a program": (one_page(b"/OpenAction<</S/Launch/F(cmd.exe)>>"), "pdf-launch"),
    "a form that is sent": (one_page(b"/OpenAction<</S/SubmitForm/F(http://x)>>"), "pdf-calls-out"),
    "data fetched": (one_page(b"/OpenAction<</S/ImportData/F(x.fdf)>>"), "pdf-calls-out"),
    "an address opened with it": (one_page(b"/OpenAction<</S/URI/URI(http://x)>>"), "pdf-calls-out"),
    "an address when it is closed": (one_page(b"/AA<</WC<</S/URI/URI(http://x)>>>>"), "pdf-calls-out"),
    "another file": (one_page(b"/OpenAction<</S/GoToR/F(x.pdf)/D[0/Fit]>>"), "pdf-other-file"),
    "a file inside a file": (one_page(b"/OpenAction<</S/GoToE/D(x)>>"), "pdf-other-file"),
    "files by name": (one_page(b"/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>"), "pdf-attachment"),
    "files beside it": (one_page(b"/AF[<</Type/Filespec/EF<</F 4 0 R>>>>]", more=[stream(b"x")]), "pdf-attachment"),
    "XFA": (one_page(b"/AcroForm<</XFA 4 0 R/Fields[]>>", more=[stream(b"<xdp/>")]), "pdf-xfa"),
}  # fmt: skip
OF_A_PAGE = {
    "when it is shown": (b"/AA<</O" + SCRIPT + b">>", "pdf-script"),
    "a link that runs": (b"/Annots[<</Subtype/Link/A" + SCRIPT + b">>]", "pdf-script"),
    "a link that starts": (b"/Annots[<</Subtype/Link/A<</S/Launch/Win<</F(x)>>>>>>]", "pdf-launch"),
    "a button": (b"/Annots[<</Subtype/Widget/A<</S/SubmitForm/F(x)>>>>]", "pdf-calls-out"),
    "under the pointer": (b"/Annots[<</Subtype/Widget/AA<</E<</S/URI/URI(x)>>>>>>]", "pdf-calls-out"),
    "another document": (b"/Annots[<</Subtype/Link/A<</S/GoToR/F(x)>>>>]", "pdf-other-file"),
    "a film": (b"/Annots[<</Subtype/Movie>>]", "pdf-multimedia"),
    "a sound": (b"/Annots[<</Subtype/Link/A<</S/Sound/Sound 5 0 R>>>>]", "pdf-multimedia"),
    "a screen": (b"/Annots[<</Subtype/Screen>>]", "pdf-multimedia"),
    "a scene": (b"/Annots[<</Subtype/3D>>]", "pdf-multimedia"),
    "rich media": (b"/Annots[<</Subtype/RichMedia>>]", "pdf-multimedia"),
    "a pinned file": (b"/Annots[<</Subtype/FileAttachment/FS 5 0 R>>]", "pdf-attachment"),
    "content elsewhere": (b"/Contents 6 0 R", "pdf-external-stream"),
    "a picture elsewhere": (b"/Resources<</XObject<</a 6 0 R>>>>", "pdf-external-stream"),
    "a picture elsewhere within a drawing": (b"/Resources<</XObject<</a 7 0 R>>>>", "pdf-external-stream"),
    "a letter elsewhere": (b"/Resources<</Font<</a<</Subtype/Type3/CharProcs<</b 6 0 R>>>>>>>>", "pdf-external-stream"),
}
MORE = [
    stream(b"x"),
    stream(b"", b"/F(http://x)"),
    stream(b"", b"/Subtype/Form/Resources<</XObject<</a 6 0 R>>>>"),
]


@pytest.mark.parametrize("where", OF_THE_DOCUMENT)
def test_what_the_document_would_do_is_seen(where: str) -> None:
    data, code = OF_THE_DOCUMENT[where]
    assert judge(data).fault is None
    assert Active(code, ()) in judge(data).active  # type: ignore[arg-type]


@pytest.mark.parametrize("where", OF_A_PAGE)
def test_what_a_page_would_do_is_seen_with_its_page(where: str) -> None:
    entries, code = OF_A_PAGE[where]
    assert judge(two_pages(entries, MORE)).active == (Active(code, (2,)),)  # type: ignore[arg-type]


def test_every_code_is_asked_for_here() -> None:
    asked = {code for _, code in (*OF_THE_DOCUMENT.values(), *OF_A_PAGE.values())}
    assert asked | {"pdf-unsearched"} == set(ACTIVE_CODES)


HARMLESS = {
    "a link": b"/Annots[<</Subtype/Link/A<</S/URI/URI(https://www.ameli.fr)>>>>]",
    "a place in the document": b"/Annots[<</Subtype/Link/A<</S/GoTo/D[3 0 R/Fit]>>>>]",
    "a remark": b"/Annots[<</Subtype/Text/Contents(/JavaScript /Launch)>>]",
    "a fillable field": b"/Annots[<</Subtype/Widget/FT/Tx/V(x)>>]",
    "words": b"/PieceInfo<</S/JavaScript>>",  # data of the program that wrote it: nothing runs it
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_a_person_only_reads_or_follows_is_not_told(what: str) -> None:
    assert judge(two_pages(HARMLESS[what])).active == ()


def test_the_place_a_document_opens_at_is_harmless() -> None:
    assert judge(one_page(b"/OpenAction[3 0 R/Fit]")).active == ()
    assert judge(one_page(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>")).active == ()
    assert judge(small_pdf("x", "a-1a")).active == ()


def test_what_a_former_revision_did_is_not_told() -> None:
    assert judge(one_page(more=[SCRIPT])).active == ()


def test_several_things_are_told_once_each_with_their_pages() -> None:
    both = b"/Annots[<</Subtype/Link/A" + SCRIPT + b">><</Subtype/Link/A" + SCRIPT + b">><</Subtype/Movie>>]"
    data = one_page(b"/OpenAction" + SCRIPT, both)
    assert judge(data).active == (Active("pdf-script", (1,)), Active("pdf-multimedia", (1,)))


def test_actions_that_lead_to_each_other_end() -> None:
    data = one_page(b"/OpenAction 4 0 R", more=[b"<</S/GoTo/Next 5 0 R>>", b"<</S/GoTo/Next[4 0 R 5 0 R]>>"])
    assert judge(data).active == ()


def test_what_is_too_much_to_look_through_is_told_as_such() -> None:
    links = b"".join(b"%d 0 R " % (n + 4) for n in range(40_000))
    data = one_page(b"/OpenAction" + SCRIPT, b"/Annots[%b]" % links, [b"<</Subtype/Link/A<</S/URI>>>>"] * 40_000)
    before = time.process_time()
    assert [active.code for active in judge(data).active] == ["pdf-script", "pdf-unsearched"]
    assert time.process_time() - before < 2
