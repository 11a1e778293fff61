"""Every page by every role, and across tenants and software."""

from __future__ import annotations

import re
from itertools import product

import pytest
from fastapi.routing import APIRoute

from gateway.web.roles import PAGES
from gateway.web.site import ROUTERS, SEGMENTS
from tests.api.conftest import ROLES, THEIRS, House
from tests.web import story
from tests.web.conftest import Browser, Enter

ANYONE = {"home", "sign-in", "read-statement", "read-style"}
READ = {"list-exchanges", "read-exchange", "sign-out"}
LOG = {"search-audit", "read-checkpoint", "prove-entry", "verify-log"}
STEER = {
    "retry-exchange", "cancel-exchange", "hold-leg", "release-leg", "retry-leg", "cancel-leg", "hold-exchange",
    "release-exchange", "repeat-leg", "redirect-leg", "settle-leg", "preview-steering", "steer-exchanges",
}  # fmt: skip
FOR = {
    "vendor": READ | {"cancel-exchange", "cancel-leg"},
    "admin": READ | STEER | {"list-recipients", "list-notices"},
    "auditor": READ | LOG,
    "dpo": READ | LOG,
}
"""What each role is for, stated again without looking at the table."""


def routes() -> list[tuple[str, str, str]]:
    """(page, method, path) of everything the site shows."""
    shown = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [(route.name, method, route.path) for route in shown for method in route.methods]


def test_every_page_is_in_the_table_and_nothing_else_is() -> None:
    assert {page for page, _, _ in routes()} == set(PAGES)
    assert {path.split("/")[1] for _, _, path in routes()} == SEGMENTS


def test_each_role_opens_what_it_is_for_and_nothing_else(house: House, enter: Enter, told: dict[str, str]) -> None:
    people = {role: enter(role) for role in ROLES}
    tokens = {role: one.token("/echanges") for role, one in people.items()}
    for (page, method, path), role in product(routes(), ROLES):
        if page == "sign-out":
            continue
        path = path.replace("{id}", told["bounced"]).replace("{n}", "1").replace("{seq}", "0")
        path = path.replace("{mark}", "x").replace("{name}", "y")
        fields = {"jeton": tokens[role]}
        answer = people[role].http.request(method, path, data=fields if method == "POST" else None)
        assert (answer.status_code != 403) == (page in ANYONE | FOR[role]), (page, method, role, answer.status_code)


def test_a_refused_role_is_written_into_the_log_of_its_tenant(house: House, enter: Enter) -> None:
    auditor = enter("auditor")
    answer = auditor.get("/destinataires")
    assert answer.status_code == 403
    (entry,) = house.log("access-refused")
    assert entry["facts"] == {"reason": "forbidden", "operation": "page:list-recipients", "count": 1}


@pytest.mark.parametrize("role", ROLES)
def test_a_menu_offers_only_what_a_role_may_open(role: str, house: House, enter: Enter) -> None:
    one = enter(role)
    menu = set(re.findall(r'<li><a href="(/[a-z]+)"', one.get("/echanges").text))
    for path in menu:
        assert one.get(path).status_code == 200
    assert menu == {"/echanges"} | ({"/destinataires", "/notifications"} if role == "admin" else set()) | (
        {"/journal"} if role in ("auditor", "dpo") else set()
    )


def test_what_is_another_tenants_is_not_there(house: House, enter: Enter, told: dict[str, str]) -> None:
    theirs = story.send(house, THEIRS, (story.PAUL, story.L.FAILED))
    for role in ("admin", "auditor", "dpo", "vendor"):
        one = enter(role)
        assert one.get(f"/echanges/{theirs}").status_code == 404
        assert theirs not in one.get("/echanges").text
    admin = enter("admin")
    token = admin.token("/echanges")
    for word in ("retenir", "liberer", "relancer", "annuler", "renvoyer", "rediriger", "regler"):
        for path in (f"/echanges/{theirs}/plis/1/{word}", f"/echanges/{theirs}/{word}"):
            assert admin.get(path).status_code == 404
            assert admin.http.post(path, data={"jeton": token, "vu": "x"}).status_code == 404
    neighbour = enter("admin", THEIRS)
    page = neighbour.get("/destinataires").text
    assert "0 destinataire sur 1" in page
    assert "Luc DURAND" not in page


def test_a_handle_of_another_tenant_finds_nobody(house: House, enter: Enter, admin: Browser) -> None:
    story.send(house, THEIRS, (story.OMAR, story.L.READ))
    handle = re.search(r"destinataire=([0-9a-f]{32})", admin.get("/destinataires").text)
    assert handle is not None
    neighbour = enter("admin", THEIRS)
    answer = neighbour.get(f"/echanges?destinataire={handle[1]}")
    assert "reçu aucun pli" in answer.text


def test_another_software_of_the_same_tenant_sees_and_cancels_nothing_of_ours(
    house: House, enter: Enter, told: dict[str, str]
) -> None:
    other = enter("vendor", client="autrelog")
    assert told["held"] not in other.get("/echanges").text
    assert told["held"] not in other.get("/echanges?logiciel=logimed").text
    assert other.get(f"/echanges/{told['held']}").status_code == 404
    assert other.get(f"/echanges/{told['held']}/plis/1/annuler").status_code == 404


def test_no_page_of_who_steers_or_audits_shows_the_patient(house: House, enter: Enter, told: dict[str, str]) -> None:
    shared = story.send(house, story.OURS, (story.PATIENT, story.L.DENIED, "masked-to-patient"))
    for role in ("admin", "auditor", "dpo"):
        one = enter(role)
        paths = ["/echanges", f"/echanges/{shared}", *(["/destinataires"] if role == "admin" else [])]
        for path in paths:
            page = one.get(path).text
            assert "PAT-TROIS" not in page
            assert "279035121518989" not in page
        assert "Le patient" in one.get(f"/echanges/{shared}").text
