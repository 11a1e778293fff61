from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver import verify
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.signature import keys_of, sign
from gateway.model.errors import Broken

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLD = "whsec_" + base64.b64encode(b"the old secret, 24 bytes").decode()
NEW = "whsec_" + base64.b64encode(b"the new secret, 24 bytes").decode()


def test_the_published_example_of_standard_webhooks_is_signed_alike() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    said = sign(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert said == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=50), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20))
def test_what_is_signed_is_verified(body: bytes, message_id: str) -> None:
    assert verify([NEW], sign([NEW], message_id, NOON, body), body, now=NOON) == message_id


def test_while_a_secret_is_changed_both_sides_may_hold_either() -> None:
    said = sign([NEW, OLD], "m1", NOON, b"{}")
    assert len(said["webhook-signature"].split(" ")) == 2
    for held in ([OLD], [NEW], [OLD, NEW]):
        assert verify(held, said, b"{}", now=NOON) == "m1"
    assert verify([NEW, OLD], sign([OLD], "m1", NOON, b"{}"), b"{}", now=NOON) == "m1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "m2"),
        ("webhook-id", ""),
        ("webhook-timestamp", "1795262401"),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", "٣"),
        ("webhook-timestamp", "9" * 5000),
        ("webhook-timestamp", ""),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,é"),
        ("webhook-signature", "v2,aaaa"),
        ("webhook-signature", " ".join(["v1,aaaa"] * 100_000)),
    ],
)
def test_a_header_that_was_touched_is_not_verified(name: str, value: str) -> None:
    said = sign([NEW], "m1", NOON, b"{}")
    assert verify([NEW], {**said, name: value}, b"{}", now=NOON) is None
    assert verify([NEW], {other: kept for other, kept in said.items() if other != name}, b"{}", now=NOON) is None


def test_another_body_or_another_secret_is_not_verified() -> None:
    said = sign([NEW], "m1", NOON, b"{}")
    assert verify([NEW], said, b"{} ", now=NOON) is None
    assert verify([OLD], said, b"{}", now=NOON) is None
    assert verify([], said, b"{}", now=NOON) is None


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (5, True), (-5, True), (6, False), (-6, False)])
def test_an_old_call_is_not_played_again(minutes: int, taken: bool) -> None:
    said = sign([NEW], "m1", NOON, b"{}")
    assert (verify([NEW], said, b"{}", now=NOON + timedelta(minutes=minutes)) == "m1") is taken


def test_a_secret_without_prefix_is_understood_by_those_who_decode_it_and_those_who_do_not() -> None:
    written = base64.b64encode(b"thirty-two bytes of a secret ...").decode()
    shown = sign([written], "m1", NOON, b"{}")["webhook-signature"].split(" ")
    for key in (written.encode(), base64.b64decode(written)):
        mac = hmac.new(key, b"m1.1795262400.{}", hashlib.sha256).digest()
        assert "v1," + base64.b64encode(mac).decode() in shown


def test_a_secret_that_is_no_base64_is_its_own_letters() -> None:
    assert keys_of("un secret partagé") == ("un secret partagé".encode(),)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_a", "whsec_????"])
def test_what_is_no_secret_is_refused_with_the_settings(secret: str) -> None:
    with pytest.raises(Broken) as caught:
        Endpoint(name="logiciel", kind="callback", url="https://exemple.fr/", secrets=(secret,))
    assert len(secret) <= 6 or secret not in str(caught.value)


def test_a_callback_without_a_secret_is_refused() -> None:
    with pytest.raises(Broken, match="no secret"):
        Endpoint(name="logiciel", kind="callback", url="https://exemple.fr/")


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "é", "a,b"])
def test_what_is_no_token_is_refused_with_the_settings(token: str) -> None:
    with pytest.raises(Broken) as caught:
        Endpoint(name="dossier", kind="fhir_server", url="https://exemple.fr/", token=token)
    assert not token or token not in str(caught.value)


def test_an_endpoint_shows_no_secret() -> None:
    shown = repr(
        Endpoint(
            name="logiciel",
            kind="callback",
            url="https://exemple.fr/hook?cle=1234",
            secrets=(NEW,),
            token="jeton",
            certificate_password="sesame",
        )
    )
    assert not any(each in shown for each in (NEW, "1234", "jeton", "sesame"))


def test_the_lines_shown_to_vendors_verify_what_we_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "howto" / "callback.md"
    [shown] = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    theirs: dict[str, Any] = {}
    exec(compile(shown, str(page), "exec"), theirs)
    monkeypatch.setattr(time, "time", lambda: NOON.timestamp() + 60)
    said = sign([NEW, OLD], "m1", NOON, b'{"a": 1}')
    for held in ([NEW], [OLD]):
        assert theirs["verified"](held, said, b'{"a": 1}')
    assert not theirs["verified"]([NEW], said, b'{"a":1}')
    assert not theirs["verified"]([NEW], {}, b'{"a": 1}')
    monkeypatch.setattr(time, "time", lambda: NOON.timestamp() + 301)
    assert not theirs["verified"]([NEW], said, b'{"a": 1}')
