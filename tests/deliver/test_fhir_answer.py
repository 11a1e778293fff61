from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver import DeliveryReport, Outcome
from gateway.deliver.conversation import Answer
from gateway.deliver.fhir_answer import judge, masked
from gateway.deliver.posting import by_status
from tests.deliver.posts import NOON, transaction

SENT = transaction().body


def answered(status: int, said: Any = b"", *, whole: bool = True, sent: bytes = SENT) -> DeliveryReport:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = Answer(status, {}, body, whole, "TLSv1.3")
    return judge(answer, sent, by_status(answer, NOON))


def response(*statuses: str) -> dict[str, Any]:
    entries = [{"response": {"status": status}} for status in statuses]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def outcome(code: str, words: str = "", *, severity: str = "error", **more: Any) -> dict[str, Any]:
    issue = {"severity": severity, "code": code, "diagnostics": words, **more}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@pytest.mark.parametrize(
    "said",
    [
        response("201 Created", "200 OK", "201"),
        response("304 Not Modified"),
        outcome("informational", "All OK", severity="information"),
        {"resourceType": "OperationOutcome"},
        b"",
    ],
)
def test_a_transaction_that_succeeded_has_arrived(said: Any) -> None:
    report = answered(200, said)
    assert (report.outcome, report.code, report.tls) == (Outcome.ARRIVED, "HTTP 200", "TLSv1.3")


@pytest.mark.parametrize(
    "said",
    [
        b"<html>Please sign in</html>",
        b"{",
        b"[]",
        b'"ok"',
        b"[" * 200_000,
        b"9" * 10_000,
        b"\xff\xfe",
        {},
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "searchset", "entry": []},
        response(),
        {**response(), "entry": None},
        {**response(), "entry": {"response": {"status": "200"}}},
        response("201", ""),
        response("created"),
        response("2000"),
        response("201", "302 Found"),
        response("100"),
        response("٢٠٠"),
        {**response(), "entry": [1, None, {"response": None}, {"response": {"status": 200}}]},
    ],
)
def test_a_yes_that_proves_nothing_is_unknown(said: Any) -> None:
    report = answered(200, said)
    assert (report.outcome, report.code) == (Outcome.UNKNOWN, "outcome-unknown")


def test_half_an_answer_proves_nothing() -> None:
    assert answered(200, response("201"), whole=False).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("statuses", "expected", "code"),
    [
        (("201", "422 Unprocessable"), Outcome.NEVER, "HTTP 422"),
        (("409", "201"), Outcome.NEVER, "HTTP 409"),
        (("201", "503"), Outcome.TRY_LATER, "HTTP 503"),
    ],
)
def test_an_entry_that_failed_is_not_hidden_by_a_yes(statuses: tuple[str, ...], expected: Outcome, code: str) -> None:
    report = answered(200, response(*statuses))
    assert (report.outcome, report.code) == (expected, code)


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422])
def test_a_refusal_brings_its_code_its_place_and_its_words(status: int) -> None:
    report = answered(
        status, outcome("business-rule", "Role not known here", expression=["CareTeam.participant[2].role"])
    )
    assert (report.outcome, report.code) == (Outcome.NEVER, f"HTTP {status}")
    assert report.detail.endswith("business-rule, CareTeam.participant[2].role, Role not known here")


@pytest.mark.parametrize("code", ["transient", "lock-error", "timeout", "throttled", "exception"])
def test_a_transient_issue_may_be_tried_again(code: str) -> None:
    assert answered(409, outcome(code)).outcome is Outcome.TRY_LATER
    assert answered(200, outcome(code)).outcome is Outcome.TRY_LATER


def test_an_error_said_with_a_yes_is_a_no() -> None:
    report = answered(200, outcome("invariant", "no such code"))
    assert (report.outcome, report.code) == (Outcome.NEVER, "HTTP 200")


def test_a_server_in_trouble_is_tried_again_whatever_it_says() -> None:
    assert answered(500, outcome("exception", "NullPointerException")).outcome is Outcome.TRY_LATER
    assert answered(503, b"<html>").outcome is Outcome.TRY_LATER
    assert answered(401, outcome("login")).code == "sign-in-refused"


@pytest.mark.parametrize(
    "words",
    [
        "Patient DURAND-MÉLIÈS not found",
        "no match for durand melies, Anne-Lise",
        "name 'Méliès' is not allowed",
        "unknown person ANNE LISE at 3 rue des Tilleuls, Rochefort",
        "birth date 1980-05-03 differs",
        "INS 1 80 05 17 299 001 12 unknown",
        "identifier 180051729900112 is taken (urn:oid:1.2.250.1.213.1.4.8|180051729900112)",
        "value “MELIES” of Patient.name",
        'duplicate: "Anne-Lise DURAND"',
        "tel. 06 12 34 56 78",
        "ipp AZ1234567 exists",
    ],
)
def test_the_words_of_a_refusal_name_no_one(words: str) -> None:
    report = answered(422, outcome("business-rule", words))
    said = report.detail.casefold()
    secrets = ("durand", "melies", "méliès", "anne", "lise", "tilleuls", "rochefort")
    assert not any(secret in said for secret in secrets)
    assert not any(number in said for number in ("1980", "180051729900112", "17 299", "34 56", "1234567"))
    assert "business-rule" in said


def test_words_that_name_no_one_stay() -> None:
    words = "Bundle entry 3: resource type Task is not supported by this server"
    assert masked(words, SENT) == words


def test_persons_contained_in_a_document_are_hidden_too() -> None:
    contained = {"resourceType": "Patient", "name": [{"text": "Zoé Quéméneur"}]}
    sent = json.dumps({"entry": [{"resource": {"resourceType": "DocumentReference", "contained": [contained]}}]})
    assert masked("zoe QUEMENEUR is unknown", sent.encode()) == "*** *** is unknown"


def test_a_code_that_is_none_is_not_repeated() -> None:
    report = answered(422, outcome("Mme DURAND", "x", expression=["Mme DURAND"]))
    assert "DURAND" not in report.detail


@pytest.mark.parametrize("status", [200, 422, 500])
@settings(max_examples=50, deadline=None)
@given(
    said=st.binary(max_size=200)
    | st.recursive(st.none() | st.text(max_size=9), st.lists).map(json.dumps).map(str.encode)
)
def test_whatever_is_said_makes_a_report(status: int, said: bytes) -> None:
    report = answered(status, said)
    assert 0 < len(report.detail) <= 500
    assert report.detail.isprintable()


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["issue", "entry", "code", "severity", "diagnostics", "response"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(
    _JSON,
    st.sampled_from([{"resourceType": "OperationOutcome"}, {"resourceType": "Bundle", "type": "transaction-response"}]),
)
def test_a_resource_of_any_shape_makes_a_report(shape: Any, kind: dict[str, Any]) -> None:
    for name in ("issue", "entry"):
        assert answered(200, {**kind, name: shape}).detail
        assert answered(422, {**kind, name: [shape]}).detail
        assert answered(422, {**kind, name: [{"severity": "error", "code": shape, "details": shape}]}).detail


def test_long_words_take_no_time() -> None:
    started = time.process_time()
    for words in ("'" * 900_000, "(" * 900_000, "1 " * 450_000, "a|" * 450_000, "(|" * 450_000, "«" * 900_000):
        assert len(answered(422, outcome("invalid", words)).detail) <= 500
    assert time.process_time() - started < 0.5
