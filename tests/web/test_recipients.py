"""« Qui ne reçoit pas, et que dois-je faire ? » is answered by the first line and the first table."""

from __future__ import annotations

import html
import re

from sqlalchemy import text as sql

from gateway.journey.recipients import Group
from gateway.web.recipients import TITLES
from tests.api.conftest import OURS, THEIRS, House
from tests.web import story
from tests.web.conftest import Browser, Enter


def text(page: str) -> str:
    """What a person reads of a page, spaces evened."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).replace(" .", ".")


def test_the_first_line_says_how_many_receive_and_how_many_need_an_action(admin: Browser) -> None:
    page = text(admin.get("/destinataires").text)
    assert "4 destinataires sur 10 reçoivent ; 4 demandent une action ; 1 en cours d'envoi ; 1 non permis." in page


def test_each_group_says_who_why_since_when_and_what_to_do(admin: Browser) -> None:
    page = text(admin.get("/destinataires").text)
    order = [page.index(title) for title in ("Sans adresse", "En échec", "Refusé par", "Silencieux", "Reçoivent de")]
    assert order == sorted(order)
    for said in (
        "Anne LEROY", "RPPS:10100000017", "rien ne lui est encore parvenu",
        "Demandez son adresse au destinataire", "paul.garnier@kine.mssante.test", "18/11/2026 10:30",
        "902 : patient inconnu", "Joignez le destinataire", "relancez-le s'il est encore utile",
    ):  # fmt: skip
        assert said in page, said


def test_each_recipient_leads_to_the_exchanges_concerned(admin: Browser, told: dict[str, str]) -> None:
    page = admin.get("/destinataires").text
    link = re.search(r'href="(/echanges\?[^"]+)">1 pli<span class="hors-ecran"> de Paul GARNIER', page)
    assert link is not None
    shown = admin.get(html.unescape(link[1])).text
    assert re.findall(r'href="/echanges/([0-9a-f-]{36})"', shown) == [told["bounced"]]


def test_every_group_has_its_words() -> None:
    assert set(TITLES) == set(Group)


def test_a_quiet_gateway_says_so(house: House, enter: Enter) -> None:
    assert "Aucun pli" in text(enter("admin").get("/destinataires").text)
    story.send(house, OURS, (story.LUC, story.L.READ))
    page = text(enter("admin").get("/destinataires").text)
    assert "1 destinataire sur 1 reçoit ; rien à faire." in page


def test_a_recipient_is_found_whatever_the_case_and_the_accents_and_nothing_is_in_the_address(admin: Browser) -> None:
    for typed, name in (("ines", "Inès MOREAU"), ("LÉA font", "Léa FONTAINE"), ("10100000025", "Paul GARNIER")):
        answer = admin.post("/destinataires", {"recherche": typed, "jours": "180"})
        assert name in answer.text
        assert "Luc DURAND" not in answer.text
        assert answer.url.query == b""
    assert "0 destinataire trouvé" in admin.post("/destinataires", {"recherche": "personne"}).text


def test_no_address_of_a_page_names_anyone(admin: Browser) -> None:
    page = admin.get("/destinataires").text
    links = re.findall(r'href="([^"]+)"', page)
    assert any("destinataire=" in link for link in links)
    for said in ("RPPS", "10100", "DURAND", "mssante.test", "FINESS"):
        assert not [link for link in links if said in link]


def test_a_period_is_chosen_and_another_is_not_found(admin: Browser) -> None:
    assert "Hugo PETIT" not in admin.get("/destinataires?jours=90").text
    assert "Hugo PETIT" in admin.get("/destinataires?jours=365").text
    assert admin.get("/destinataires?jours=7").status_code == 404


def test_what_names_hold_is_shown_and_never_believed(house: House, enter: Enter) -> None:
    evil = story.Person("<script>alert(1)</script>", 'RPPS:"><img src=x>', "a'b@x.test")
    story.send(house, OURS, (evil, story.L.FAILED), type="<b>new</b>")
    admin = enter("admin")
    for page in (admin.get("/destinataires").text, admin.get("/echanges").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>" not in page


def test_a_reason_whose_detail_differs_from_leg_to_leg_is_said_without_it(house: House, enter: Enter) -> None:
    story.send(house, OURS, (story.LUC, story.L.HELD, "incoherent"))
    page = text(enter("admin").get("/destinataires").text)
    assert "Les formes du pli ne disent pas la même chose." in page
    assert "Comparez le document et l'événement" in page
    assert "{" not in page


def test_what_is_held_is_told_by_cause_with_what_to_do_and_a_way_to_act_on_all_of_it(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    id = story.send(house, OURS)
    poisoned = "UPDATE exchanges SET state = 'held', reason = 'poison', detail = 'prepare' WHERE id = :id"
    with house.gateway.store._engine.begin() as line:
        line.execute(sql(poisoned), {"id": id})
    page = admin.get("/destinataires").text
    causes = page[page.index('id="retenus"') : page.index("</section>")]
    assert "par cause : 3" in text(causes)
    for said in ("Aucune boîte MSSanté connue", "Demandez son adresse au destinataire", "1 pli ", "1 échange "):
        assert said in text(causes), said
    assert f'href="/echanges/{told["held"]}"' in causes
    for cause, number in (("poison", "1 pli"), ("no-address", "1 pli"), ("no-route", "1 pli")):
        link = re.search(rf'href="(/plis\?[^"]*cause={cause})"', causes)
        assert link is not None
        found = text(admin.get(html.unescape(link[1])).text)
        assert f"Relancer {number} ?" in found or f"{number} resterait" in found


def test_a_cause_is_told_to_nobody_else_and_not_among_what_was_looked_for(
    house: House, admin: Browser, enter: Enter
) -> None:
    assert 'id="retenus"' in admin.get("/destinataires").text
    assert 'id="retenus"' not in admin.post("/destinataires", {"recherche": "ines", "jours": "180"}).text
    assert 'id="retenus"' not in enter("admin", THEIRS).get("/destinataires").text
