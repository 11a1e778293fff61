"""The power goes at any moment: what was acknowledged is on the disk. And a database in less of a hurry is caught."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from soak.power import measure


def may_trace() -> bool:
    """Whether strace is there and processes may be traced."""
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or nothing may be traced here")


def test_what_was_acknowledged_is_there_when_the_power_is_back(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    cut = measure(tmp_path, events=40, cuts=20)
    record_property("figure", f"power cuts while accepting on SQLite: {cut}")
    assert (cut.cuts, cut.missing, cut.broken) == (20, 0, 0)


def test_a_database_that_does_not_wait_for_the_disk_is_seen_to_lose(tmp_path: Path) -> None:
    cut = measure(tmp_path, events=16, cuts=10, synchronous="NORMAL")
    assert cut.missing > 0
