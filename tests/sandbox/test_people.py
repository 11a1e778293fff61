"""The sandbox's national files have the form of the real ones, and its people have well-formed numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from gateway.model.identity import Identifier, MailAddress, Rpps, Scheme
from gateway.sandbox import DEMO_PEOPLE
from gateway.sandbox.people import COLUMNS, directory, white_list
from tests.sandbox.conftest import PEOPLE

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NS = {"n": "https://listeblanche.mssante.fr/schema"}


def test_every_demonstration_number_has_a_right_key() -> None:
    for person in DEMO_PEOPLE:
        if person.rpps:
            Rpps(person.rpps)
        if person.finess:
            Identifier(Scheme.FINESS, person.finess)


def test_nobody_shares_a_number_or_an_address() -> None:
    numbers = [person.rpps for person in DEMO_PEOPLE if person.rpps]
    assert len(numbers) == len(set(numbers))
    assert len({person.address.key for person in DEMO_PEOPLE}) == len(DEMO_PEOPLE)


def test_the_white_list_holds_exactly_the_domains_in_use() -> None:
    root = etree.fromstring(white_list(PEOPLE, AT).encode())
    names = [name.text for name in root.findall(".//n:Domaine/n:Nom", NS)]
    assert names == ["a.mssante.test", "b.mssante.test", "cpts.a.mssante.test", "hopital.b.mssante.test"]
    assert root.findtext("n:DateDeGeneration", namespaces=NS) == "2026-11-20T09:30:00+00:00"


def test_the_directory_has_31_columns_and_no_application_mailbox() -> None:
    header, *rows = directory(PEOPLE).splitlines()
    assert header.startswith("Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|")
    assert len(COLUMNS) == 31
    assert {row.count("|") for row in (header, *rows)} == {30}
    assert {row.split("|")[0] for row in rows} == {"PER", "ORG"}
    assert header.split("|")[17] == "Dématérialisation"


def test_a_person_is_found_by_their_national_number() -> None:
    (row,) = [row.split("|") for row in directory(PEOPLE).splitlines() if "luc.durand@" in row]
    assert row[2:5] == ["8", "10100054328", "810100054328"]
    assert row[9:11] == ["DURAND", "Luc"]


def test_a_separator_in_a_name_does_not_shift_the_columns() -> None:
    odd = replace(PEOPLE[2], family="DU|RAND\nX", address=MailAddress("odd@b.mssante.test"))
    assert [row.count("|") for row in directory([odd]).splitlines()] == [30, 30]
