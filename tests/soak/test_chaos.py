"""One operator of twenty does its worst: the parcels of the others arrive as if it were not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from soak.chaos import measure


def test_a_hostile_operator_keeps_nobody_elses_parcels_waiting(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    noticed = measure(tmp_path, each=4, seconds=6.0)
    record_property("figure", f"one hostile operator of twenty: {noticed}")
    assert noticed.delivered == noticed.of
    assert noticed.hostile_p95_s < 3 * noticed.good_p95_s + 2.0  # the figure itself is made by `python -m soak.chaos`
