"""Times: HL7 form, UTC for XDS, French for people, never more precise than what was said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from gateway.model.when import Day, Instant, When
from gateway.pack.times import day, french, hl7, utc, utc_now
from tests import strategies


@pytest.mark.parametrize(
    ("said", "written", "in_utc"),
    [
        ("2026-11-20T09:30:00+01:00", "20261120093000+0100", "20261120083000"),
        ("2026-11-20T00:10:00.250+01:00", "20261120001000+0100", "20261119231000"),
        ("2026-11-20T09:30:00Z", "20261120093000+0000", "20261120093000"),
        ("2026-11-20T09:30:00-03:30", "20261120093000-0330", "20261120130000"),
        ("2026-11-20", "20261120", "20261120"),
        ("2026-11", "202611", "202611"),
        ("2026", "2026", "2026"),
    ],
)
def test_a_time_keeps_its_precision_and_its_zone(said: str, written: str, in_utc: str) -> None:
    assert hl7(When(said)) == written
    assert utc(written) == in_utc


@given(strategies.instants())
@settings(max_examples=100, deadline=None)
def test_utc_is_the_instant_in_utc(instant: Instant) -> None:
    assert utc(hl7(instant)) == utc_now(instant.moment)


@pytest.mark.parametrize("ts", ["", "abc", "20261301", "99999999999999+0100", "20261120093000+9999", "0001-01-01", "1"])
def test_what_is_no_time_never_raises(ts: str) -> None:
    assert utc(ts) in ("", ts)
    assert isinstance(day(ts), str)


@pytest.mark.parametrize(
    ("ts", "said"), [("19790328", "1979-03-28"), ("197903", "1979-03"), ("1979", "1979"), ("", "")]
)
def test_a_birth_date_is_as_precise_as_known(ts: str, said: str) -> None:
    assert day(ts) == said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("2026-11-20T09:30:00+01:00", "20/11/2026 à 09:30"),
        ("1979-03-28", "28/03/1979"),
        ("1979-03", "03/1979"),
        ("1979", "1979"),
    ],
)
def test_people_read_french_dates(said: str, words: str) -> None:
    assert french(When(said)) == words
    if "T" not in said:
        assert french(Day(said)) == words


def test_years_are_always_four_digits() -> None:
    assert utc_now(datetime(800, 12, 25, tzinfo=UTC)) == "08001225000000"
