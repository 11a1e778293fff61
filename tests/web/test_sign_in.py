"""People sign in with an API key; their session is theirs alone, ends, and is told of in the log."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from gateway.journey.keys import revoke_key
from gateway.journey.sessions import IDLE, LONGEST
from tests.api.conftest import CLIENT, OURS, House
from tests.web.conftest import Browser, Enter, browser, pages
from tests.web.story import past

PAGES = ("/destinataires", "/echanges", "/journal", "/echanges/x", "/journal/preuve/1")
POLICY = "default-src 'none'"


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_sign_in_page(path: str, stranger: Browser) -> None:
    answer = stranger.http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/connexion?suite={path}")
    assert "Clé d&#39;accès" in stranger.get(path).text or "Clé d'accès" in stranger.get(path).text


def test_with_a_key_people_come_to_the_page_they_wanted(house: House, stranger: Browser) -> None:
    stranger.get("/echanges")
    fields = {"cle": house.key("auditor"), "suite": "/echanges"}
    answer = stranger.post("/connexion", fields)
    assert (answer.status_code, answer.url.path) == (200, "/echanges")
    (entry,) = house.log("signed-in")
    assert entry["actor"] == f"key:{house.ids[OURS, CLIENT, 'auditor']}"
    assert entry["facts"] == {"role": "auditor", "client": CLIENT}


@pytest.mark.parametrize(
    ("role", "first"),
    [("admin", "/destinataires"), ("auditor", "/journal"), ("dpo", "/journal"), ("vendor", "/echanges")],
)
def test_each_role_lands_on_the_page_it_needs_first(role: str, first: str, house: House, stranger: Browser) -> None:
    assert stranger.sign_in(house.key(role)).url.path == first


@pytest.mark.parametrize("key", ["", "passerelle_" + "a" * 52, "x" * 5000, "clé inconnue"])
def test_a_wrong_key_is_refused_in_plain_words_and_the_log_tells(key: str, house: House, address: str) -> None:
    with browser(address) as stranger:
        answer = stranger.sign_in(key)
    assert answer.status_code == 401
    assert "n&#39;est pas reconnue" in answer.text or "n'est pas reconnue" in answer.text
    (entry,) = house.log("access-refused", tenant="")
    assert entry["facts"]["operation"] == "page:sign-in"
    assert not key or key not in answer.text


def test_a_flood_of_wrong_keys_makes_few_entries(house: House) -> None:
    with pages(house) as address, browser(address) as stranger:
        token = stranger.token("/connexion")
        for number in range(30):
            stranger.http.post("/connexion", data={"cle": f"guess{number}", "jeton": token})
    entries = house.log("access-refused", tenant="")
    assert sum(entry["facts"]["count"] for entry in entries) <= 30
    assert len(entries) < 30


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(house: House, stranger: Browser) -> None:
    answer = stranger.post("/connexion", {"cle": house.key("admin")}, follow=False)
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("passerelle-session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert house.key("admin") not in cookie


def test_over_tls_cookies_are_host_cookies_and_never_travel_without(house: House) -> None:
    with pages(house, secure=True) as address, httpx.Client(base_url=address, verify=False) as http:
        form = http.get("/connexion")
        assert form.headers["strict-transport-security"].startswith("max-age=")
        (before,) = form.headers.get_list("set-cookie")
        assert before.startswith("__Host-passerelle-sign-in=")
        token = re.search(r'name="jeton" value="(\w+)"', form.text)
        assert token is not None
        secret = before.split("=", 1)[1].split(";")[0]
        answer = http.post(
            "/connexion",
            data={"cle": house.key("admin"), "jeton": token[1]},
            headers={"Cookie": f"__Host-passerelle-sign-in={secret}"},
        )
        assert answer.status_code == 303
        cookies = answer.headers.get_list("set-cookie")
        assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)


def test_a_session_gets_a_secret_of_its_own_that_the_form_before_it_did_not_know(
    house: House, stranger: Browser
) -> None:
    stranger.get("/connexion")
    before = stranger.http.cookies["passerelle-sign-in"]
    stranger.sign_in(house.key("admin"))
    assert stranger.http.cookies["passerelle-session"] != before
    assert "passerelle-sign-in" not in stranger.http.cookies


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(
    house: House, address: str, admin: Browser, enter: Enter
) -> None:
    kept = admin.http.cookies["passerelle-session"]
    answer = admin.post("/deconnexion", page="/destinataires")
    assert answer.url.path == "/connexion"
    assert len(house.log("signed-out")) == 1
    with httpx.Client(base_url=address, cookies={"passerelle-session": kept}, verify=False) as thief:
        assert thief.get("/destinataires").status_code == 303


@pytest.mark.parametrize(("ago", "over"), [(IDLE - timedelta(minutes=2), False), (IDLE + timedelta(minutes=1), True)])
def test_a_session_without_a_page_asked_for_ends_by_itself(
    ago: timedelta, over: bool, house: House, enter: Enter
) -> None:
    with past(house, ago):
        admin = enter("admin")
    assert (admin.http.get("/destinataires").status_code == 303) == over


def test_a_busy_session_ends_after_a_working_day(house: House, enter: Enter) -> None:
    admin = enter("admin")
    clock = house.gateway.clock
    asked = 0
    while admin.http.get("/destinataires").status_code == 200:
        clock.millis += 20 * 60 * 1000  # type: ignore[attr-defined]
        asked += 1
    assert asked == LONGEST // timedelta(minutes=20)


def test_a_revoked_key_ends_its_sessions_at_once(house: House, enter: Enter) -> None:
    admin = enter("admin")
    assert admin.http.get("/destinataires").status_code == 200
    revoke_key(house.gateway, OURS, house.ids[OURS, CLIENT, "admin"], actor="test")
    assert admin.http.get("/destinataires").status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "x" * 4000])
@pytest.mark.parametrize("path", ["/deconnexion", "/destinataires", "/echanges"])
def test_a_form_that_no_page_of_this_session_gave_is_refused(token: str, path: str, admin: Browser) -> None:
    answer = admin.http.post(path, data={"jeton": token})
    assert answer.status_code == 403
    assert "formulaire" in answer.text
    assert admin.http.get("/destinataires").status_code == 200


def test_the_token_of_another_session_is_of_no_use(house: House, address: str, admin: Browser, enter: Enter) -> None:
    other = enter("admin")
    answer = admin.http.post("/deconnexion", data={"jeton": other.token("/destinataires")})
    assert answer.status_code == 403


def test_nobody_is_signed_in_by_a_form_of_another_site(house: House, address: str) -> None:
    with httpx.Client(base_url=address, verify=False) as victim:
        assert victim.post("/connexion", data={"cle": house.key("admin")}).status_code == 403
        assert victim.cookies.get("passerelle-session") is None


@pytest.mark.parametrize("wanted", ["//evil.test", "https://evil.test", "/\\evil.test", "/%2F", "javascript:x", "/a b"])
def test_signing_in_never_leads_to_another_site(wanted: str, house: House, stranger: Browser) -> None:
    answer = stranger.post("/connexion", {"cle": house.key("admin"), "suite": wanted}, follow=False)
    assert answer.headers["location"] == "/"


def test_every_page_is_armoured_and_none_is_kept_by_the_browser(
    stranger: Browser, admin: Browser, told: dict[str, str]
) -> None:
    paths = ["/destinataires", "/echanges", f"/echanges/{told['held']}", "/accessibilite", "/echanges/nothing", "/"]
    for answer in [stranger.http.get("/connexion"), *(admin.http.get(path) for path in paths)]:
        assert answer.headers["content-security-policy"].startswith(POLICY)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", answer.text)
        for source in re.findall(r'(?:src|href)="([^"#]+)"', answer.text):
            assert source.startswith(("/", "data:,", "https://www.defenseurdesdroits.fr/")), source


def test_the_style_sheet_and_the_script_are_ours_to_serve_and_may_be_kept_for_ever(stranger: Browser) -> None:
    page = stranger.get("/connexion").text
    for source in re.findall(r'"(/habillage/[^"]+)"', page):
        answer = stranger.http.get(source)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith(("text/css", "text/javascript"))
    assert len(re.findall(r'"(/habillage/[^"]+)"', page)) == 2
    assert stranger.http.get("/habillage/000000000000/passerelle.css").status_code == 404
    assert stranger.http.get("/habillage/000000000000/site.py").status_code == 404


def test_neither_the_key_nor_the_session_is_in_the_technical_log(house: House, admin: Browser) -> None:
    admin.get("/echanges")
    said = repr(house.said)
    assert house.key("admin") not in said
    assert admin.http.cookies["passerelle-session"] not in said


def test_the_door_for_software_is_as_it_was(house: House, stranger: Browser) -> None:
    assert stranger.http.get("/health/live").json() == {"live": True}
    assert stranger.http.get("/v1/exchanges").status_code == 401
    assert stranger.http.get("/v1/exchanges", headers=house.bearer("vendor")).json()["items"] == []
    assert stranger.http.get("/nothing").headers["content-type"] == "application/problem+json"


def test_a_session_opens_nothing_of_the_door_for_software(admin: Browser) -> None:
    assert admin.http.get("/v1/exchanges").status_code == 401
