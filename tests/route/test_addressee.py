"""Who is addressed: identity and category."""

from __future__ import annotations

import pytest

from gateway.model.codes import Coded
from gateway.model.identity import Identifier, MailAddress, Rpps, Scheme
from gateway.model.people import Organization, Professional
from gateway.route.addressee import category_of, mailbox, professional, structure
from tests.route.cast import rpps


@pytest.mark.parametrize(
    ("profession", "category"),
    [
        (Coded(code="10"), "1"),
        (Coded(code="60", list="G15"), "1"),
        (Coded(code="60", list="TRE_G15-ProfessionSante"), "1"),
        (Coded(code="93"), "2"),
        (Coded(code="41", list="R94"), "2"),
        (Coded(code="71", list="R95"), "2"),
        (Coded(code="313", list="R85"), "1"),
        (Coded(code="350", list="R85"), "2"),
        (Coded(code="330", list="R85"), None),
        (Coded(code="99", list="R291"), None),
        (None, None),
    ],
)
def test_the_category_follows_the_profession_and_is_not_guessed(profession: Coded | None, category: str | None) -> None:
    assert category_of(profession) == category


def test_a_name_identifies_nobody() -> None:
    assert professional(Professional(family="MARTIN")) is None
    assert structure(Organization(name="Cabinet")) is None


def test_a_person_is_the_same_by_any_of_their_numbers() -> None:
    local = Identifier(Scheme.LOCAL, "7", "1.2.3")
    both = professional(Professional(rpps=Rpps(rpps(1)), ids=(local,)))
    one = professional(Professional(ids=(local,)))
    assert both is not None
    assert one is not None
    assert one.id == "LOCAL:1.2.3:7"
    assert both.same_as(one)
    assert both.joined(one).id == f"RPPS:{rpps(1)}"


def test_a_mailbox_says_its_category_only_when_told_one_of_the_two() -> None:
    address = MailAddress("X@b.mssante.test")
    assert mailbox(address, category="2").category == "2"
    assert mailbox(address, category="whatever").category is None
    assert mailbox(address).id == "x@b.mssante.test"
