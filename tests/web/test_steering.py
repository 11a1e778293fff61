"""A person steers after confirming; what has moved meanwhile is left alone; the log tells who."""

from __future__ import annotations

import re

import pytest

from gateway.journey.accept import accept
from gateway.journey.gateway import Caller
from gateway.journey.prepare import prepare
from gateway.journey.steer import steer_leg
from gateway.model.exchange import LegState
from tests.api.conftest import CLIENT, EXAMPLES, OURS, House
from tests.web.conftest import Browser, Enter
from tests.web.test_recipients import text


def state(house: House, id: str, n: int) -> LegState:
    """How a leg stands."""
    with house.gateway.store.glance() as unit:
        leg = unit.legs.get(OURS, id, n)
    assert leg is not None
    return leg.state


def confirm(browser: Browser, path: str) -> dict[str, str]:
    """What the confirmation page's form carries."""
    page = browser.get(path).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("<main", 1)[1]))


@pytest.mark.parametrize(
    ("which", "n", "word", "before", "after"),
    [
        ("bounced", 1, "relancer", LegState.FAILED, LegState.WAITING),
        ("bounced", 2, "relancer", LegState.REFUSED, LegState.WAITING),
        ("waiting", 1, "retenir", LegState.POSTPONED, LegState.HELD),
        ("waiting", 1, "annuler", LegState.POSTPONED, LegState.CANCELLED),
        ("waiting", 1, "relancer", LegState.POSTPONED, LegState.POSTPONED),
        ("held", 1, "liberer", LegState.HELD, LegState.WAITING),
        ("held", 1, "annuler", LegState.HELD, LegState.CANCELLED),
    ],
)
def test_a_leg_is_steered_after_a_confirmation_that_says_what_will_happen(
    which: str, n: int, word: str, before: LegState, after: LegState,
    house: House, admin: Browser, told: dict[str, str],
) -> None:  # fmt: skip
    path = f"/echanges/{told[which]}/plis/{n}/{word}"
    assert path in admin.get(f"/echanges/{told[which]}").text
    assert "Ce qui va se passer" in admin.get(path).text
    assert state(house, told[which], n) is before
    answer = admin.http.post(path, data=confirm(admin, path), follow_redirects=True)
    assert answer.url.path == f"/echanges/{told[which]}"
    assert 'class="message etat-good"' in answer.text
    assert state(house, told[which], n) is after
    entry = house.log("leg-moved")[-1]
    assert (entry["actor"], entry["leg"]) == (f"key:{house.ids[OURS, CLIENT, 'admin']}", n)


def test_a_whole_exchange_is_retried_and_only_what_allows_it_moves(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    path = f"/echanges/{told['bounced']}/relancer"
    admin.http.post(path, data=confirm(admin, path))
    assert state(house, told["bounced"], 1) is state(house, told["bounced"], 2) is LegState.WAITING
    path = f"/echanges/{told['unrouted']}/annuler"
    answer = admin.http.post(path, data=confirm(admin, path), follow_redirects=True)
    assert "annulé" in text(answer.text)


def test_what_moved_since_it_was_looked_at_is_left_alone(house: House, admin: Browser, told: dict[str, str]) -> None:
    path = f"/echanges/{told['held']}/plis/1/annuler"
    form = confirm(admin, path)
    steer_leg(house.gateway, Caller(OURS, "", "test"), told["held"], 1, "release")
    answer = admin.http.post(path, data=form)
    assert answer.status_code == 409
    assert "rien n'a été fait" in text(answer.text)
    assert state(house, told["held"], 1) is LegState.WAITING


def test_what_a_state_forbids_is_explained_and_offers_no_button(admin: Browser, told: dict[str, str]) -> None:
    path = f"/echanges/{told['held']}/plis/2/annuler"  # it was read already
    page = admin.get(path).text
    assert "ne peut pas être annulé" in text(page)
    assert 'name="vu"' not in page
    forced = {"jeton": admin.token(path), "vu": "x"}
    assert admin.http.post(path, data=forced).status_code == 409
    assert path not in admin.get(f"/echanges/{told['held']}").text


def test_a_vendor_may_cancel_its_own_and_nothing_more(house: House, enter: Enter, told: dict[str, str]) -> None:
    vendor = enter("vendor")
    page = vendor.get(f"/echanges/{told['held']}").text
    assert "/plis/1/annuler" in page
    assert "/plis/1/liberer" not in page
    path = f"/echanges/{told['held']}/plis/1/annuler"
    vendor.http.post(path, data=confirm(vendor, path))
    assert state(house, told["held"], 1) is LegState.CANCELLED


def test_an_auditor_is_offered_no_button(enter: Enter, told: dict[str, str]) -> None:
    for which in told.values():
        page = enter("auditor").get(f"/echanges/{which}").text
        assert not re.search("/(relancer|retenir|liberer|annuler)", page)


def test_steering_twice_by_the_same_form_does_it_once(house: House, admin: Browser, told: dict[str, str]) -> None:
    path = f"/echanges/{told['bounced']}/plis/1/relancer"
    form = confirm(admin, path)
    assert admin.http.post(path, data=form).status_code == 303
    assert admin.http.post(path, data=form).status_code == 409
    assert len([entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]) == 1


def test_a_whole_exchange_is_held_and_released(house: House, admin: Browser, told: dict[str, str]) -> None:
    for word, after in (("retenir", LegState.HELD), ("liberer", LegState.WAITING)):
        path = f"/echanges/{told['waiting']}/{word}"
        assert path in admin.get(f"/echanges/{told['waiting']}").text
        admin.http.post(path, data={**confirm(admin, path), "motif": "by-mistake"})
        assert state(house, told["waiting"], 1) is after
    assert [entry["facts"]["why"] for entry in house.log("leg-moved")[-2:]] == ["by-mistake"] * 2


def test_a_second_sending_is_offered_for_what_was_read_and_needs_a_reason(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    path = f"/echanges/{told['held']}/plis/2/renvoyer"
    assert path in admin.get(f"/echanges/{told['held']}").text
    assert "deux fois" in text(admin.get(path).text)
    answer = admin.http.post(path, data=confirm(admin, path))
    assert answer.status_code == 422
    assert "Choisissez un motif." in answer.text
    with house.gateway.store.unit() as unit:  # what the story's legs lack
        unit.contents.put(OURS, told["held"], "parcel/2", b"bytes")
    answer = admin.http.post(path, data={**confirm(admin, path), "motif": "lost-there"}, follow_redirects=True)
    assert "à la place de pli 2" in text(answer.text).lower()
    assert state(house, told["held"], 2) is LegState.READ
    assert state(house, told["held"], 3) is LegState.WAITING
    assert path not in answer.text


def failing(admin: Browser) -> str:
    """The group of recipients whose last parcel failed."""
    return admin.get("/destinataires").text.partition('id="groupe-failed"')[2].partition("</section>")[0]


def test_settled_otherwise_closes_the_incident_and_keeps_the_state(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    path = f"/echanges/{told['bounced']}/plis/1/regler"
    assert path in admin.get(f"/echanges/{told['bounced']}").text
    assert "Paul GARNIER" in failing(admin)
    assert admin.http.post(path, data=confirm(admin, path)).status_code == 422
    answer = admin.http.post(path, data={**confirm(admin, path), "comment": "phone"}, follow_redirects=True)
    assert "par téléphone" in text(answer.text)
    assert state(house, told["bounced"], 1) is LegState.FAILED
    assert "Paul GARNIER" not in failing(admin)
    assert path not in answer.text
    again = admin.http.post(path, data={"jeton": admin.token("/echanges"), "vu": "x", "comment": "paper"})
    assert again.status_code == 409


def test_another_address_is_asked_for_with_a_reason_and_the_gate_has_the_last_word(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    body = (EXAMPLES / "team.created.json").read_bytes()
    id = accept(house.gateway, Caller(OURS, CLIENT, "test"), body, "canonical").exchange
    assert prepare(house.gateway, "test")
    path = f"/echanges/{id}/plis/1/rediriger"
    assert path in admin.get(f"/echanges/{id}").text
    form = confirm(admin, path)
    missing = admin.http.post(path, data=form)
    assert missing.status_code == 422
    assert "Choisissez un motif." in missing.text
    form |= {"autre": "someone.else@b.mssante.test", "motif": "address-changed"}
    unsure = admin.http.post(path, data=form)
    assert unsure.status_code == 409
    assert "ne connaît pas cette adresse" in text(unsure.text)
    assert 'value="someone.else@b.mssante.test"' in unsure.text
    barred = admin.http.post(path, data={**form, "confirme": "oui"})
    assert barred.status_code == 409
    assert "contrôle légal" in text(barred.text)
    assert admin.http.post(path, data={**form, "autre": "nowhere"}).status_code == 422
    forbidden = admin.get(f"/echanges/{told['held']}/plis/2/rediriger").text
    assert 'name="vu"' not in forbidden
