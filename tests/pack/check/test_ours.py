"""What we write keeps the header's rules, save where the event itself lacks what the header demands."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.model.event import Event
from gateway.pack import check_cda
from gateway.pack.cda import write_cda
from gateway.pack.draft import draft
from tests import strategies
from tests.pack.material import KINDS, MINTED, SOFTWARE, TERMS, known_after, packed

LACKING = {
    "CDA-COH-BIRTH",  # drawn at random: a birth after the event, a period that ends before it begins
    "CDA-COH-PERIOD",
    "CDA-INS-BIRTH-DIFFERS",  # drawn at random: traits of someone else than the matricule's bearer
    "CDA-INS-SEX-DIFFERS",
    "CDA-PAT-FAMILY",  # a provisional identity may have no name
    "CDA-PAT-GIVEN",
    "CDA-PAT-UNKNOWN",  # nor sex nor date of birth
    "CDA-INS-GIVEN",  # a qualified identity of which not all strict traits are told
    "CDA-INS-GIVENS",
    "CDA-INS-SEX",
    "CDA-AUT-CODE",  # a profession that was not told
    "CDA-COD-SYSTEM",
    "CDA-AUT-ORG",  # an organisation without national identifier
    "CDA-CUS-ID",
}
"""What an event may lack, and a document cannot invent."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_each_kind_has_no_finding(kind: str) -> None:
    assert check_cda(packed(kind).cda, TERMS, numbers=True) == ()


@given(strategies.events())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_document_breaks_only_the_rules_its_event_cannot_keep(event: Event) -> None:
    header = draft(event, known_after(event), TERMS, MINTED, SOFTWARE, "SYNTH")
    broken = {one.rule for one in check_cda(write_cda(header, b"%PDF-1.4 a document"), TERMS, numbers=True)}
    assert broken <= LACKING
