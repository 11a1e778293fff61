from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from gateway.deliver.sign_in import FileTokenSource, xoauth2

Now = Callable[[], datetime]
ADDRESS = "dr.durand@a.mssante.test"


def _jwt(**claims: object) -> str:
    parts = ({"alg": "RS256"}, claims)
    head = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{head}.c2lnbmF0dXJl"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "token"


@pytest.fixture
def source(file: Path, now: Now) -> FileTokenSource:
    return FileTokenSource({ADDRESS: file}, opaque_life_s=120, now=now)


def _written(file: Path, text: str, now: Now, age_s: float = 0) -> None:
    file.write_text(text)
    os.utime(file, (now().timestamp() - age_s,) * 2)


def test_the_sasl_answer_is_the_one_operators_expect() -> None:
    assert xoauth2("a@b.test", "t0k") == b"user=a@b.test\x01auth=Bearer t0k\x01\x01"


def test_a_fresh_token_is_given_whatever_the_case_of_the_address(source: FileTokenSource, file: Path, now: Now) -> None:
    _written(file, "abc.DEF-_~+/=\n", now)
    assert source.token(ADDRESS) == source.token(ADDRESS.upper()) == "abc.DEF-_~+/="


@pytest.mark.parametrize(("left_s", "good"), [(61, True), (60, True), (59, False), (-10, False)])
def test_a_token_that_says_its_end_is_given_while_a_minute_is_left(
    source: FileTokenSource, file: Path, now: Now, left_s: int, good: bool
) -> None:
    token = _jwt(exp=now().timestamp() + left_s)
    _written(file, token, now, age_s=100_000)
    assert source.token(ADDRESS) == (token if good else None)


@pytest.mark.parametrize(("age_s", "good"), [(0, True), (59, True), (61, False)])
def test_a_token_that_does_not_is_given_while_its_file_is_young(
    source: FileTokenSource, file: Path, now: Now, age_s: int, good: bool
) -> None:
    for token in ("opaque", "a.b.c", _jwt(exp="soon"), _jwt(sub="x")):
        _written(file, token, now, age_s=age_s)
        assert source.token(ADDRESS) == (token if good else None)


@pytest.mark.parametrize("text", ["", "\n", "two tokens", "a\x01b", "é", "a" * 20_000, "line\nline"])
def test_what_is_no_token_is_none(source: FileTokenSource, file: Path, now: Now, text: str) -> None:
    _written(file, text, now)
    assert source.token(ADDRESS) is None


def test_no_file_or_no_such_mailbox_is_none(source: FileTokenSource) -> None:
    assert source.token(ADDRESS) is None
    assert source.token("other@a.mssante.test") is None
