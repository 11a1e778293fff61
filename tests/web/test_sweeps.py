"""Many parcels at once: the page says first what would change, and what has moved meanwhile is left alone."""

from __future__ import annotations

import re

import pytest

from gateway.journey.gateway import Caller
from gateway.journey.steer import steer_leg
from gateway.model.exchange import LegState
from tests.api.conftest import OURS, House
from tests.web import story
from tests.web.conftest import Browser, Enter
from tests.web.test_recipients import text
from tests.web.test_steering import state

BOUNCED = {"action": "retry", "etat": "failed", "cause": "bounced"}


def carried(page: str) -> dict[str, str]:
    """What the form that confirms carries."""
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split('action="/plis/faire"')[1])
    )


def test_the_page_says_what_would_change_before_anything_does(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    page = admin.post("/plis", BOUNCED).text
    assert "Relancer 2 plis ?" in text(page)
    assert {"Paul GARNIER", "Léa FONTAINE"} <= set(re.findall(r"Paul GARNIER|Léa FONTAINE", page))
    assert state(house, told["bounced"], 1) is LegState.FAILED
    answer = admin.http.post("/plis/faire", data={**carried(page), "motif": "trouble-over"})
    assert "2 plis changés" in text(answer.text)
    assert "Relancer 0 pli ?" in text(answer.text)
    assert state(house, told["bounced"], 1) is LegState.WAITING
    entries = [entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]
    assert [entry["facts"]["why"] for entry in entries] == ["trouble-over"] * 2


def test_what_would_be_left_alone_is_said_with_its_reason(admin: Browser) -> None:
    page = text(admin.post("/plis", {"action": "release", "type": "team.created"}).text)
    assert "Libérer 1 pli ?" in page
    assert "rien : son état ne le permet pas" in page


def test_what_moved_meanwhile_is_left_alone(house: House, admin: Browser, told: dict[str, str]) -> None:
    page = admin.post("/plis", BOUNCED).text
    steer_leg(house.gateway, Caller(OURS, "", "test"), told["bounced"], 1, "retry")
    answer = admin.http.post("/plis/faire", data=carried(page))
    assert "1 pli changé" in text(answer.text)
    assert len([entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]) == 2


def test_a_second_sending_needs_a_reason(house: House, admin: Browser, told: dict[str, str]) -> None:
    page = admin.post("/plis", {"action": "repeat", "etat": "read"}).text
    assert "une seconde fois" in text(page)
    answer = admin.http.post("/plis/faire", data=carried(page))
    assert answer.status_code == 422
    assert "Choisissez un motif." in answer.text
    assert not [entry for entry in house.log("leg-created") if entry["facts"].get("repeat")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choisissez au moins un critère"),
        ({"etat": "nowhere"}, "Ce code n'est pas dans la liste"),
        ({"depuis": "hier"}, "Écrivez la date ainsi"),
        ({"destinataire": "0" * 32}, "aucun pli depuis un an"),
    ],
)
def test_a_question_that_cannot_be_changes_nothing_and_says_why(
    fields: dict[str, str], said: str, house: House, admin: Browser
) -> None:
    assert said in text(admin.post("/plis", fields).text)
    answer = admin.post("/plis/faire", fields, page="/plis")
    assert answer.status_code in (200, 422)
    assert said in text(answer.text)
    assert not [entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]


def test_each_cause_of_the_recipients_page_leads_to_all_its_parcels(admin: Browser) -> None:
    page = admin.get("/destinataires").text
    links = re.findall(r'href="(/plis\?[^"]+)"', page)
    assert "/plis?etat=failed&amp;cause=bounced" in links
    for link in links:
        assert "Ce qui se passerait" in admin.get(link.replace("&amp;", "&")).text


def test_only_an_admin_is_offered_it(enter: Enter, told: dict[str, str]) -> None:
    for role in ("vendor", "auditor", "dpo"):
        one = enter(role)
        assert "/plis" not in re.findall(r'href="([^"]+)"', one.get("/echanges").text)
        assert one.get("/plis").status_code == 403
    assert story.PAUL.name not in enter("vendor").get("/plis").text
