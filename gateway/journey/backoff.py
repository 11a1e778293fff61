"""When to try again: a written schedule, because admins read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

SCHEDULE = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480, 960))


def wait_before(attempt: int, *, jitter: float, schedule: Sequence[timedelta] = SCHEDULE) -> timedelta | None:
    """How long to wait before attempt number `attempt` of one leg.

    attempt  counts from 2: the first attempt never waits.
    jitter   0.0 to 1.0, drawn by the caller; spreads the wait by up to +20 %, so that 200 legs to a restarted
             operator do not all come back at once.

    Returns None when the schedule is used up (after about 32 hours with the default one): the leg is then closed as
    failed. Raises ValueError for attempt < 2, a bug in the caller.
    """
    if attempt < 2:
        raise ValueError(f"attempt {attempt} never waits")
    if attempt - 2 >= len(schedule):
        return None
    return schedule[attempt - 2] * (1 + 0.2 * jitter)
