"""CX, XCN, XON and PID: right forms, delimiters escaped, read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.facts import Writer
from gateway.pack.datatypes import (
    author_fact,
    cx,
    escape,
    patient_facts,
    read_cx,
    source_patient_info,
    unescape,
    xcn,
    xon,
)
from gateway.pack.header import (
    PERSONS,
    STRUCTURES,
    Body,
    Id,
    Name,
    NamePart,
    Party,
    Subject,
    as_oid,
    is_oid,
    plain_name,
)

INS = Id("1.2.250.1.213.1.4.10", "279035121518989")


@given(st.text(alphabet="\\|^&~ESTRFaé ", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_text_can_add_a_component(text: str) -> None:
    assert not set(escape(text)) & set("|^&~")
    assert unescape(escape(text)) == text


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_identifiers_and_names_read_back_whatever_they_hold(value: str, name: str) -> None:
    id = Id("1.2.3", value)
    assert read_cx(cx(id)) == id
    subject = Subject(ids=(id,), name=Name(families=(NamePart(name, "BR"),)))
    facts = patient_facts([cx(id)], source_patient_info(subject))
    assert (facts.patient, facts.birth_name) == (frozenset({f"1.2.3|{value}"}), name)
    person = Party(ids=(Id("1.2.3", value),), name=plain_name(name, name))
    assert author_fact(xcn(person)) == Writer(ids=frozenset({f"1.2.3|{value}"}), name=f"{name} {name}")


@given(st.text(alphabet="1.&^~|\\é", min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_an_authority_that_is_no_oid_adds_no_component_either(root: str) -> None:
    id = Id(root, "42")
    assert read_cx(cx(id)) == id
    person = xcn(Party(ids=(id,), name=plain_name("MARTIN", "Jeanne")))
    assert (person.count("^"), person.count("&"), person.count("~")) == (12, 2, 0)
    assert xon(Body(id=id, name=root)).count("^") == 9


def test_the_national_identity_is_nh_and_any_other_pi() -> None:
    assert cx(INS) == "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert cx(Id("1.2.3", "42")) == "42^^^&1.2.3&ISO^PI"


def test_the_type_of_a_persons_number_says_whose_register_it_is() -> None:
    who = plain_name("MARTIN", "Jeanne")
    national = Party(ids=(Id(PERSONS, "810100012342"),), name=who)
    assert xcn(national) == "810100012342^MARTIN^Jeanne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert author_fact(xcn(national)) == Writer(ids=frozenset({f"{PERSONS}|810100012342"}), name="Jeanne MARTIN")
    assert xcn(Party(ids=(Id("1.2.3", "7"),), name=who)).endswith("&1.2.3&ISO^D^^^EI")
    assert xcn(Party(ids=(INS,), name=who)).endswith("&1.2.250.1.213.1.4.10&ISO^D^^^IDNPS")
    assert xcn(Party(ids=(Id("1.2.3", "7"), Id(PERSONS, "810100012342")), name=who)) == xcn(national)
    assert xcn(Party(name=who)) == "^MARTIN^Jeanne^^^^^^^D^^^"
    assert xcn(Party(organization=Body(name="CPTS"))) == ""


def test_software_is_an_author_that_states_no_fact() -> None:
    device = Party(ids=(Id(STRUCTURES, "1750000002"),), device=("Éditeur", "Logiciel 1"))
    assert xcn(device) == "1750000002^Logiciel 1^Éditeur^^^^^^&1.2.250.1.71.4.2.2&ISO^U^^^RI"
    assert author_fact(xcn(device)) is None


def test_an_organisation_is_idnst_its_own_number_xx_and_may_have_none() -> None:
    assert xon(Body(id=Id("1.3.2", "180092017"))) == "^^^^^&1.3.2&ISO^SIREN^^^180092017"
    assert (
        xon(Body(id=Id(STRUCTURES, "1750000002"), name="CPTS")) == "CPTS^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750000002"
    )
    assert xon(Body(id=Id("1.2.3", "7"))) == "^^^^^&1.2.3&ISO^XX^^^7"
    assert (xon(Body(name="Cabinet")), xon(Body()), xon(None)) == ("Cabinet", "", "")


@pytest.mark.parametrize("text", ["", "^^^", "x", "a^b^c^d^e", "^^^&&ISO^PI", "PID-5"])
def test_what_is_malformed_states_nothing(text: str) -> None:
    assert read_cx(text) is None
    facts = patient_facts([text], (text, "PID-5|", "PID-7|??"))
    assert (facts.patient, facts.birth_name, facts.sex) == (None, None, None)


def test_a_system_that_is_no_oid_gets_one_that_never_changes() -> None:
    derived = as_oid("https://logiciel.example/ids")
    assert derived == as_oid("https://logiciel.example/ids") != as_oid("https://logiciel.example/ids2")
    assert is_oid(derived)
    assert (as_oid("1.2.3"), as_oid("urn:oid:1.2.3")) == ("1.2.3", "1.2.3")
    assert [text for text in ("1", "1.", "1.02", "3.1", "a.b", "1.2\n", "1." + "1" * 70) if is_oid(text)] == []
    kept = Id(derived, "42", "https://logiciel.example/ids")
    assert kept.system == "https://logiciel.example/ids"
    assert Id(derived, "42", "https://another.example").system == derived  # a name that does not fit is not believed
