"""The examples of the guides themselves. docs/validator-examples.md says which are wrong, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from gateway.validate import Finding, Validator, open_library
from tests.conftest import SHARED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validator-examples.md"
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| (\S.*\S) \|$", re.MULTILINE)
PACKAGES = SHARED / "fhir-packages"
EXAMPLES = sorted(PACKAGES.glob("*/examples/*.json"))
RIGHT = ("ans.fhir.fr.tde", "ans.fhir.fr.nde", "ans.fhir.fr.mss", "ans.fhir.fr.tddui")
"""The guides whose examples have no error by their publisher's own report."""

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the official packages are not at hand")


@cache
def _validator() -> Validator:
    return Validator(open_library(packages=[PACKAGES]))


def errors(example: Path) -> list[Finding]:
    """What makes an example not valid."""
    found = _validator().check(example.read_bytes()).findings
    return [one for one in found if one.severity in ("error", "fatal")]


def package(example: Path) -> str:
    return example.parents[1].name.partition("#")[0]


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if package(one) in RIGHT], ids=lambda one: f"{package(one)}/{one.stem}"
)
def test_an_example_its_publisher_calls_right_passes(example: Path) -> None:
    assert [f"{one.path} {one.rule}: {one.en}" for one in errors(example)] == []


def test_every_example_that_does_not_pass_is_named_with_its_reason_and_no_other(
    record_property: Callable[[str, object], None],
) -> None:
    named = {(guide, name) for guide, name, _ in ROW.findall(PAGE.read_text("utf-8"))}
    failing = {(package(one), one.stem) for one in EXAMPLES if errors(one)}
    record_property("figure", f"official examples: {len(EXAMPLES) - len(failing)} of {len(EXAMPLES)} pass")
    assert failing == named
