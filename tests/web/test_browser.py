"""The pages in a real browser: by keyboard alone, on a small screen, without JavaScript, and as axe-core judges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.journey.accept import accept
from gateway.journey.gateway import Caller
from gateway.journey.prepare import prepare
from tests.api.conftest import CLIENT, EXAMPLES, OURS, House
from tests.places.chromium import chromium, found
from tests.web import story
from tests.web.test_steering import state

pytestmark = pytest.mark.skipif(found() is None, reason="Chromium is not installed")

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
GRAVE = {"serious", "critical"}

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all; each test opens people of its own in it."""
    program = found()
    assert program is not None
    with chromium(program) as running:
        yield running


@pytest.fixture
def someone(browser: Any, address: str, house: House, told: dict[str, str]) -> Iterator[Open]:
    """Opens a person: (role, screen, JavaScript) → their page, signed in. Nothing may go wrong unseen."""
    opened, wrong = [], []

    def open(role: str = "", screen: dict[str, int] = WIDE, script: bool = True) -> Any:
        context = browser.new_context(
            base_url=address, viewport=screen, locale="fr-FR", timezone_id="America/Cayenne", java_script_enabled=script
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url))
        if role:
            page.goto("/connexion")
            page.fill("#cle", house.key(role))
            page.click("main button")
            page.wait_for_url(re.compile("/(destinataires|journal|echanges)$"))
        return page

    yield open
    for context in opened:
        context.close()
    assert wrong == []


def every_page(told: dict[str, str]) -> list[tuple[str, str]]:
    """(role, path) of everything people see."""
    shared = ["/echanges", "/echanges?etat=nowhere", f"/echanges/{told['bounced']}", "/accessibilite", "/echanges/none"]
    return [
        ("", "/connexion"),
        *(("admin", path) for path in ("/destinataires", "/notifications", *shared, f"/echanges/{told['waiting']}")),
        ("admin", f"/echanges/{told['bounced']}/plis/1/relancer"),
        ("admin", f"/echanges/{told['held']}/plis/2/annuler"),
        ("admin", f"/echanges/{told['held']}/plis/2/renvoyer"),
        ("admin", f"/echanges/{told['bounced']}/plis/1/regler"),
        ("admin", f"/echanges/{told['prepared']}/plis/1/rediriger"),
        ("admin", "/plis"),
        ("admin", "/plis?etat=failed&cause=bounced"),
        *(("auditor", path) for path in ("/journal", f"/echanges/{told['unrouted']}", "/destinataires")),
    ]


@contextmanager
def unfolded(page: Any) -> Iterator[None]:
    """With everything that can be opened open."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    yield


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_page_is_wider_than_its_screen_and_axe_finds_nothing_grave(
    screen: dict[str, int], someone: Open, house: House, told: dict[str, str], tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    body = (EXAMPLES / "team.created.json").read_bytes()
    told["prepared"] = accept(house.gateway, Caller(OURS, CLIENT, "test"), body, "canonical").exchange
    assert prepare(house.gateway, "test")
    people = {role: someone(role, screen) for role in ("", "admin", "auditor")}
    for number, (role, path) in enumerate(every_page(told)):
        page = people[role]
        page.goto(path)
        with unfolded(page):
            page.screenshot(path=tmp_path / f"{number}-{role}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"], path
            found = Axe().run(page).response["violations"]
        grave = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found if one["impact"] in GRAVE]
        assert grave == [], path


def test_the_journal_with_entries_is_as_good(someone: Open, told: dict[str, str], tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = someone("auditor", PHONE)
    page.fill("#echange", told["bounced"])
    page.click("#chercher")
    page.wait_for_selector("#resultats")
    with unfolded(page):
        page.screenshot(path=tmp_path / "journal.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in GRAVE] == []


def tab_to(page: Any, wanted: str) -> None:
    """The Tab key, until what has the focus says this; where the focus is can be seen at every step."""
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(() => { const one = document.activeElement, look = getComputedStyle(one),"
            " said = one.textContent.trim().replace(/\\s+/g, ' ');"
            " return [said || one.id, look.outlineStyle, parseFloat(look.outlineWidth)] })()"
        )
        if here[0].startswith("Aller au contenu Passerelle"):
            continue  # past the last element, on the way round
        assert here[1] != "none", here
        assert here[2] >= 2, here
        if here[0].startswith(wanted):
            return
    raise AssertionError(f"the keyboard never comes to {wanted}")


def test_by_keyboard_alone_a_bounced_parcel_is_found_and_sent_again(
    someone: Open, house: House, told: dict[str, str]
) -> None:
    page = someone()
    page.goto("/")
    tab_to(page, "cle")
    page.keyboard.type(house.key("admin"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/destinataires")
    tab_to(page, "Aller au contenu")
    page.keyboard.press("Enter")
    tab_to(page, "1 pli de Paul GARNIER")
    page.keyboard.press("Enter")
    page.wait_for_url("**/echanges?etat=failed&destinataire=*")
    tab_to(page, "Document envoyé")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/echanges/{told['bounced']}")
    tab_to(page, "Relancer le pli 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/relancer")
    tab_to(page, "Relancer")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message")
    assert "C'est relancé" in page.inner_text(".message")
    assert state(house, told["bounced"], 1) == "waiting"


def test_without_javascript_everything_works(someone: Open, house: House, told: dict[str, str]) -> None:
    page = someone("admin", script=False)
    page.fill("#recherche", "garnier")
    page.click("#chercher")
    page.click("text=1 pli")
    page.select_option("#etat", "failed")
    page.click("#filtrer")
    assert "etat=failed" in page.url
    page.click("tbody a")
    page.click(".pli >> text=Relancer")
    page.click("main button")
    assert "C'est relancé" in page.inner_text(".message")
    page.click("text=Se déconnecter")
    assert page.url.endswith("/connexion?suite=/")
    auditor = someone("auditor", script=False)
    auditor.click("#verifier")
    assert "Entier" in auditor.inner_text("#contenu")
    auditor.select_option("#nature", "leg-moved")
    auditor.click("#chercher")
    assert "à la demande d'une personne (relancer)" in auditor.inner_text(".entrees")


def test_with_javascript_the_list_grows_and_filters_in_place(someone: Open, house: House) -> None:
    from playwright.sync_api import expect

    for _ in range(30):
        story.send(house, OURS, (story.LUC, story.L.READ))
    page = someone("admin")
    page.goto("/echanges")
    page.evaluate("window.kept = true")
    assert page.locator("#lignes tr").count() == 25
    page.click("text=Plus anciens")
    expect(page.locator("#lignes tr")).to_have_count(38)
    page.click("summary")
    page.fill("#destinataire", "moreau")
    page.click("#filtrer")
    expect(page.locator("#lignes tr")).to_have_count(1)
    assert re.search(r"\?destinataire=[0-9a-f]{32}$", page.url)
    assert page.evaluate("window.kept")
    assert page.evaluate("document.activeElement.id") == "filtrer"
    assert page.inner_text("#annonce") == "1 échange sur cette page"


def test_when_the_session_is_over_a_click_leads_to_the_sign_in_page(someone: Open, house: House) -> None:
    page = someone("admin")
    house.gateway.clock.millis += 3_600_000  # type: ignore[attr-defined]
    page.fill("#recherche", "x")
    page.click("#chercher")
    page.wait_for_url("**/connexion*")
    assert page.locator("#cle").count() == 1


def test_nothing_of_the_pages_stays_in_the_browser(someone: Open) -> None:
    page = someone("auditor")
    page.fill("#personne", "5f" * 16)
    page.click("#chercher")
    page.wait_for_selector("#resultats")
    page.goto("/echanges")
    page.go_back()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("document.cookie") == ""


def test_times_are_those_of_paris_wherever_the_reader_is(someone: Open, told: dict[str, str]) -> None:
    page = someone("admin")
    page.goto(f"/echanges/{told['bounced']}")
    first = page.locator("time").first
    assert first.inner_text() == "18/11/2026 10:30"
    assert first.get_attribute("title") == "heure de Paris, UTC+01:00"


def test_on_paper_there_are_only_the_facts(someone: Open, told: dict[str, str]) -> None:
    page = someone("admin")
    page.goto(f"/echanges/{told['bounced']}")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("text=Se déconnecter").is_visible()
    assert not page.locator(".pli .actions").first.is_visible()
    assert page.locator("h1").is_visible()
    assert page.locator(".fil").first.is_visible()
