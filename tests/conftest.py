"""What every suite may ask for: a real PostgreSQL, and the official data that lie beside the project."""

from __future__ import annotations

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
