"""Which domains are of the trust space."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.route import BadWhiteList, WhiteList
from tests.route.cast import NOW
from tests.route.directory.whitelists import xml


def test_only_the_domains_listed_are_allowed_whole_and_whatever_their_case() -> None:
    listed = WhiteList.load(xml("A.mssante.test", " chu-exemple.fr ", at=NOW))
    assert listed.domains == {"a.mssante.test", "chu-exemple.fr"}
    assert listed.allows("a.MSSANTE.test")
    for stranger in ("mssante.test", "b.a.mssante.test", "xa.mssante.test", "a.mssante.test.evil.example", ""):
        assert not listed.allows(stranger)


def test_a_domain_with_accents_is_one_with_its_mail_form() -> None:
    listed = WhiteList.load(xml("Hôpital-Léger.mssante.test", "münchen.test", "xn--bcher-kva.test", at=NOW))
    assert listed.allows("HÔPITAL-LÉGER.mssante.test")
    assert listed.allows("XN--MNCHEN-3YA.test")
    assert listed.allows("bücher.test")
    assert not listed.allows("hopital-leger.mssante.test")
    assert not listed.allows("munchen.test")


def test_look_alikes_stay_apart() -> None:
    assert not WhiteList.load(xml("strasse.test", at=NOW)).allows("straße.test")


def test_its_age_is_counted_from_its_own_date() -> None:
    listed = WhiteList.load(xml("a.test", at="2026-11-20T12:00:00+01:00"), timedelta(hours=48))
    assert listed.generated_at == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert listed.usable(listed.generated_at + timedelta(hours=48))
    assert not listed.usable(listed.generated_at + timedelta(hours=48, seconds=1))
    assert not listed.usable(listed.generated_at - timedelta(hours=25))


def test_a_date_without_zone_is_of_paris() -> None:
    assert WhiteList.load(xml("a.test", at="2026-07-01T12:00:00")).generated_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"{}",
        b"<a",
        xml(at=NOW),
        xml("a.test", at="yesterday"),
        xml("a.test", at=""),
        xml("a.test", at=NOW, namespace="https://example.org/other"),
        xml("\n", "é" * 300, at=NOW),
        xml("a.test", at=NOW).replace(b"?>", b"?><!DOCTYPE ListeBlanche>", 1),
        xml("a.test", at=NOW).replace(b"?>", b'?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1),
        xml("&e;", at=NOW).replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e "a.test">]>', 1),
        xml("&e;", at=NOW),
        b"<a>" * 100_000,
        b"<a x='" + b"b" * 11_000_000 + b"'/>",
    ],
)
def test_what_is_not_a_plain_white_list_is_refused(hostile: bytes) -> None:
    with pytest.raises(BadWhiteList):
        WhiteList.load(hostile)


def test_entities_do_not_multiply() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = xml("&e11;", at=NOW).replace(b"?>", f'?><!DOCTYPE x [<!ENTITY e0 "ha">{levels}]>'.encode(), 1)
    start = time.monotonic()
    with pytest.raises(BadWhiteList):
        WhiteList.load(bomb)
    assert time.monotonic() - start < 2


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWhiteList):
        WhiteList.load(tmp_path / "absent.xml")
    file = tmp_path / "list.xml"
    file.write_bytes(xml("a.test", at=NOW))
    assert WhiteList.load(file).allows("a.test")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_domain_listed_or_not(name: str) -> None:
    assert WhiteList.load(xml("a.test", at=NOW)).allows(name) == (name.strip().lower() == "a.test")
