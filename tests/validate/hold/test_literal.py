"""A literal reference says what it is by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.hold.literal import literal


@pytest.mark.parametrize(
    ("reference", "form", "server", "type", "id", "version"),
    [
        ("#p1", "contained", "", "", "", ""),
        ("Patient/1", "restful", "", "Patient", "1", ""),
        ("Patient/1/_history/2", "restful", "", "Patient", "1", "2"),
        ("https://a.example.org/fhir/Patient/a-1.b", "restful", "https://a.example.org/fhir/", "Patient", "a-1.b", ""),
        (
            "http://a.example.org:8080/Patient/1/_history/9",
            "restful",
            "http://a.example.org:8080/",
            "Patient",
            "1",
            "9",
        ),
        ("https://a.example.org/fhir/Nothing/1", "absolute", "", "", "", ""),
        ("urn:uuid:0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11", "absolute", "", "", "", ""),
        ("Patient?identifier=urn:x|1", "conditional", "", "Patient", "", ""),
        ("Nothing/1", "other", "", "", "", ""),
        ("0b5c8a1e", "other", "", "", "", ""),
        ("Patient/", "other", "", "", "", ""),
        ("Patient/" + "9" * 65, "other", "", "", "", ""),
    ],
)
def test_a_reference_is_taken_apart(reference: str, form: str, server: str, type: str, id: str, version: str) -> None:
    found = literal(reference)
    assert (found.form, found.server, found.type, found.id, found.version) == (form, server, type, id, version)


@given(st.text())
def test_any_text_has_a_form(reference: str) -> None:
    assert literal(reference).form in ("contained", "restful", "absolute", "conditional", "other")
