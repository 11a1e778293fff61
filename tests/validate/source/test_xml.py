"""FHIR in XML is read by the definitions into the same tree as JSON; what XML alone can get wrong is told."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.validate.place import keys_of
from gateway.validate.rules import RULES
from gateway.validate.source import Reader
from tests.conftest import SHARED
from tests.validate.source.conftest import Faults, told

EXAMPLES = sorted((SHARED / "fhir-packages").glob("*/examples/*.json"))


def patient(inside: str) -> bytes:
    return f'<Patient xmlns="http://hl7.org/fhir">{inside}</Patient>'.encode()


def test_definitions_decide_lists_numbers_flags_choices_and_resources(reader: Reader) -> None:
    source = reader.read(
        patient("""<!-- a comment --><?a instruction?>
        <id value="p1"/>
        <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b></div></text>
        <contained><Organization><id value="o1"/><name value="N"/></Organization></contained>
        <extension url="http://e.example.org/x"><valueDecimal value="1.50"/></extension>
        <identifier id="i1"><use value="usual"/></identifier>
        <active value="true"/>
        <birthDate id="b1" value="1970-01-01"><extension url="http://e.example.org/y"><valueCode value="a"/></extension>
        </birthDate>
        <multipleBirthInteger value="2"/>""")
    )
    assert told(source) == []
    assert source.tree == {
        "resourceType": "Patient",
        "id": "p1",
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b></div>'},
        "contained": [{"resourceType": "Organization", "id": "o1", "name": "N"}],
        "extension": [{"url": "http://e.example.org/x", "valueDecimal": Decimal("1.50")}],
        "identifier": [{"id": "i1", "use": "usual"}],
        "active": True,
        "birthDate": "1970-01-01",
        "_birthDate": {"id": "b1", "extension": [{"url": "http://e.example.org/y", "valueCode": "a"}]},
        "multipleBirthInteger": 2,
    }
    assert str(source.tree["extension"][0]["valueDecimal"]) == "1.50"


def test_what_stands_beside_a_value_of_a_list_keeps_its_number(reader: Reader) -> None:
    extension = '<extension url="http://e.example.org/y"><valueCode value="a"/></extension>'
    source = reader.read(patient(f'<name><given value="A"/><given>{extension}</given></name>'))
    beside = {"extension": [{"url": "http://e.example.org/y", "valueCode": "a"}]}
    assert source.tree == {"resourceType": "Patient", "name": [{"given": ["A", None], "_given": [None, beside]}]}


def test_an_element_defined_elsewhere_has_the_elements_it_has_there(reader: Reader) -> None:
    nested = '<item><linkId value="1"/><item><linkId value="2"/><required value="false"/></item></item>'
    source = reader.read(f'<Questionnaire xmlns="http://hl7.org/fhir">{nested}</Questionnaire>'.encode())
    assert told(source) == []
    assert source.tree is not None
    assert source.tree["item"] == [{"linkId": "1", "item": [{"linkId": "2", "required": False}]}]


def test_a_value_that_is_no_number_or_flag_stays_text_for_the_checks(reader: Reader) -> None:
    source = reader.read(patient('<active value="yes"/><multipleBirthInteger value="02"/>'))
    assert source.tree == {"resourceType": "Patient", "active": "yes", "multipleBirthInteger": "02"}


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<gender value="male"/><active value="true"/>', [("xml-order", "Patient.active")]),
        ('<name/><name/><identifier/><name/>', [("xml-order", "Patient.identifier[0]")]),
        ('text<active value="true"/>', [("xml-text", "Patient")]),
        ('<active value="true"/>text', [("xml-text", "Patient")]),
        ('<active value="true">text</active>', [("xml-text", "Patient.active")]),
        ("<name>Dupont</name>", [("xml-text", "Patient.name[0]")]),
        ('<active value="true" lang="fr"/>', [("xml-attribute", "Patient.active")]),
        ('<name use="usual"/>', [("xml-attribute", "Patient.name[0]")]),
        ('<colour value="red"/>', [("unknown-element", "Patient.colour")]),
        ('<_birthDate value="red"/>', [("unknown-element", "Patient")]),
        ('<resourceType value="red"/>', [("unknown-element", "Patient.resourceType")]),
        ('<active><b value="1"/></active>', [("unknown-element", "Patient.active.b")]),
        ('<name><id value="1"/></name>', [("unknown-element", "Patient.name[0].id")]),
        ('<extension><url value="u"/></extension>', [("unknown-element", "Patient.extension[0].url")]),
        ('<active xmlns="urn:x" value="true"/>', [("xml-namespace", "Patient.active")]),
        ("<text><div>A</div></text>", [("xml-namespace", "Patient.text.div")]),
        ('<gender value="male"/><gender value="male"/>', [("max", "Patient")]),
        ("<contained/>", [("xml-wrapper", "Patient.contained[0]")]),
        ("<contained><Patient/><Patient/></contained>", [("xml-wrapper", "Patient.contained[0]")]),
    ],
)  # fmt: skip
def test_what_only_xml_can_get_wrong_is_told_at_its_place(
    faults: Faults, inside: str, expected: list[tuple[str, str]]
) -> None:
    assert faults(patient(inside)) == expected


def test_where_a_schema_is_said_to_be_is_no_part_of_fhir_and_harms_nothing(reader: Reader) -> None:
    said = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir patient.xsd"'
    source = reader.read(f'<Patient xmlns="http://hl7.org/fhir" {said}><active value="true"/></Patient>'.encode())
    assert source.tree == {"resourceType": "Patient", "active": True}
    assert [one.rule for one in source.told] == ["xml-schema-location"]
    assert RULES["xml-schema-location"].severity == "warning"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"<", "xml-syntax"),
        (b"<a><b></a>", "xml-syntax"),
        (b"<Patient/>", "xml-root-namespace"),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "xml-root-namespace"),
        (patient("&reg;"), "xml-entity"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml-doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml-doctype"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "encoding-unknown"),
        (patient("<contact>" * 101 + "</contact>" * 101), None),
        (patient("<extension>" * 120 + "</extension>" * 120), "file-too-deep"),
        (patient("<a/>" * 99_000), None),
        (patient("<a/>" * 100_001), "file-too-large"),
        (b"<a " + b" ".join(b'a%d=""' % n for n in range(600)) + b"/>", "file-too-large"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_read_is_refused(reader: Reader, data: bytes, rule: str | None) -> None:
    source = reader.read(data)
    if rule is None:
        assert source.tree is not None
    else:
        assert (source.tree, [one for one, _ in told(source)]) == (None, [rule])


def test_an_entity_bomb_is_refused_before_it_grows(faults: Faults) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    )
    ((rule, _),) = faults(bomb + b"]><a>&m;</a>")
    assert rule in {"xml-doctype", "xml-syntax", "xml-entity"}


def test_other_encodings_are_read_and_told(reader: Reader) -> None:
    text = '<?xml version="1.0" encoding="{}"?><Patient xmlns="http://hl7.org/fhir"><id value="é"/></Patient>'
    for name in ("ISO-8859-1", "UTF-16"):
        source = reader.read(text.format(name).encode(name))
        assert told(source) == [("encoding", "")]
        assert source.tree == {"resourceType": "Patient", "id": "é"}
    assert reader.read(text.format("UTF-8").encode("latin-1")).tree == {"resourceType": "Patient", "id": "\ufffd"}
    assert told(reader.read(b"\xef\xbb\xbf" + text.format("UTF-8").encode())) == []


def test_a_place_has_the_line_its_opening_tag_ends_on(reader: Reader) -> None:
    source = reader.read(patient('\n<name>\n<given value="A"/>\n<given\nvalue=""/></name>\n<colour/>'))
    assert source.line(("name", 0)) == 2
    assert source.line(("name", 0, "given", 1)) == 5
    assert source.line(("_name", 0, "_given", 1, "extension")) == 5
    assert [source.line(keys_of(one.place)) for one in source.told] == [6]


def test_a_type_r4_has_not_is_left_to_the_checks(reader: Reader) -> None:
    assert reader.read(b'<Nothing xmlns="http://hl7.org/fhir"><a value="1"/></Nothing>').tree == {
        "resourceType": "Nothing"
    }


@pytest.mark.skipif(not EXAMPLES, reason="the official packages are not at hand")
@pytest.mark.parametrize("guide", sorted({one.parents[1].name for one in EXAMPLES}))
def test_every_official_example_is_the_same_after_a_journey_through_xml(reader: Reader, guide: str) -> None:
    for example in EXAMPLES:
        if example.parents[1].name == guide:
            tree = _read(reader, example)
            again = reader.read(reader.write_xml(tree))
            assert told(again) == [], example.name
            assert _comparable(again.tree) == _comparable(tree), example.name


def _read(reader: Reader, example: Path) -> dict[str, Any]:
    source = reader.read(example.read_bytes())
    assert source.tree is not None
    return source.tree


def _comparable(value: Any) -> Any:
    """A tree whose narratives are canonical XML; a list of no values beside one of extensions says nothing."""
    if isinstance(value, dict):
        return {
            key: etree.canonicalize(held) if key == "div" and isinstance(held, str) else _comparable(held)
            for key, held in value.items()
            if not isinstance(held, list) or any(item is not None for item in held)
        }
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def test_xml_is_written_in_the_order_of_the_definitions(reader: Reader) -> None:
    tree = json.loads('{"gender": "male", "active": false, "id": "p1", "resourceType": "Patient", "colour": "red"}')
    assert reader.write_xml(tree) == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n"
        b'<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><active value="false"/><gender value="male"/></Patient>'
    )
