"""What every suite may ask for, a PostgreSQL and the official data beside the project; and the seconds each took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places.postgresql import PostgreSQL, binaries

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server for the whole session."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with PostgreSQL(programs) as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """At the end: what tests measured (`record_property("figure", …)`), and the seconds of each suite."""
    seconds: Counter[str] = Counter()
    figures: list[str] = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[suite_of(report.nodeid)] += report.duration  # type: ignore[assignment]
                figures += [str(told) for name, told in report.user_properties if name == "figure"]
    for figure in dict.fromkeys(figures):
        terminalreporter.write_line(f"Figure: {figure}")
    if seconds:
        told = ", ".join(f"{suite} {took:.0f}" for suite, took in seconds.most_common())
        terminalreporter.write_line(f"Seconds: {told}")


def suite_of(test: str) -> str:
    """The folder below tests/ a test stands in; its file when it stands in none."""
    return test.partition("::")[0].removeprefix("tests/").partition("/")[0]
