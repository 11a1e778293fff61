"""The patient's mailbox: whose it is, from which number it is built, and how an exchange with them ends."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import read_event, write_event
from gateway.model.identity import Ins, InsKind
from gateway.route import BadRoutes, Routes
from gateway.route.addressee import patient
from tests.route.cast import INS, tree
from tests.route.test_routes import EACH, choose, routes


def corsican(department: str) -> Ins:
    """A made-up matricule of someone born in 2A or 2B, with its right key."""
    number = f"17203{department}044001"
    key = 97 - int(number.replace("2A", "19").replace("2B", "18")) % 97
    return Ins(f"{number}{key:02}", InsKind.NIR_TEST)


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_a_corsican_matricule_is_an_address_as_it_is(department: str) -> None:
    """ECO.2.2.8: fifteen characters before patient.mssante.fr, letters included."""
    ins = corsican(department)
    address = patient(ins).address
    assert address is not None
    assert address.text == f"{ins.number}@patient.mssante.fr"
    assert address.text[5:7] == department


def test_a_minor_is_written_to_at_their_own_mailbox_and_no_relative_is() -> None:
    guardian = {"role": "GUARD", "name": "Anne PAT-TROIS", "phone": "+33612345678"}
    told = tree(recipients=[{"patient": True}])
    told["patient"] = {**told["patient"], "birth_date": "2019-03-28", "contacts": [guardian]}
    (one,) = choose(EACH, told).chosen
    assert one.addressee.address is not None
    assert one.addressee.address.text == f"{INS}@patient.mssante.fr"


def test_the_sender_or_a_route_ends_the_exchange_with_the_patient() -> None:
    named = choose(EACH, tree(recipients=[{"patient": True, "end_of_exchange": True}]))
    routed = choose(routes("to: {patient: true}, end_of_exchange: true"), tree())
    for choices in (named, routed):
        (choice,) = choices.chosen
        assert (choice.addressee.kind, choice.end_of_exchange) == ("patient", True)
        assert choice.chosen_because.endswith("the patient, end of the exchange")


def test_an_exchange_goes_on_unless_someone_ends_it_and_one_word_is_enough() -> None:
    (open_,) = choose(EACH, tree(recipients=[{"patient": True}])).chosen
    assert not open_.end_of_exchange
    both = tree(recipients=[{"patient": True, "end_of_exchange": True}], recipients_mode="also")
    (ended,) = choose(routes("to: {patient: true}"), both).chosen
    assert ended.end_of_exchange


@pytest.mark.parametrize("whom", [{"rpps": "10100012342"}, {"mss": f"{INS}@patient.mssante.fr"}, {"member": "M-1"}])
def test_only_an_exchange_with_the_patient_is_ended(whom: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        read_event(tree(recipients=[{**whom, "end_of_exchange": True}]))
    (fault,) = refused.value.faults
    assert (fault.code, fault.at) == ("not-to-patient", ("recipients", 0, "end_of_exchange"))


def test_a_route_to_others_cannot_end_an_exchange() -> None:
    source = "routes:\n  - {name: a, to: {each: member}, via: mssante, mode: exchange,\n     end_of_exchange: true}\n"
    with pytest.raises(BadRoutes) as bad:
        Routes.load(source.encode())
    assert [(one.code, one.line, one.place) for one in bad.value.faults] == [
        ("unknown-field", 3, "routes/0/end_of_exchange")
    ]


def test_the_end_of_an_exchange_is_written_as_it_was_read() -> None:
    told = tree(recipients=[{"patient": True, "end_of_exchange": True}])
    assert write_event(read_event(told))["recipients"] == told["recipients"]
