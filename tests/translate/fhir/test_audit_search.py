"""A FHIR search of the log: what each parameter means, and every way to ask wrongly."""

from __future__ import annotations

import pytest

from gateway.journey.consult import Question
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.translate import audit_search, parameter_of
from gateway.translate.fhir import names

DAY, NEXT = "2026-11-19T23:00:00+00:00", "2026-11-20T23:00:00+00:00"  # the 20th in Paris


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        ("2026-11-20", DAY, NEXT),
        ("eq2026-11-20", DAY, NEXT),
        ("ge2026-11-20", DAY, None),
        ("gt2026-11-20", NEXT, None),
        ("sa2026-11-20", NEXT, None),
        ("le2026-11-20", None, NEXT),
        ("lt2026-11-20", None, DAY),
        ("eb2026-11-20", None, DAY),
        ("2026", "2025-12-31T23:00:00+00:00", "2026-12-31T23:00:00+00:00"),
        ("2026-12", "2026-11-30T23:00:00+00:00", "2026-12-31T23:00:00+00:00"),
        ("2026-10-25", "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00"),  # a day of 25 hours
        ("2026-11-20T10:30Z", "2026-11-20T10:30:00+00:00", "2026-11-20T10:31:00+00:00"),
        ("2026-11-20T10:30:05+01:00", "2026-11-20T09:30:05+00:00", "2026-11-20T09:30:06+00:00"),
        ("2026-11-20T10:30:05 01:00", "2026-11-20T09:30:05+00:00", "2026-11-20T09:30:06+00:00"),  # + not escaped
        ("le2026-11-20T10:30:05.25Z", None, "2026-11-20T10:30:05.260000+00:00"),
        ("gt2026-11-20T10:30:05.123456789Z", "2026-11-20T10:30:05.123457+00:00", None),
    ],
)
def test_a_date_means_all_of_what_it_leaves_open(value: str, since: str | None, until: str | None) -> None:
    tree = audit_search([("date", value)])
    assert (tree.get("since"), tree.get("until")) == (since, until)


def test_several_dates_must_all_be_true() -> None:
    tree = audit_search([("date", "2026-11"), ("date", "ge2026-11-20"), ("period-start", "lt2026-11-21")])
    assert (tree["since"], tree["until"]) == (DAY, NEXT)


def test_every_word_of_a_question_can_be_asked_and_has_its_parameter() -> None:
    bound = ("date", "2026-11-20")
    asked = [
        bound,
        ("subtype", f"{names.code_system('audit-kind')}|key-created"),
        ("agent:identifier", f"{names.ours('actor')}|worker:hand"),
        ("entity.identifier", f"{names.ours('exchange')}|01890a5d-ac96-774b-bcce-b302099a8057"),
        ("patient:identifier", f"{names.ours('patient-handle')}|ab12"),
        ("_count", "5000"),
    ]
    question = form.read(Question, audit_search(asked))
    assert (question.kind, question.actor, question.handle, question.limit) == (
        "key-created", "worker:hand", "ab12", 1000,
    )  # fmt: skip
    assert question.exchange == "01890a5d-ac96-774b-bcce-b302099a8057"
    by_ins = form.read(
        Question, audit_search([bound, ("patient.identifier", "urn:oid:1.2.250.1.213.1.4.10|260058815400233")])
    )
    assert by_ins.patient is not None
    for word in ("kind", "actor", "exchange", "handle", "patient", "since", "until", "limit", "cursor"):
        assert parameter_of(word) != word


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("date", "yesterday", "wrong-type"),
        ("date", "ne2026-11-20", "wrong-type"),
        ("date", "2026-02-30", "wrong-type"),
        ("date", "2026-13", "wrong-type"),
        ("date", "ge9999", "wrong-type"),
        ("date", "0000", "wrong-type"),
        ("date", "0001-01-01", "wrong-type"),
        ("date", "2026-11-20T24:30Z", "wrong-type"),
        ("date", "2026-11-20T10:00:00", "wrong-type"),
        ("date", "2026-11-20,2026-11-21", "wrong-type"),
        ("date", "", "wrong-type"),
        ("subtype", "", "wrong-type"),
        ("subtype", "a,b", "wrong-type"),
        ("subtype", "urn:x|key-created", "unknown-code"),
        ("agent:identifier", "urn:x|worker:hand", "unknown-code"),
        ("entity:identifier", "ab12", "unknown-code"),
        ("patient:identifier", "260058815400233", "unknown-code"),
        ("patient:identifier", "urn:oid:1.2.3|P-1", "unknown-code"),
        ("_count", "0", "wrong-type"),
        ("_count", "-1", "wrong-type"),
        ("_count", "9" * 5000, "wrong-type"),
        ("patient", "ab12", "unknown-parameter"),
        ("x" * 500, "", "unknown-parameter"),
    ],
)
def test_a_wrong_value_is_told_by_its_parameter_and_never_repeated(name: str, value: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        audit_search([("period-start", "2026"), (name, value)])
    (fault,) = refused.value.faults
    assert (fault.code, fault.pointer) == (code, f"?{name[:100]}")
    assert len(value) < 2 or value not in fault.about


def test_the_time_must_be_bounded_and_nothing_asked_twice() -> None:
    with pytest.raises(Rejected) as refused:
        audit_search([("_count", "1"), ("_count", "2")])
    assert [(one.code, one.pointer) for one in refused.value.faults] == [
        ("too-many", "?_count"),
        ("missing-field", "?date"),
    ]
