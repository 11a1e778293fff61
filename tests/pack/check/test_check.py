"""Every rule of the header can be broken, and is then found: that rule, at that place, on that line."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.pack import RULES, check_cda
from tests.pack.check.mutations import FILES, LEVEL_1, LEVEL_3, MUTATIONS, Mutation
from tests.pack.material import TERMS, shared


def found(text: str) -> list[tuple[str, str, int]]:
    """What is found in a document: rule, place, line."""
    return [(one.rule, one.path, one.line) for one in check_cda(text.encode(), TERMS, numbers=True)]


@pytest.mark.parametrize("document", [LEVEL_1, LEVEL_3], ids=["level 1", "level 3"])
def test_a_sound_document_has_no_finding(document: str) -> None:
    assert found(document) == []


def test_our_sound_documents_are_valid_against_the_schema_too() -> None:
    schema = etree.XMLSchema(etree.parse(str(shared("schemas/cda/CDA_extended.xsd"))))
    assert [schema.validate(etree.fromstring(text.encode())) for text in (LEVEL_1, LEVEL_3)] == [True, True]


@pytest.mark.parametrize("broken", MUTATIONS, ids=lambda one: one.rule)
def test_a_broken_rule_is_found_alone_at_its_place_and_line(broken: Mutation) -> None:
    assert found(broken.text) == [(broken.rule, broken.path, broken.line)]


@pytest.mark.parametrize("broken", FILES, ids=lambda one: one.rule)
def test_a_file_that_cannot_be_read_is_one_finding_without_place(broken: Mutation) -> None:
    line = broken.text.count("\n") + 1 if broken.rule == "CDA-FILE-XML" else 0  # the end that is missing
    assert found(broken.text) == [(broken.rule, "", line)]


@pytest.mark.parametrize("document", [LEVEL_1, LEVEL_3], ids=["level 1", "level 3"])
@pytest.mark.parametrize("tag", ["<title>", "</component>\n</ClinicalDocument>"])
def test_where_a_file_stops_being_xml_is_told_with_its_line(tag: str, document: str) -> None:
    line = document[: document.index(tag)].count("\n") + 1
    assert found(document.replace(tag, "<&" + tag)) == [("CDA-FILE-XML", "", line)]


def test_every_rule_has_a_mutation_and_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert sorted(ids) == sorted(mutation.rule for mutation in (*MUTATIONS, *FILES))


@pytest.mark.parametrize("birth", ["1964", "196404", "19640412"])
def test_a_date_of_birth_is_compared_with_the_matricule_as_far_as_it_is_known(birth: str) -> None:
    assert found(LEVEL_3.replace('<birthTime value="19640412"', f'<birthTime value="{birth}"')) == []


def test_a_corsican_matricule_is_sound_and_a_stand_in_month_says_nothing() -> None:
    corsican = "264042A04500108"
    assert found(LEVEL_3.replace("264047505611787", corsican)) == []
    assert found(LEVEL_3.replace("264047505611787", "264207505611752")) == []  # month 20: not known to INSEE
