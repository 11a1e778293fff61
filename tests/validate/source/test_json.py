"""FHIR in JSON is read strictly: every fault has its rule and its line, and nothing a file holds makes reading fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.validate.place import keys_of
from gateway.validate.source import Reader
from tests.validate.source.conftest import Faults, told


def test_a_decimal_keeps_its_digits_and_a_whole_number_is_one(reader: Reader) -> None:
    source = reader.read(b'{"resourceType":"Observation","a":1.00,"b":1e2,"c":7}')
    assert source.tree is not None
    assert str(source.tree["a"]) == "1.00"
    assert source.tree["b"] == Decimal("1E+2")
    assert type(source.tree["c"]) is int


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (b"", "no-resource", 1),
        (b"%PDF-1.4", "no-resource", 1),
        (b"PK\3\4", "no-resource", 1),
        (b"\0\0\0\0", "no-resource", 1),
        (b"[\n1]", "json-object", 1),
        (b'{\n"a": 1,\n}', "json-syntax", 3),
        (b'{\n"a": [1,]}', "json-syntax", 2),
        (b'{\n// why\n"a": 1}', "json-syntax", 2),
        (b"{\n'a': 1}", "json-syntax", 2),
        (b'{"a": "x\n"}', "json-syntax", 1),
        (b'{"a": 01}', "json-syntax", 1),
        (b'{"a": "\\x"}', "json-syntax", 1),
        (b'{\n"a": 1\n', "json-syntax", 3),
        (b'{"a": 1}}', "json-syntax", 1),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "file-too-deep", None),
        (b'{"a":[' + b"1," * 1_000_001 + b"1]}", "file-too-large", None),
        (b" " * 32_000_001, "file-too-large", None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_json_is_told_with_its_line(reader: Reader, data: bytes, rule: str, line: int | None) -> None:
    source = reader.read(data)
    assert source.tree is None
    assert [one for one, _ in told(source)] == [rule]
    assert source.line(()) == line


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"a": 1,}', "comma after the last value"),
        ('{"a": 1 # why\n}', "comment"),
        ("{'a': 1}", "single quote"),
        ('{"a": [1}', "closes nothing"),
        ('{"a": 1', "the file ends"),
        ('{"a": "\t"}', "control character"),
        ('{"a" 1}', "missing or extra"),
    ],
)
def test_the_most_probable_cause_is_named(reader: Reader, text: str, cause: str) -> None:
    (one,) = reader.read(text.encode()).told
    assert cause in one.words["en"]


def test_faults_reading_can_go_on_after_are_told_together_with_their_places(reader: Reader) -> None:
    data = b"""\xef\xbb\xbf{"resourceType": "Patient",
      "name": [{"family": "A", "family": "B", "text": "\\ud800"}],
      "multipleBirthInteger": NaN,
      "extension": [{"valueDecimal": 1e99999}, {"valueInteger": %s}]
    }""" % (b"9" * 5000)
    source = reader.read(data)
    assert told(source) == [
        ("byte-order-mark", ""),
        ("json-duplicate-key", "Patient.name[0].family"),
        ("lone-surrogate", "Patient.name[0].text"),
        ("json-number", "Patient.multipleBirthInteger"),
        ("json-number", "Patient.extension[0].valueDecimal"),
        ("json-number", "Patient.extension[1].valueInteger"),
    ]
    assert [source.line(keys_of(one.place)) for one in source.told[1:]] == [2, 2, 3, 4, 4]
    assert source.tree is not None
    assert source.tree["name"] == [{"family": "B", "text": "\ufffd"}]


def test_bytes_that_are_not_utf_8_are_told_and_reading_goes_on(reader: Reader) -> None:
    source = reader.read('{"resourceType": "Patient",\n"gender": "é"}'.encode("latin-1"))
    assert told(source) == [("encoding", "")]
    assert source.told[0].words == {"line": 2}
    assert source.tree == {"resourceType": "Patient", "gender": "\ufffd"}


def test_a_name_that_no_element_can_have_is_not_repeated(faults: Faults) -> None:
    assert faults(b'{"resourceType":"Patient","Jean Valjean":1,"Jean Valjean":2}') == [
        ("json-duplicate-key", "Patient")
    ]


def test_a_place_without_a_line_has_that_of_the_place_around_it(reader: Reader) -> None:
    source = reader.read(
        b'{"resourceType": "Patient",\n"name":\n[{"given": ["A"]}],\n"_birthDate": {\n"id": "x"},\n"\\u0061": 1}'
    )
    assert source.line(("name", 0)) == 3
    assert source.line(("name", 0, "family")) == 3
    assert source.line(("_birthDate", "id")) == 5
    assert source.line(("birthDate",)) == 4
    assert source.line(("_name", 0, "given", 0)) == 3
    assert source.line(("a",)) == 6
    assert source.line(("gender",)) == 1


def test_the_format_told_goes_before_what_the_bytes_look_like(reader: Reader) -> None:
    assert [rule for rule, _ in told(reader.read(b"<Patient/>", media_type="application/fhir+json"))] == ["json-syntax"]
    assert [rule for rule, _ in told(reader.read(b"{}", media_type="application/fhir+xml"))] == ["xml-syntax"]
