"""What an Attachment says of its content is true, where the content is at hand."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from typing import Any

import pytest

from gateway.validate import Validator
from tests.validate.hold.conftest import Judge

BYTES = b"a demonstration"
DATA = b64encode(BYTES).decode()
HASH = b64encode(sha1(BYTES).digest()).decode()
HEX = b64encode(sha1(BYTES).hexdigest().encode()).decode()


def media(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Media", "status": "completed", "content": content}


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        ({"data": DATA, "size": len(BYTES), "hash": HASH}, set()),
        ({"data": DATA[:4] + "\n" + DATA[4:], "size": len(BYTES), "hash": HEX}, set()),
        ({"data": DATA, "size": len(DATA)}, {"attachment-size"}),
        ({"data": DATA, "hash": b64encode(sha1(DATA.encode()).digest()).decode()}, {"attachment-hash"}),
        ({"url": "https://a.example.org/x", "size": 1, "hash": HASH}, set()),
        ({"data": "not base64!", "size": 1}, set()),
    ],
)
def test_size_and_hash_are_those_of_the_content(said: Judge, content: dict[str, Any], rules: set[str]) -> None:
    assert said(media(**content)) == {("Media.content", rule) for rule in rules}


def test_the_content_may_be_a_binary_of_the_bundle(said: Judge) -> None:
    url = "urn:uuid:0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11"
    binary = {"fullUrl": url, "resource": {"resourceType": "Binary", "contentType": "text/plain", "data": DATA}}

    def bundle(size: int) -> dict[str, Any]:
        holder = {"fullUrl": "urn:uuid:1f0c8f39-5f0e-4a53-a6c8-2a2c1f7b7f10", "resource": media(url=url, size=size)}
        return {"resourceType": "Bundle", "type": "collection", "entry": [holder, binary]}

    assert said(bundle(len(BYTES))) == set()
    assert said(bundle(1)) == {("Bundle.entry[0].resource.content", "attachment-size")}


def test_what_an_attachment_says_wrongly_of_its_own_data_makes_it_not_valid(validator: Validator) -> None:
    for wrong in ({"size": 1}, {"hash": b64encode(BYTES).decode()}):
        found = validator.check_tree(media(data=DATA, **wrong)).findings
        assert [f.severity for f in found if f.rule.startswith("attachment")] == ["error"]


@pytest.mark.parametrize(
    ("digest", "rules"),
    [(HASH, set()), (HEX, set()), (sha1(BYTES).hexdigest(), {"attachment-hash-form"}), ("no base64!", set())],
)
def test_a_hash_has_the_length_of_one_though_the_content_is_elsewhere(
    said: Judge, digest: str, rules: set[str]
) -> None:
    told = said(media(url="https://a.example.org/x", hash=digest))
    assert told == {("Media.content.hash", rule) for rule in rules}
