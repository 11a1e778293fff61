"""The validator as a whole: reports, and its work within bounds."""

from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from gateway.validate import Report, Validator, open_library
from gateway.validate.run import MOST_STEPS
from tests.validate.check.made import Desk, profile, sliced


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(open_library(packages=[], cache=None))


def test_a_report_is_valid_when_it_has_no_error(validator: Validator) -> None:
    right = validator.check(b'{"resourceType": "Patient", "active": true}')
    assert right.valid
    assert {finding.severity for finding in right.findings} <= {"warning", "information"}
    assert right.tree == {"resourceType": "Patient", "active": True}
    assert not validator.check(b'{"resourceType": "Patient", "active": "yes"}').valid


def test_bytes_that_are_no_resource_are_a_report_too(validator: Validator) -> None:
    for data in (b"", b"\xff\xfe\x00", b"[]", b"null", b'"Patient"', b"<", b"<Patient/>", b"{" * 5000, b"[" * 100_000):
        report = validator.check(data)
        assert isinstance(report, Report)
        assert not report.valid, data[:20]


def test_a_finding_has_its_line(validator: Validator) -> None:
    found = validator.check(b'{\n"resourceType": "Patient",\n"foo": 1}').findings
    (finding,) = [one for one in found if one.severity == "error"]
    assert (finding.path, finding.line, finding.rule) == ("Patient.foo", 3, "unknown-element")


def test_the_type_asked_for_is_the_one_that_must_be_there(validator: Validator) -> None:
    data = b'{"resourceType": "Patient"}'
    assert validator.check(data, as_type="Patient").valid
    assert [f.rule for f in validator.check(data, as_type="CareTeam").findings if f.severity == "error"] == [
        "resource-type"
    ]


def heavy() -> dict[str, dict[str, Any]]:
    """Files made to be slow: each far more than what is needed to say that they are too much."""
    name = {"use": "usual", "family": "x", "given": ["x"]}
    many = [dict(name) for _ in range(100_000)]
    return {
        "many-items": {"resourceType": "Patient", "name": many},
        "many-unknown": {"resourceType": "Patient", **{f"x{number}": 1 for number in range(100_000)}},
        "many-faults": {"resourceType": "Patient", "name": [{"x": 1} for _ in range(50_000)]},
        "many-resources": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {}}] * 200_000},
        "many-primitives": {"resourceType": "Patient", "name": [{"given": ["x"] * 2_000_000}]},
    }


@pytest.mark.parametrize("kind", heavy())
def test_a_file_that_asks_for_too_much_is_refused_within_its_steps(kind: str, tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "greedy",
            "Patient",
            sliced("name", ("value", "use")),
            *({"path": f"name:n{number}"} for number in range(20)),
            *({"path": f"name:n{number}.use", "fixedCode": f"c{number}"} for number in range(20)),
        ),
    )
    found = desk.findings(heavy()[kind])
    assert [finding.rule for finding in found].count("too-costly") == 1
    assert len(found) <= MOST_STEPS / 50 + 1


def test_threads_share_a_validator(validator: Validator) -> None:
    data = b'{"resourceType": "Patient", "name": [{"given": "x"}], "foo": 1}'
    alone = validator.check(data).findings
    told: list[Any] = []
    fresh = Validator(open_library(packages=[], cache=None))
    threads = [threading.Thread(target=lambda: told.append(fresh.check(data).findings)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [alone] * 8


def test_names_that_files_give_do_not_fill_the_memory(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("one", "Patient", {"path": "name", "min": 1}))
    url = desk.first

    def told(number: int) -> None:
        claimed = [f"{url}|{number}", f"https://example.org/{number}/{'x' * 150}", "x" * 10_000 + str(number)]
        desk.findings({"resourceType": "Patient", "meta": {"profile": claimed}})
        desk.findings({"resourceType": f"Patient{number}"})

    for number in range(200):
        told(number)
    tracemalloc.start()
    try:
        for number in range(200, 1_200):
            told(number)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3_000_000


def test_versions_that_are_asked_for_and_not_there_are_work_of_the_file_that_asks(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("one", "Patient", {"path": "name", "min": 1}))
    claimed = [f"{desk.first}|{number}" for number in range(20_000)]
    found = desk.findings({"resourceType": "Patient", "meta": {"profile": claimed}})
    assert "too-costly" in {one.rule for one in found}
    assert len(found) < 2_000
