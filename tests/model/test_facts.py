"""When two forms say the same: as a person would judge it, who knows that software writes one thing in many ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.facts import FIELDS, Facts, Writer, disagreements, person_key, places_in_french

PERSONS, NIR_TEST, NIR = "1.2.250.1.71.4.2.1", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"
JEANNE = Writer(ids=frozenset({f"{PERSONS}|810100012342"}), name="Jeanne MARTIN")
LUC = Writer(ids=frozenset({f"{PERSONS}|810100054328"}), name="Luc DURAND")


def facts(**said: Any) -> Facts:
    return Facts(**said)


def ids(*said: str) -> frozenset[str]:
    return frozenset(said)


ALIKE: list[tuple[str, Any, Any]] = [
    ("birth_name", "PAT-TROIS", "Pat Trois"),
    ("birth_name", "D'ARC", "d’Arc"),
    ("birth_name", "LEFÈVRE", "LEFEVRE"),
    ("birth_name", "Cœur", "COEUR"),
    ("given_name", "Marie-Hélène", "MARIE HELENE"),
    ("given_name", "N\u0303o", "ÑO"),
    ("birth_date", "1979", "1979-03-28"),
    ("birth_date", "1979-03", "1979-03-28"),
    ("created", "20261120093000+0100", "20261120083000+0000"),
    ("created", "20261120003000+0100", "20261119233000+0000"),
    ("created", "202611200930+0100", "20261120083000+0000"),
    ("created", "20261120093000.123+0100", "20261120093000+0100"),
    ("created", "20261120", "20261120003000+0100"),
    ("created", "20261120093000", "20261120093000+0100"),
    ("created", "20261120083000", "20261120093000+0100"),
    ("service", "2026", "20261120093000+0100"),
    ("service", "20261121", "20261120230000+0000"),
    ("service", "20261120", "20261121083000+0000"),
    ("patient", ids(f"{NIR_TEST}|1", "1.2.3|P-42"), ids(f"{NIR_TEST}|1")),
    ("patient", ids("1.2.3|P-42"), ids("9.9|X", "1.2.3|P-42")),
    ("patient", ids("1.2.3|P-42", "1.2.3|P-43"), ids("1.2.3|P-43")),
    ("patient", ids("https://logiciel.example|P-42"), ids("https://logiciel.example|P-42")),
    ("author", (JEANNE,), (Writer(name="MARTIN Jeanne"),)),
    ("author", (JEANNE,), (Writer(ids=JEANNE.ids, name="J. Martin-Petit"),)),
    ("author", (Writer(name="Jean-Luc PETIT"),), (Writer(name="petit jean luc"),)),
    ("author", (JEANNE, LUC), (LUC, JEANNE)),
    ("author", (JEANNE, LUC), (JEANNE,)),
    ("author", (Writer(ids=ids("1.2.3|S-9"), name="Ana Petit"),), (Writer(ids=ids("4.5|7"), name="ANA PETIT"),)),
    ("author", (Writer(ids=JEANNE.ids),), (Writer(name="Jeanne MARTIN"),)),
    ("label", "Compte rendu de consultation ou de visite", "Compte rendu de consultation ou de visi"),
    ("line", "PAT-TROIS DOMINIQUE 28/03/1979", "CR de consultation Pat Trois Dominique 28/03/1979"),
]

UNLIKE: list[tuple[str, Any, Any]] = [
    ("birth_name", "PAT-TROIS", "PAT-QUATRE"),
    ("given_name", "Jean", "Jeanne"),
    ("birth_date", "1979", "1980-01-01"),
    ("birth_date", "1979-03-28", "1979-03-29"),
    ("sex", "F", "M"),
    ("type", "11488-4", "SYNTH"),
    ("created", "20261120093000+0100", "20261120093000+0000"),
    ("created", "20261120093000+0100", "20261120093001+0100"),
    ("created", "20261121", "20261120003000+0100"),
    ("created", "hier", "20261120"),
    ("service", "2025", "20261120093000+0100"),
    ("service", "20261121", "20261120083000+0000"),
    ("service", "20261121", "20261120233000+0100"),
    ("service", "20261119", "20261120233000+0000"),
    ("patient", ids(f"{NIR_TEST}|1"), ids(f"{NIR_TEST}|2")),
    ("patient", ids(f"{NIR_TEST}|1"), ids(f"{NIR}|1")),
    ("patient", ids(f"{NIR_TEST}|1", "1.2.3|P-42"), ids(f"{NIR_TEST}|2", "1.2.3|P-42")),
    ("patient", ids(f"{NIR_TEST}|1", "1.2.3|P-42"), ids(f"{NIR_TEST}|1", "1.2.3|P-43")),
    ("patient", ids("1.2.3|P-42"), ids("9.9|P-42")),
    ("author", (JEANNE,), (LUC,)),
    ("author", (JEANNE,), (Writer(ids=LUC.ids, name="Jeanne MARTIN"),)),
    ("author", (JEANNE, LUC), (JEANNE, Writer(name="Ana PETIT"))),
    ("author", (Writer(name="Jeanne MARTIN"),), (Writer(name="Jeanne MARTINEZ"),)),
    ("ins", True, False),
    ("label", "Compte rendu", "Synthèse"),
    ("line", "PAT-TROIS DOMINIQUE 28/03/1979", "CR PAT-TROIS DOMINIQUE 29/03/1979"),
    ("line", "PAT-TROIS DOMINIQUE 28/03/1979", "CR 28/03/1979"),
    ("line", "PAT-TROIS DOMINIQUE 28/03/1979", "CR BONPAT-TROIS DOMINIQUE 28/03/1979"),
]


@pytest.mark.parametrize(("name", "one", "other"), ALIKE)
def test_these_say_the_same(name: str, one: Any, other: Any) -> None:
    assert facts(**{name: one}).differences(facts(**{name: other})) == ()
    if name != "line":  # only a subject says more
        assert facts(**{name: other}).differences(facts(**{name: one})) == ()


@pytest.mark.parametrize(("name", "one", "other"), UNLIKE)
def test_these_do_not(name: str, one: Any, other: Any) -> None:
    assert facts(**{name: one}).differences(facts(**{name: other})) == (name,)
    assert facts(**{name: other}).differences(facts(**{name: one})) == (name,)


def test_an_adeli_number_and_an_rpps_number_are_no_contradiction() -> None:
    adeli = Writer(ids=ids(f"{PERSONS}|0751234567"), name="Jeanne MARTIN")
    assert facts(author=(JEANNE,)).differences(facts(author=(adeli,))) == ()


def test_what_one_form_does_not_say_is_no_difference() -> None:
    whole = facts(patient=ids("1.2|P"), birth_name="A", author=(JEANNE,), created="2026", ins=False)
    assert whole.differences(Facts()) == Facts().differences(whole) == ()


def test_the_form_that_differs_is_named_and_not_those_after_it() -> None:
    right, wrong = facts(birth_name="A", sex="F"), facts(birth_name="B", sex="F")
    assert disagreements({"event": right, "cda": wrong, "xdm": right}) == ("cda.birth_name",)
    assert disagreements({"event": facts(sex="F"), "cda": wrong, "xdm": right}) == ("xdm.birth_name",)
    assert disagreements({"event": right, "cda": wrong, "xdm": wrong}) == ("cda.birth_name", "xdm.birth_name")


def test_what_is_less_precise_does_not_hide_a_contradiction_between_the_others() -> None:
    forms = {"event": "1979", "cda": "1979-03-28", "xdm": "1979-04-28"}
    said = {name: facts(birth_date=date) for name, date in forms.items()}
    assert disagreements(said) == ("xdm.birth_date",)


def test_a_time_made_of_one_without_zone_has_none_either() -> None:
    archive = facts(created="20261120093000+0000", service="20261120093000+0000")
    assert archive.made_from(facts(created="20261120093000", service="20261120093000+0100")) == facts(
        created="20261120093000", service="20261120093000+0000"
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_makes_a_comparison_fail(one: str, other: str) -> None:
    for name in ("birth_name", "created", "birth_date", "line", "label"):
        assert facts(**{name: one}).differences(facts(**{name: one})) == ()
        facts(**{name: one}).differences(facts(**{name: other}))


def test_facts_never_show_themselves() -> None:
    assert "PAT" not in repr(facts(birth_name="PAT-TROIS", author=(JEANNE,)))
    assert "MARTIN" not in repr(JEANNE)


def test_every_fact_of_an_event_has_its_place_there() -> None:
    assert set(FIELDS) <= set(Facts.__slots__)
    assert person_key("urn:oid:1.2", "3") == person_key("1.2", "3") == "1.2|3"


def test_every_place_has_french_words() -> None:
    for fact in Facts.__dataclass_fields__:
        for form in ("event", "cda", "xdm", "mail", "bundle"):
            said, _, where = places_in_french([f"{form}.{fact}"]).partition(" : ")
            assert said != fact
            assert where != form
    assert places_in_french(["cda[2].sex", "xdm.author", "mail.sex"]) == (
        "sexe : document CDA 2, message ; auteur : métadonnées de l'archive"
    )
