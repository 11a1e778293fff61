"""The house with a validator that has the French packages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.api import Limits
from gateway.validate import Validator
from gateway.wiring.conformance import open_validator
from tests.api.conftest import House, served, visit
from tests.conftest import SHARED


@pytest.fixture(scope="session")
def validator() -> Validator:
    """With every package beside the project."""
    packages = SHARED / "fhir-packages"
    if not packages.is_dir():
        pytest.skip("the FHIR packages are not beside the project")
    return open_validator([packages])


@pytest.fixture
def house(build: Callable[[str], House], template: Path, tmp_path: Path, validator: Validator) -> House:
    """A house on SQLite that judges what it is sent."""
    path = tmp_path / "passerelle.db"
    shutil.copy(template, path)
    house = build(f"sqlite:///{path}")
    house.gateway = replace(house.gateway, validator=lambda: validator)
    return house


@pytest.fixture
def http(house: House) -> Iterator[httpx.Client]:
    """A vendor's view of it."""
    with served(house, Limits(body=2_000_000)) as address, visit(address, house.bearer()) as client:
        yield client
