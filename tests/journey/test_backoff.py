from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.journey.backoff import SCHEDULE, wait_before


def test_the_schedule_waits_longer_each_time_and_lasts_about_a_day_and_a_half() -> None:
    assert list(SCHEDULE) == sorted(SCHEDULE)
    assert timedelta(hours=30) < sum(SCHEDULE, timedelta()) < timedelta(hours=36)


def test_a_wait_is_spread_by_a_fifth_at_most() -> None:
    assert wait_before(2, jitter=0.0) == SCHEDULE[0]
    assert wait_before(2, jitter=1.0) == SCHEDULE[0] * 1.2


def test_a_used_up_schedule_says_so() -> None:
    assert wait_before(len(SCHEDULE) + 1, jitter=0.5) is not None
    assert wait_before(len(SCHEDULE) + 2, jitter=0.5) is None


def test_a_first_attempt_never_waits() -> None:
    with pytest.raises(ValueError, match="never waits"):
        wait_before(1, jitter=0.0)
