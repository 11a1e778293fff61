"""What happened to each event: the list narrows by what people know, the page tells the whole story of each leg."""

from __future__ import annotations

import re

import pytest

from gateway.journey.gateway import Caller
from gateway.journey.steer import steer_leg
from gateway.web.words import chosen_because
from tests.api.conftest import OURS, House
from tests.web import story
from tests.web.conftest import Browser, Enter
from tests.web.test_recipients import text


def ids(page: str) -> list[str]:
    """The exchanges a list shows, in order."""
    return re.findall(r'href="/echanges/([0-9a-f-]{36})"', page)


def test_the_list_shows_the_newest_first_and_how_the_legs_stand(admin: Browser, told: dict[str, str]) -> None:
    page = admin.get("/echanges").text
    assert len(ids(page)) == 8
    assert ids(page)[0] == told["unrouted"]
    for said in ("Plan révisé", "Sans route", "1 × en échec", "1 × refusé par leur logiciel", "3 × affiché ou traité"):
        assert said in text(page), said


def test_pages_follow_one_another_without_a_gap_or_a_double(house: House, enter: Enter) -> None:
    sent = [story.send(house, OURS, (story.LUC, story.L.READ)) for _ in range(30)]
    admin = enter("admin")
    first = admin.get("/echanges").text
    following = re.search(r'class="bouton" href="(/echanges\?suite=[0-9a-f-]{36})"', first)
    assert following is not None
    second = admin.get(following[1]).text
    assert ids(first) + ids(second) == sent[::-1]
    assert "Plus anciens" not in second


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"etat": "unrouted"}, "unrouted"),
        ({"etat": "refused"}, "bounced"),
        ({"etat": "held"}, "held"),
        ({"type": "team.member-joined"}, "waiting"),
        ({"destinataire": "anne leroy"}, "held"),
        ({"destinataire": "sofia.ben-amor@"}, "bounced"),
        ({"destinataire": "Moreau"}, "waiting"),
        ({"etat": "refused", "depuis": "2026-11-18", "jusquau": "18/11/2026"}, "bounced"),
    ],
)
def test_the_filters_narrow_the_list_and_their_address_can_be_kept(
    fields: dict[str, str], word: str, admin: Browser, told: dict[str, str]
) -> None:
    answer = admin.post("/echanges", fields)
    assert ids(answer.text) == [told[word]]
    assert ids(admin.get(str(answer.url)).text) == [told[word]]
    assert not re.search("leroy|amor|moreau", str(answer.url), re.IGNORECASE)


def test_an_event_is_found_by_its_own_id(admin: Browser, told: dict[str, str]) -> None:
    event = re.search(r"2026-[0-9a-f]{6}", text(admin.get(f"/echanges/{told['held']}").text))
    assert event is not None
    assert ids(admin.post("/echanges", {"evenement": event[0]}).text) == [told["held"]]


def test_when_several_recipients_fit_they_are_offered(admin: Browser) -> None:
    page = admin.post("/echanges", {"destinataire": "infirmiers", "etat": "read"}).text
    assert "Quel destinataire" in page
    offered = re.findall(r'<li><a href="(/echanges\?[^"]+)">([^<]+)</a>', page)
    assert [name for _, name in offered] == ["Omar HADDAD", "Luc DURAND"]
    assert "etat=read" in offered[1][0]
    assert len(ids(admin.get(offered[1][0].replace("&amp;", "&")).text)) == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("etat=nowhere", "Choisissez un état"),
        ("depuis=hier", "Écrivez la date ainsi"),
        ("depuis=0001-01-01", "Écrivez la date ainsi"),
        ("jusquau=31/02/2026", "Écrivez la date ainsi"),
        ("destinataire=abc", "aucun pli"),
        ("evenement=personne", "Aucun échange ne répond"),
    ],
)
def test_a_filter_that_cannot_be_is_told_beside_its_field(query: str, said: str, admin: Browser) -> None:
    page = admin.get(f"/echanges?{query}").text
    assert said in text(page)
    if said != "Aucun échange ne répond":
        name = query.split("=")[0]
        assert f'aria-describedby="faute-{name}"' in page
        assert f'id="faute-{name}"' in page
        assert ids(page) == []


@pytest.mark.parametrize("path", ["x", "%00", "..%2F", "01890a5d-ac96-774b-bcce-b302099a8057", "a" * 300])
def test_an_exchange_that_is_not_there_is_a_page_that_says_so(path: str, admin: Browser) -> None:
    answer = admin.get(f"/echanges/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Revenir à l" in answer.text


def test_each_leg_tells_its_story_in_order_and_in_the_other_sides_words(admin: Browser, told: dict[str, str]) -> None:
    page = text(admin.get(f"/echanges/{told['bounced']}").text)
    steps = [
        "Pli 1 : Paul GARNIER", "En échec", "Vérifiez l'adresse auprès du destinataire.",
        "Essai 1 : pris en charge par l'opérateur", "250 2.0.0 Ok: queued as 4F1C2", "non déposé par l'opérateur",
        "Ne prouve pas", "Relancer le pli 1 pour", "Pli 2 : Sofia BEN AMOR", "Code 902 : patient inconnu", "refus 902",
    ]  # fmt: skip
    places = [page.index(step) for step in steps]
    assert places == sorted(places)


def test_what_waits_says_when_it_is_tried_next_and_until_when(admin: Browser, told: dict[str, str]) -> None:
    page = admin.get(f"/echanges/{told['waiting']}").text
    assert "20/11/2026 10:35" in text(page)
    assert "Prochain essai (à venir)" in text(page)
    assert 'datetime="2026-11-20T10:35:00+01:00" title="heure de Paris, UTC+01:00"' in page
    assert "Fin de l'attente d'un accusé" in text(page)


def test_an_exchange_without_a_leg_says_why_and_who_can_put_it_right(admin: Browser, told: dict[str, str]) -> None:
    page = text(admin.get(f"/echanges/{told['unrouted']}").text)
    assert "Aucune route ne concerne cet événement." in page
    assert "Ajoutez une route, puis relancez." in page
    assert "vous, l'administrateur" in page


def test_a_refusal_sent_again_is_never_told_as_a_success(house: House, admin: Browser, told: dict[str, str]) -> None:
    steer_leg(house.gateway, Caller(OURS, "", "test"), told["bounced"], 2, "retry")
    page = text(admin.get(f"/echanges/{told['bounced']}").text).split("Pli 2")[1]
    assert "reçu avant que le pli soit relancé" in page
    assert "traité par leur logiciel" not in page


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("named by the sender: member M-2", "désigné par l'émetteur : membre M-2"),
        ('route "Each member; a role": role PCP, member M-2', "route « Each member; a role » : rôle PCP, membre M-2"),
        ("named by the sender: professional; a cancellation: received the report",
         "désigné par l'émetteur : professionnel ; annulation : a reçu le document"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_why_a_recipient_was_chosen_is_said_in_french(said: str, shown: str) -> None:
    assert chosen_because(said) == shown
