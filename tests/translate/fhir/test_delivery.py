"""The acknowledgement of a delivery: what a leg's state and receipt say, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B import get_fhir_model_class

from gateway.model.dossier import Attempt, Exchange, Leg, ReceiptSeen
from gateway.model.exchange import ExchangeState, LegState
from gateway.translate import acknowledgement
from gateway.translate.fhir import names

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 11, 5, tzinfo=UTC)
EXCHANGE = Exchange(
    tenant="cpts-exemple",
    id="01926f6e-7c1b-7a53-9c37-1f6f0a4b6d10",
    client="logimed",
    type="report.shared",
    event_id="EV-1",
    dialect="canonical",
    patient="p-7Q2M",
    state=ExchangeState.PREPARED,
    accepted_at=NOW,
)
LEG = Leg(
    tenant="cpts-exemple",
    exchange=EXCHANGE.id,
    n=2,
    lane="l",
    transport="mssante",
    origin="app@cpts.a.mssante.test",
    destination="luc@b.mssante.test",
    recipient_kind="professional",
    recipient_id="RPPS:10100054328",
    recipient_name="Luc DURAND",
    chosen_because="route 1",
    case={},
    state=LegState.READ,
    since=LATER,
    message_id="abc@cpts.a.mssante.test",
    attempts=(Attempt(n=1, at=NOW, outcome="handed-over", code="250"),),
    receipt=ReceiptSeen(kind="mdn", disposition="displayed", action="manual", at=LATER),
)


@pytest.mark.parametrize("state", LegState)
def test_every_state_of_a_leg_has_its_communication(state: LegState) -> None:
    made = acknowledgement(EXCHANGE, replace(LEG, state=state))
    get_fhir_model_class("Communication").model_validate(made)
    assert made["statusReason"]["coding"][0] == {"system": names.code_system("leg-state"), "code": state.value}


def test_a_read_parcel_says_when_it_left_and_when_it_was_received() -> None:
    made = acknowledgement(EXCHANGE, LEG)
    assert made["status"] == "completed"
    assert (made["sent"], made["received"]) == (NOW.isoformat(), LATER.isoformat())
    assert made["recipient"][0]["identifier"] == {"system": names.RPPS, "value": "10100054328"}
    assert made["basedOn"][0]["identifier"]["value"] == "EV-1"


@pytest.mark.parametrize("state", [LegState.REFUSED, LegState.FAILED, LegState.UNREAD, LegState.HANDED_OVER])
def test_no_other_state_claims_that_it_was_received(state: LegState) -> None:
    assert "received" not in acknowledgement(EXCHANGE, replace(LEG, state=state))


@pytest.mark.parametrize(("kind", "id"), [("patient", "patient"), ("mailbox", "123456789012345@patient.mssante.fr")])
def test_a_patient_is_never_named(kind: str, id: str) -> None:
    leg = replace(LEG, recipient_kind=kind, recipient_id=id, recipient_name="Zoé EXEMPLE", destination=id)
    text = json.dumps(acknowledgement(EXCHANGE, leg))
    assert "EXEMPLE" not in text
    assert "123456789012345" not in text
