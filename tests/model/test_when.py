from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import BadIdentifier
from gateway.model.when import Day, Instant, When


@pytest.mark.parametrize(
    "text", ["2026-11-20T09:30:00+01:00", "2026-11-20T09:30:00Z", "2026-02-28T23:59:59.123456789-05:00"]
)
def test_an_instant_keeps_the_zone_it_was_written_in(text: str) -> None:
    assert Instant(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:30:00",
        "2026-11-20",
        "2026-11-20T09:30+01:00",
        "2026-02-30T00:00:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20 09:30:00Z",
        "2026-11-20T09:30:00+25:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_an_instant_without_zone_or_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(BadIdentifier):
        Instant(text)


def test_instants_are_ordered_by_what_the_clock_said_in_utc() -> None:
    assert Instant("2026-11-20T09:30:00+01:00").utc < Instant("2026-11-20T09:00:00Z").utc


@pytest.mark.parametrize("text", ["1979-03-28", "1979-03", "1979"])
def test_a_birth_date_may_be_known_to_the_day_the_month_or_the_year(text: str) -> None:
    assert Day(text).first.year == 1979
    assert Day(text).exact is (len(text) == 10)


@pytest.mark.parametrize("text", ["1979-02-30", "79", "1979-3-28", "28/03/1979", "1979-13", ""])
def test_a_date_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(BadIdentifier):
        Day(text)


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-11", False),
        ("2025", True),
        ("2026-11-21T11:59:59Z", True),
        ("2026-11-21T12:00:01Z", False),
    ],
)
def test_a_date_is_over_once_its_last_day_has_ended(text: str, over: bool) -> None:
    assert When(text).over(datetime(2026, 11, 21, 12, tzinfo=UTC)) is over


@given(st.text(max_size=40))
def test_no_text_makes_a_date_crash(text: str) -> None:
    for kind in (Instant, Day, When):
        with contextlib.suppress(BadIdentifier):
            assert kind(text).text == text
