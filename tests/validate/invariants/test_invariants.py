"""What the validator says of invariants; types from the models, so no package is needed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from gateway.validate import open_library
from gateway.validate.check.shape import Shapes
from gateway.validate.compile import Structures
from gateway.validate.element import Constraint
from gateway.validate.invariants import Invariants
from gateway.validate.place import Place, at_root, path_of
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope, Told

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "birthDate": "1974-12-25",
    "_birthDate": {"extension": [{"url": "https://a.test/e", "valueCode": "x"}]},
    "contact": [{"gender": "female", "name": {"family": "Essai"}}, {"telecom": [{"system": "phone", "value": "1"}]}],
    "name": [{"family": "a" * 40 + "!"}],
}


@cache
def invariants() -> Invariants:
    structures = Structures(open_library(packages=[]))
    return Invariants(structures, Shapes(structures), now=lambda: datetime(2026, 11, 22, 10, tzinfo=UTC))


def told(
    *constraints: Constraint, at: tuple[str | int, ...] = (), value: Any = None, code: str = "Patient", times: int = 1
) -> list[Told]:
    """What is told of a value at a place of the patient (by default of the whole patient)."""
    scope = Scope(PATIENT, at_root("Patient"))
    run = Run(scope)
    place: Place = scope.place
    for step in at:
        place = (place, step, f"[{step}]" if isinstance(step, int) else step)
    for _ in range(times):
        invariants().check(
            run, scope, place, PATIENT if value is None else value, code, constraints, "https://a.test/p|1"
        )
    return run.told


def law(expression: str, key: str = "law-1", severity: str = "error") -> Constraint:
    return Constraint(key, severity, "What   the author\nsays.", expression)


def test_a_broken_invariant_is_told_under_its_own_key_with_its_authors_words() -> None:
    (one,) = told(law("photo.exists()"))
    assert (one.rule, one.key, one.severity, one.profile) == ("invariant", "law-1", "error", "https://a.test/p|1")
    assert "law-1" in RULES[one.rule].fr.format(**one.words)
    assert "“What the author says.”" in RULES[one.rule].en.format(**one.words)


def test_an_invariant_that_is_met_says_nothing() -> None:
    assert told(law("birthDate.exists()")) == []


def test_an_empty_answer_is_no_yes() -> None:
    assert [one.rule for one in told(law("photo.title = 'x'"))] == ["invariant"]


def test_a_warning_stays_a_warning() -> None:
    assert [one.severity for one in told(law("photo.exists()", severity="warning"))] == ["warning"]


def test_the_definition_an_invariant_comes_from_is_named() -> None:
    inherited = Constraint("pat-9", "error", "x", "photo.exists()", "https://a.test/base")
    assert [one.profile for one in told(inherited)] == ["https://a.test/base"]


def test_an_element_without_a_type_of_its_own_is_known_by_its_place() -> None:
    contact = PATIENT["contact"][1]
    assert told(law("telecom.value is string"), at=("contact", 1), value=contact, code="BackboneElement") == []
    broken = told(law("name.exists()"), at=("contact", 1), value=contact, code="BackboneElement")
    assert [path_of(one.place) for one in broken] == ["Patient.contact[1]"]


def test_what_stands_beside_a_primitive_is_seen() -> None:
    seen = law("extension.exists() and hasValue() and $this < today()")
    assert told(seen, at=("birthDate",), value=PATIENT["birthDate"], code="date") == []
    alone = law("extension.exists() and hasValue().not()")
    assert told(alone, at=("_birthDate",), value=PATIENT["_birthDate"], code="date") == []


def test_prose_without_expression_is_told_once_as_something_to_check() -> None:
    (one,) = told(Constraint("constr-1", "error", "Toujours.", ""), times=3)
    assert RULES[one.rule].severity == "information"
    assert one.words["constraint"] == "constr-1"


@pytest.mark.parametrize(
    "expression",
    [
        "name.frob()",
        "name..family",
        "contact.gender = %unknown",
        "(1 | 2).single()",
        "name.family.matches('^((a+)+)+$')",
        "repeat(%resource)" + ".descendants()" * 6 + ".select(%resource.descendants())" * 6,
        ".".join(["a"] * 9_000),
    ],
    ids=lambda text: text[:30],
)
def test_what_cannot_be_evaluated_is_told_as_information_once_and_soon(expression: str) -> None:
    seconds = []
    for _ in range(3):  # the least of three: the machine may do something else in one of them
        invariants.cache_clear()
        invariants()  # which has compiled nothing yet
        before = time.process_time()
        found = told(law(expression), times=50)
        seconds.append(time.process_time() - before)
    assert min(seconds) < 1
    assert [one.rule for one in found] in (["invariant-not-evaluated"], ["invariant"] * 50)
    if found[0].rule == "invariant-not-evaluated":
        assert RULES[found[0].rule].severity == "information"
        assert found[0].words["why"]


def test_a_value_is_never_repeated_in_a_finding() -> None:
    for one in told(law("name.family.toInteger() > 3"), law("name.family > 3", "law-2"), law("'a' + name", "law-3")):
        rule = RULES[one.rule]
        assert "aaaa" not in rule.fr.format(**one.words) + rule.en.format(**one.words)


def test_single_expressions_are_answered_for_contexts_of_extensions() -> None:
    scope = Scope(PATIENT, at_root("Patient"))
    holds = invariants().holds
    assert holds(Run(scope), scope, PATIENT, "Patient", "birthDate.exists()") is True
    assert holds(Run(scope), scope, PATIENT, "Patient", "photo.exists()") is False
    assert holds(Run(scope), scope, PATIENT, "Patient", "frob()") is None


def test_threads_share_one_and_get_the_same_answers() -> None:
    laws = [law(f"name.count() = {n} and name.first().family.length() > {n}", f"law-{n}") for n in range(30)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: [one.key for one in told(*laws)], range(40)))
    assert answers == [[f"law-{n}" for n in range(30) if n != 1]] * 40


@pytest.mark.parametrize(
    ("start", "end", "met"),
    [
        ("2024-05-12", "2024-05-12", True),
        ("2024-05-12", "2024-05", True),
        ("2024-05-12", "2024-05-12T08:00:00Z", True),
        ("2024-05-13", "2024-05-12T08:00:00Z", False),
        ("2024-05-12T10:00:00+02:00", "2024-05-12T08:30:00Z", True),
        ("2024-05-12T10:00:00+02:00", "2024-05-12T07:30:00Z", False),
        ("2025", "2024-12-31", False),
    ],
)
def test_a_period_ends_when_it_can_end(start: str, end: str, met: bool) -> None:
    per_1 = law("start.hasValue().not() or end.hasValue().not() or (start <= end)", "per-1")
    assert (told(per_1, value={"start": start, "end": end}, code="Period") == []) is met


def test_a_contained_resource_nobody_refers_to_is_pointed_at() -> None:
    held = {"resourceType": "Organization", "id": "o", "name": "x"}
    resource = {"resourceType": "Patient", "contained": [held, {**held, "id": "p"}], "link": [{"x": "#o"}]}
    scope = Scope(resource, at_root("Patient"))
    run = Run(scope)
    constraints = invariants_of("DomainResource", "dom-3")
    invariants().check(run, scope, scope.place, resource, "Patient", constraints, "")
    assert [path_of(one.place) for one in run.told] == ["Patient.contained[1]"]


def invariants_of(type_name: str, key: str) -> tuple[Constraint, ...]:
    """A published invariant by its key; the models have none, so its expression is that of the functions' table."""
    from gateway.validate.invariants.native import POINTED

    return (Constraint(key, "error", type_name, next(iter(POINTED))),)
