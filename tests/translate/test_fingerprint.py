"""The same JSON has the same fingerprint however it is written, and another JSON another one."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.translate import fingerprint, read_once, read_vendor
from tests.translate.dialects import EXAMPLES, dialects

# RFC 7493: whole characters, and integers every software holds exactly
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=5), st.booleans())
def test_it_is_over_the_canonical_form_of_rfc_8785(tree: dict[str, Any], ascii_only: bool) -> None:
    body = json.dumps(tree, ensure_ascii=ascii_only, indent=1).encode()
    canonical = rfc8785.dumps(json.loads(body))
    assert fingerprint(body) == sha256(canonical).hexdigest()


def test_a_body_that_is_not_json_has_that_of_its_bytes() -> None:
    assert fingerprint(b"<event/>") == sha256(b"<event/>").hexdigest()


def test_event_and_fingerprint_come_from_one_reading() -> None:
    canonical = dialects().get("canonical")
    bodies = [file.read_bytes() for file in EXAMPLES]
    assert [read_once(body, canonical) for body in bodies] == [
        (read_vendor(body, canonical), fingerprint(body)) for body in bodies
    ]
