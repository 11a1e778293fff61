"""Each primitive type of R4: what is right is let through, what is wrong is told by one rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.validate.primitives import fault_of
from gateway.validate.rules.primitives import PRIMITIVES

RIGHT: dict[str, list[Any]] = {
    "boolean": [True, False],
    "integer": [0, -1, 2**31 - 1, -(2**31)],
    "positiveInt": [1, 2**31 - 1],
    "unsignedInt": [0, 2**31 - 1],
    "decimal": [0, -3, Decimal("1.00"), Decimal("1E+2"), 0.5],
    "string": ["a", "a b", "a\nb\tc", "é", "x" * 1024 * 1024],
    "markdown": ["a", " a ", "# A\n\n* b"],
    "xhtml": ["<div/>", ""],
    "code": ["a", "a b", "A-1.2/3"],
    "id": ["a", "A-1.b", "x" * 64],
    "oid": ["urn:oid:1.2.250.1.213", "urn:oid:2.16.840.1.113883", "urn:oid:0.9.2342"],
    "uuid": ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
    "uri": ["urn:ietf:rfc:3986", "http://a.example.org/b?c=d#e", "mailto:a@b", "#p1", "Patient/1", "urn:oid:1.2.3",
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520#a"],
    "url": ["https://a.example.org", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
    "canonical": ["http://a.example.org/b|1.0", "#c"],
    "date": ["1970", "1970-01", "2024-02-29", "2000-02-29", "9999-12-31"],
    "dateTime": ["1970", "1970-12", "1970-12-31", "2024-02-29T23:59:60Z", "2015-02-07T13:28:17.239-05:00",
                 "2015-02-07T00:00:00+14:00"],
    "instant": ["2015-02-07T13:28:17.239+02:00", "2017-01-01T00:00:00Z"],
    "time": ["00:00:00", "23:59:59.999", "23:59:60"],
    "base64Binary": ["YQ==", "YWI=", "YWJj", "a+/b"],
}  # fmt: skip

WRONG: list[tuple[str, Any, str]] = [
    ("boolean", "true", "boolean-format"),
    ("boolean", 1, "boolean-format"),
    ("integer", "1", "number-format"),
    ("integer", True, "number-format"),
    ("integer", 2**31, "integer-format"),
    ("integer", -(2**31) - 1, "integer-format"),
    ("integer", Decimal("1.0"), "integer-format"),
    ("positiveInt", 0, "positiveInt-format"),
    ("positiveInt", "02", "number-format"),
    ("unsignedInt", -1, "unsignedInt-format"),
    ("decimal", "1.0", "number-format"),
    ("decimal", False, "number-format"),
    ("string", 1, "string-format"),
    ("string", True, "string-format"),
    ("string", {"a": 1}, "string-format"),
    ("string", [], "string-format"),
    ("string", "", "empty-value"),
    ("string", " \t", "empty-value"),
    ("string", "a\x00b", "control-character"),
    ("string", "a\x1bb", "control-character"),
    ("string", " a", "blank-around"),
    ("string", "a\n", "blank-around"),
    ("string", "x" * (1024 * 1024 + 1), "text-too-long"),
    ("markdown", "", "empty-value"),
    ("markdown", "a\x07", "control-character"),
    ("xhtml", 1, "string-format"),
    ("code", "", "empty-value"),
    ("code", " a", "code-format"),
    ("code", "a ", "code-format"),
    ("code", "a  b", "code-format"),
    ("id", "a_b", "id-format"),
    ("id", "é", "id-format"),
    ("id", "a\n", "id-format"),
    ("id", "x" * 65, "id-format"),
    ("oid", "1.2.3", "oid-format"),
    ("oid", "urn:oid:3.2", "oid-format"),
    ("oid", "urn:oid:1.02", "oid-format"),
    ("oid", "urn:oid:1", "oid-format"),
    ("uuid", "c757873d-ec9a-4326-a141-556f43239520", "uuid-format"),
    ("uuid", "urn:uuid:c757873d", "uuid-format"),
    ("uuid", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "uuid-format"),
    ("uri", "http://a b", "uri-format"),
    ("uri", "", "empty-value"),
    ("uri", "oid:1.2.3", "uri-bare-number"),
    ("uri", "uuid:c757873d-ec9a-4326-a141-556f43239520", "uri-bare-number"),
    ("uri", "urn:oid:1.2.x", "oid-format"),
    ("uri", "urn:uuid:zzz", "uuid-format"),
    ("url", "http://a\n", "uri-format"),
    ("canonical", " http://a", "uri-format"),
    ("date", "1970-13", "date-format"),
    ("date", "2023-02-29", "date-format"),
    ("date", "1900-02-29", "date-format"),
    ("date", "2023-04-31", "date-format"),
    ("date", "0000", "date-format"),
    ("date", "70", "date-format"),
    ("date", "1970-1-1", "date-format"),
    ("date", "01/01/1970", "date-format"),
    ("date", "1970-01-01T00:00:00Z", "date-format"),
    ("date", "١٩٧٠", "date-format"),
    ("date", "", "empty-value"),
    ("date", 1970, "string-format"),
    ("dateTime", "1970-01-01T00:00:00", "time-zone"),
    ("dateTime", "1970-01-01T00:00Z", "dateTime-format"),
    ("dateTime", "1970-01-01 00:00:00Z", "dateTime-format"),
    ("dateTime", "1970-02-30T00:00:00Z", "dateTime-format"),
    ("dateTime", "1970-01-01T24:00:00Z", "dateTime-format"),
    ("dateTime", "1970-01-01T00:00:00+15:00", "dateTime-format"),
    ("dateTime", "1970-01-01T00:00:00.Z", "dateTime-format"),
    ("dateTime", 1, "string-format"),
    ("instant", "1970-01-01", "instant-format"),
    ("instant", "1970-01-01T00:00:00", "instant-format"),
    ("instant", "2023-02-29T00:00:00Z", "instant-format"),
    ("time", "24:00:00", "time-format"),
    ("time", "12:00", "time-format"),
    ("time", "12:00:00Z", "time-format"),
    ("base64Binary", "%%%", "base64Binary-format"),
    ("base64Binary", "YQ=", "base64Binary-format"),
    ("base64Binary", "YWJj=", "base64Binary-format"),
    ("base64Binary", "YQ==YQ==", "base64Binary-format"),
    ("base64Binary", "é", "base64Binary-format"),
    ("base64Binary", "YWJj\nYWJj", "base64-blank"),
    ("base64Binary", " ", "empty-value"),
    ("base64Binary", 5, "string-format"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), [(code, one) for code, values in RIGHT.items() for one in values],
                         ids=lambda value: repr(value)[:30])  # fmt: skip
def test_what_is_right_is_let_through(code: str, value: Any) -> None:
    assert fault_of(code)(value) is None


@pytest.mark.parametrize(("code", "value", "rule"), WRONG, ids=lambda value: repr(value)[:30])
def test_what_is_wrong_is_told_by_its_rule(code: str, value: Any, rule: str) -> None:
    assert fault_of(code)(value) == rule


def test_every_rule_of_a_primitive_is_broken_by_one_of_these_values() -> None:
    assert {rule for _, _, rule in WRONG} == set(PRIMITIVES)


def test_every_rule_has_its_sentence_in_both_languages() -> None:
    for rule in PRIMITIVES.values():
        assert rule.fr.format(type="string") != rule.en.format(type="string")
