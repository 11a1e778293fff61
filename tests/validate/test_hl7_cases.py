"""Our verdicts beside the reference validator's, on HL7's own cases. docs/validator-cases.md names who disagrees."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.validate.hl7 import Case, agrees, cases, findings, same_place

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validator-cases.md"
ROW = re.compile(r"^\| `([^`]+)` \| (error|none) \| (error|none) \| (\S.*\S) \|$", re.MULTILINE)
CASES = cases()

pytestmark = pytest.mark.skipif(not CASES, reason="HL7's validator cases are not at hand")


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[Case, bool, bool]]:
    """Case → whether the verdict is the reference's, and whether an error both found stands at the same place."""
    told = {}
    for case in CASES:
        found = findings(case)
        same = agrees(case, found)
        told[case.id] = (case, same, same and case.wrong and same_place(case, found))
    return told


def test_the_cases_are_all_there() -> None:
    assert sum(case.run == "base" for case in CASES) == 202


def test_every_disagreement_is_named_with_its_reason_and_no_other(judged: dict[str, tuple[Case, bool, bool]]) -> None:
    named = {name: (theirs, ours) for name, theirs, ours, _ in ROW.findall(PAGE.read_text("utf-8"))}
    said = {True: "error", False: "none"}
    differ = {name: (said[case.wrong], said[not case.wrong]) for name, (case, same, _) in judged.items() if not same}
    assert named == differ


@pytest.mark.parametrize(("run", "goal"), [("base", 0.8), ("profile", 0.8)])
def test_four_verdicts_in_five_are_the_references(
    judged: dict[str, tuple[Case, bool, bool]], run: str, goal: float, record_property: Callable[[str, object], None]
) -> None:
    asked = [one for one in judged.values() if one[0].run == run]
    same = sum(agreed for _, agreed, _ in asked)
    both = sum(agreed for case, agreed, _ in asked if case.wrong)
    placed = sum(there for _, _, there in asked)
    beside = [one for one in asked if one[0].firely is not None]
    firely = sum(case.firely == case.wrong for case, _, _ in beside)
    ours = sum(agreed for _, agreed, _ in beside)
    record_property(
        "figure",
        f"HL7 cases, {run}: same verdict {same} of {len(asked)} ({same / len(asked):.0%}); of {both} errors found by "
        f"both {placed} stand at the same place; where Firely's is known too: ours {ours}, Firely's {firely} "
        f"of {len(beside)}",
    )
    assert same >= goal * len(asked)
    assert placed >= goal * both
