"""An audit entry as an AuditEvent: everything it says, nothing it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from gateway.model.audit import KINDS
from gateway.translate import audit_event
from gateway.translate.fhir import names

RECORD: dict[str, Any] = {
    "v": 1,
    "seq": 41,
    "tenant": "cpts-exemple",
    "salt": "5a" * 32,
    "kind": "attempt-result",
    "at": datetime(2026, 11, 20, 9, 30, 0, 125_000, UTC).isoformat(timespec="microseconds"),
    "actor": "worker:poste-7",
    "exchange": "01926f6e-7c1b-7a53-9c37-1f6f0a4b6d10",
    "leg": 2,
    "patient": "p-7Q2M",
    "facts": {"state": "handed-over", "code": "250", "attempt": 1, "repeat": False},
}


def test_everything_an_entry_says_stands_in_it_save_the_salt() -> None:
    made = audit_event(RECORD, "passerelle/cpts-exemple")
    text = json.dumps(made)
    for word in ("41", "cpts-exemple", "attempt-result", RECORD["at"], "worker:poste-7", RECORD["exchange"], "p-7Q2M"):
        assert word in text
    (exchange, patient) = made["entity"]
    assert {one["type"]: one["valueString"] for one in exchange["detail"]} == {
        "leg": "2",
        "state": "handed-over",
        "code": "250",
        "attempt": "1",
        "repeat": "false",
    }
    assert patient["what"]["identifier"] == {"system": names.ours("patient-handle"), "value": "p-7Q2M"}
    assert RECORD["salt"] not in text


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_entry_has_its_form(kind: str) -> None:
    made = audit_event({**RECORD, "kind": kind}, "passerelle/cpts-exemple")
    get_fhir_model_class("AuditEvent").model_validate(made)
    assert made["subtype"] == [{"system": names.code_system("audit-kind"), "code": kind}]
    assert len(made["agent"]) <= 2  # TDE 2.0.0


def test_the_kinds_that_have_a_code_of_their_own_exist() -> None:
    from gateway.translate.fhir import audit

    assert {*audit._BY_KIND, *audit._LIFE, *audit._REFUSED, *audit._MINOR} <= KINDS


def test_an_entry_about_nothing_but_the_gateway_keeps_its_facts_there() -> None:
    bare = {name: value for name, value in RECORD.items() if name not in ("exchange", "leg", "patient")}
    made = audit_event({**bare, "kind": "records-purged", "facts": {"count": 12}}, "passerelle/cpts-exemple")
    (log,) = made["entity"]
    assert log["detail"] == [{"type": "count", "valueString": "12"}]
    assert log["what"]["identifier"]["system"] == names.ours("gateway")


@pytest.mark.parametrize(
    ("kind", "facts", "outcome"),
    [
        ("attempt-result", {"state": "handed-over"}, "0"),
        ("attempt-result", {"state": "failed", "reason": "mailbox-full"}, "8"),
        ("access-refused", {"reason": "forbidden"}, "8"),
        ("receipt-unmatched", {}, "4"),
    ],
)
def test_what_failed_is_told_by_its_outcome_and_our_own_code(kind: str, facts: dict[str, str], outcome: str) -> None:
    made = audit_event({**RECORD, "kind": kind, "facts": facts}, "passerelle/cpts-exemple")
    assert made["outcome"] == outcome
    assert made.get("outcomeDesc") == facts.get("reason")


def test_who_asked_is_a_person_or_a_software_never_the_gateway_itself() -> None:
    asked = {actor: audit_event({**RECORD, "actor": actor}, "x")["agent"][0]["requestor"] for actor in
             ("client:logimed", "key:ab12", "worker:poste-7", "gateway")}  # fmt: skip
    assert asked == {"client:logimed": True, "key:ab12": True, "worker:poste-7": False, "gateway": False}
