"""Bodies of XML: read whatever their order and prefixes, written back the same, refused at an exact place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate import Dialects, MappingFault, read_many, read_once, read_vendor, split, write_vendor
from gateway.translate.body.xml import Xml
from gateway.translate.body.xml_reading import Tree
from tests.strategies import terms
from tests.translate import speech
from tests.translate.speech import BODY, WRITTEN, speak, written

CREATION = (WRITTEN / "creation.xml").read_bytes()

XML = "format: xml\nxml: {root: message}"


def faults(body: bytes) -> list[Fault]:
    with pytest.raises(Rejected) as wrong:
        read_vendor(body, written("cabinetx"))
    return list(wrong.value.faults)


def document(inner: str = "", **places: str) -> bytes:
    said = {**BODY, **places}
    return f"<message>{''.join(f'<{name}>{text}</{name}>' for name, text in said.items())}{inner}</message>".encode()


def test_a_document_of_attributes_namespaces_and_mixed_order_is_read_and_written_back() -> None:
    theirs = written("cabinetx")
    event = read_vendor(CREATION, theirs)
    again = write_vendor(event, theirs)
    assert read_vendor(again, theirs) == event
    assert write_vendor(read_vendor(again, theirs), theirs) == again
    assert b'<id type="RPPS">10100012342</id>' in again
    assert b'nir="2790351215189" cle="89"' in again
    assert again.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<message xmlns="urn:cabinetx:3"')


@pytest.mark.parametrize(
    ("right", "wrong", "code", "pointer", "line", "column"),
    [
        (b'cle="89"', b'cle="88"', "ins-key", "/message/p:patient/@nir", 8, 14),
        (b">10100054328<", b">10100054329<", "rpps-key", "/message/equipe/membres/membre[1]/rpps", 14, 26),
        (b'code="MG"', b'code="SORCIER"', "unknown-code", "/message/equipe/membres/membre[1]/metier/@code", 14, 85),
        (b'le="28/03/1979"', b'le="1979"', "missing-field", "", 0, 0),
        (b"<q:sexe>X</q:sexe>", b"<q:sexe>Z</q:sexe>", "unknown-code", "/message/p:patient/p:sexe", 10, 35),
        (b"<q:sexe>", b"<q:taille>1</q:taille><q:sexe>", "unknown-field", "/message/p:patient/p:taille", 10, 35),
        (b'<q:tel type="MOBILE"', b'<q:tel type="FAX"', "unknown-field", "/message/p:patient/p:tel[1]", 11, 5),
        (b"<m:entete>", b"<m:entete><m:autre/><m:x>1</m:x>", "unknown-field", "/message/entete/x", 6, 23),
        (b'type="CREATION"', b'type="FETE"', "unknown-type", "/message/@type", 2, 65),
        (b'version="3"', b'version="4"', "unknown-code", "/message/@version", 2, 94),
    ],
)
def test_a_fault_has_its_xpath_its_line_and_its_column(
    right: bytes, wrong: bytes, code: str, pointer: str, line: int, column: int
) -> None:
    assert right in CREATION
    body = CREATION.replace(right, wrong, 1)
    if not pointer:
        assert read_vendor(body, written("cabinetx"))  # a year alone is a date of birth
        return
    assert [(one.code, one.pointer, one.line, one.column) for one in faults(body)] == [(code, pointer, line, column)]


def test_a_repeat_of_what_comes_once_is_refused() -> None:
    body = CREATION.replace(b"<q:nom>PAT</q:nom>", b"<q:nom>PAT</q:nom><q:nom>ROBERT</q:nom>")
    assert [(one.code, one.pointer) for one in faults(body)] == [("wrong-type", "/message/p:patient/p:nom")]
    body = CREATION.replace(b"</q:patient>", b'<q:tel type="MOBILE">07</q:tel></q:patient>')
    assert [(one.code, one.pointer) for one in faults(body)] == [("too-many", "/message/p:patient/p:tel[2]")]


def test_another_namespace_is_another_name() -> None:
    body = CREATION.replace(b"urn:cabinetx:pers", b"urn:autre")
    assert {one.code for one in faults(body)} == {"unknown-field", "missing-field"}


def test_a_table_without_namespaces_reads_any() -> None:
    body = (
        document()
        .replace(b"<message>", b'<a:message xmlns:a="urn:a" xmlns="urn:b">')
        .replace(b"/message", b"/a:message")
    )
    assert read_vendor(body, speak("", more=XML)) == read_vendor(document(), speak("", more=XML))


def test_one_alone_is_a_list_of_one_with_a_wrapper_or_without() -> None:
    lines = """
patient.given_names: {path: /prenoms/prenom, verb: text, list: true}
patient.identity_flags: {path: /drapeau, verb: text, list: true}
"""
    theirs = speak(lines, more=XML)
    event = read_vendor(document("<drapeau>homonym</drapeau><prenoms><prenom>A</prenom></prenoms>"), theirs)
    assert (event.patient.given_names, event.patient.identity_flags) == (("A",), ("homonym",))
    many = document("<prenoms><prenom>A</prenom><prenom x='1'>B</prenom></prenoms>")
    with pytest.raises(Rejected) as wrong:
        read_vendor(many, theirs)
    assert [one.pointer for one in wrong.value.faults] == ["/message/prenoms/prenom[2]/@x"]


def test_the_type_may_be_the_outermost_element() -> None:
    table = speech.table("", more="format: xml").replace("{path: /type, is: AJOUT}", "{root: ajout}")
    theirs = speech.load(table)
    body = document().replace(b"message>", b"ajout>").replace(b"<type>AJOUT</type>", b"")
    event = read_vendor(body, theirs)
    assert read_vendor(write_vendor(event, theirs), theirs) == event
    with pytest.raises(Rejected) as wrong:
        read_vendor(body.replace(b"ajout>", b"depart>"), theirs)
    assert [(one.code, one.pointer) for one in wrong.value.faults] == [("unknown-type", "/depart")]


@pytest.mark.parametrize("text", [" x ", "\tx", "a\nb", "<&>\"'", "]]>", "é\U0001f600", "&amp;", "'=1", "0012"])
def test_any_text_comes_back_exactly_from_elements_and_attributes(text: str) -> None:
    from dataclasses import replace

    theirs = speak("patient.birth_name: {path: /nom, verb: text}", more=XML)
    attribute = speak('patient.birth_name: {path: "/nom/@v", verb: text}', more=XML)
    for dialect in (theirs, attribute):
        event = read_vendor(document(), dialect)
        named = replace(event, patient=replace(event.patient, birth_name=text))
        if "\n" in text or "\t" in text:
            body = write_vendor(named, dialect)
            with pytest.raises(Rejected):
                read_vendor(body, dialect)  # the model's own rule: a name is one line
            continue
        assert read_vendor(write_vendor(named, dialect), dialect) == named


def test_events_in_an_envelope_are_cut_out_with_their_lines() -> None:
    more = XML + "\neach-event: /lot/evenement"
    theirs = speak("patient.birth_name: {path: /nom, verb: text}", more=more)
    one = document().decode().replace("message>", "evenement>")
    other = one.replace("M-1", "M-2").replace("</id>", "</id><x>1</x>")
    body = f"<message>\n<lot n='1'>\n{one}\n\n{other}</lot></message>"
    first, second = read_many(body.encode(), theirs)
    assert (first.where, second.where) == ("/message/lot/evenement[1]", "/message/lot/evenement[2]")
    assert not isinstance(first.event, Rejected)
    assert isinstance(second.event, Rejected)
    (fault,) = second.event.faults
    assert (fault.pointer, fault.line) == ("/message/lot/evenement[2]/x", 5)
    with pytest.raises(Rejected) as wrong:
        read_vendor(body.encode(), theirs)
    assert [(fault.code, fault.pointer) for fault in wrong.value.faults] == [
        ("one-event-only", "/message/lot/evenement[2]")
    ]
    (part, _) = split(body.encode(), theirs)
    assert read_vendor(write_vendor(first.event, theirs), theirs) == read_vendor(part.body, theirs)


def test_events_written_without_a_line_break_are_cut_apart_and_their_faults_stand_in_the_file() -> None:
    theirs = speak("", more="format: xml\nxml: {root: lot}\neach-event: /x/evt", kind="/@type")
    good = document().removeprefix(b"<message>").removesuffix(b"</message>").replace(b"<type>AJOUT</type>", b"")
    one = b"<evt type=\"AJOUT\" note='a > b />'>" + good + b"</evt>"
    body = '<?xml version="1.0" encoding="iso-8859-1"?>\n<lot v="é"><x t="/>">'.encode("latin-1") + b"\r\n" + one
    body += b'<evt type="AJOUT"/><!-- a </evt> --><evt  type="FETE"/>' + one + b"</x></lot>"
    found = read_many(body, theirs)
    assert [item.where for item in found] == [f"/lot/x/evt[{number}]" for number in (1, 2, 3, 4)]
    told = [fault for item in found if isinstance(item.event, Rejected) for fault in item.event.faults]
    lines = body.decode("latin-1").split("\n")
    spots = {(fault.code, fault.pointer): lines[fault.line - 1][fault.column - 1 :] for fault in told}
    assert spots["unknown-field", "/lot/x/evt[1]/@note"].startswith("note=")
    assert spots["missing-field", "/lot/x/evt[2]/id"].startswith('<evt type="AJOUT"/>')
    assert spots["unknown-type", "/lot/x/evt[3]/@type"].startswith('type="FETE"')
    assert spots["unknown-field", "/lot/x/evt[4]/@note"].startswith("note=")
    assert len(spots["unknown-field", "/lot/x/evt[4]/@note"]) < len(one) + 12


def test_an_attribute_stands_where_it_stands_whatever_the_others_say() -> None:
    theirs = written("cabinetx")
    sexe = "<q:sexe>"
    text = CREATION.decode("latin-1")
    there = f"""<q:taille à='1' autre="à='2' > b"\n  xmlns:r="urn:x" r:là = "3"   z="">1</q:taille>{sexe}"""
    wrong = text.replace(sexe, there, 1).encode("latin-1")
    document = Tree(theirs.body.namespaces, places=True).parse(wrong)  # type: ignore[attr-defined]
    lines = wrong.decode("latin-1").split("\n")
    spots = {at[-1]: lines[line - 1][column - 1 :] for at, (line, column) in document.spots.items() if "p:taille" in at}
    for name, begins in (("@à", "à='1'"), ("@autre", "autre="), ("@{urn:x}là", "r:là ="), ("@z", 'z=""')):
        assert spots[name].startswith(begins)


def test_another_outermost_element_is_refused_where_it_stands() -> None:
    (fault,) = faults(b'<?xml version="1.0"?>\n<!-- a -->\n  <autre/>')
    assert (fault.code, fault.pointer, fault.line, fault.column) == ("wrong-type", "/autre", 3, 3)


def test_an_element_that_says_nothing_counts_for_none_in_a_file_too() -> None:
    theirs = speak(
        "patient.birth_name: {path: /nom, verb: text}", more="format: xml\nxml: {root: lot}\neach-event: /evt"
    )
    one = document().removeprefix(b"<message>").removesuffix(b"</message>")
    body = b"<lot><evt/>\n<evt>" + one + b"<x/>\n<x/>\n<x>1</x></evt></lot>"
    ((event, where),) = read_many(body, theirs)
    assert where == "/lot/evt[1]"
    assert isinstance(event, Rejected)
    assert [(fault.pointer, fault.line, fault.column) for fault in event.faults] == [("/lot/evt[1]/x", 4, 1)]


@pytest.mark.parametrize("count", [100, 10_000])
def test_many_events_and_many_attributes_cost_no_more_than_their_number(count: int) -> None:
    theirs = speak("", more="format: xml\nxml: {root: lot}\neach-event: /evt", kind="/@type")
    wide = "<evt>" + "".join(f"<a b{number}='1'/>" for number in range(count)) + "</evt>"
    started = time.process_time()
    assert len(split(b"<lot>" + b"<evt><a>1</a></evt>" * count + b"</lot>", theirs)) == count
    attributes = " ".join(f"a{number}='x'" for number in range(count))
    for body in (f"<lot><evt {attributes}/></lot>", f"<lot>{wide}</lot>"):
        with pytest.raises(Rejected):
            read_vendor(body.encode(), theirs)
    assert time.process_time() - started < 3


def test_its_fingerprint_is_of_its_bytes() -> None:
    from hashlib import sha256

    assert read_once(CREATION, written("cabinetx"))[1] == sha256(CREATION).hexdigest()


LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><message>&b;</message>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (LAUGHS, "not-xml"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><message/>', "not-xml"),
        (b"<message>&nbsp;</message>", "not-xml"),
        (b"<message><a></message>", "not-xml"),
        (b"<message a='1' a='2'/>", "not-xml"),
        (b"<message>\x00</message>", "not-xml"),
        (b"<message/><message/>", "not-xml"),
        (b"", "not-xml"),
        (b"{}", "not-xml"),
        ('<?xml version="1.0" encoding="UTF-8"?><message>é</message>'.encode("latin-1"), "not-xml"),
        (b'<?xml version="1.0" encoding="klingon"?><message/>', "wrong-encoding"),
        (b"<message>" + b"<a>" * 101, "too-deep"),
        (b"<a>" * 2_000_000, "too-deep"),
        (b"<message>" + b"<a/>" * 200_001 + b"</message>", "too-many"),
        (b"<message " + b" ".join(b"a%d='1'" % n for n in range(200_001)) + b"/>", "too-many"),
        (b"<autre/>", "wrong-type"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_hostile_document_is_refused_in_no_time(body: bytes, code: str) -> None:
    begin = time.process_time()
    told = faults(body)
    assert time.process_time() - begin < 5
    assert told[0].code == code
    assert code == "wrong-type" or told[0].line >= 1


@settings(max_examples=100, deadline=None)
@given(st.data(), st.binary(max_size=6))
def test_torn_documents_are_read_or_refused_and_never_a_crash(data: st.DataObject, junk: bytes) -> None:
    first, second = sorted((data.draw(st.integers(0, len(CREATION))), data.draw(st.integers(0, len(CREATION)))))
    told: tuple[Fault, ...] = ()
    try:
        read_vendor(CREATION[:first] + junk + CREATION[second:], written("cabinetx"))
    except Rejected as wrong:
        told = wrong.faults
    assert all(fault.text.fr for fault in told)


def test_a_control_character_cannot_be_written() -> None:
    from gateway.translate.verb import Unsayable

    with pytest.raises(Unsayable):
        Xml(root="a").write({"b": "\x01"})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("format: xml", "xml needs root"),
        ("format: xml\nxml: {root: 1}", "root is a text"),
        ("format: xml\nxml: {root: a, namespaces: {p: 1}}", "namespaces gives each prefix another namespace"),
        ("format: xml\nxml: {root: a, indent: 99}", "indent is 0 to 8"),
        ("format: xml\nxml: {root: a, encoding: klingon}", "encoding is utf-8"),
        ("format: xml\ncsv: {}", "the format is xml"),
        ("format: yaml", "format is one of json, xml, csv"),
    ],
)
def test_what_is_wrong_with_the_format_is_said(more: str, said: str, tmp_path: object) -> None:
    with pytest.raises(MappingFault) as wrong:
        speak("", more=more)
    assert any(said in problem.what for problem in wrong.value.problems), wrong.value.problems


def test_both_dialects_load() -> None:
    assert set(Dialects.load([WRITTEN], terms()).names) == {"cabinetx", "tableur"}
