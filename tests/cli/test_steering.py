"""exchange hold, release, retry, cancel, redirect, settle: one, or all that conditions find, as an admin types it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from pwd import getpwuid
from typing import Any

import pytest

from gateway.config import load
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Store
from gateway.wiring import open_gateway
from tests.cli.conftest import Ran
from tests.record.rows import exchange, keep, leg

Passerelle = Callable[..., Ran]
HUGO = "RPPS:10100034569"


@pytest.fixture
def store(passerelle: Passerelle, tmp_path: Path) -> Store:
    """The database of first settings: three exchanges, of each leg 1 has failed and leg 2, to Hugo, is held."""
    assert passerelle("init", tmp_path).code == 0
    assert passerelle("db", "upgrade").code == 0
    settings = load(tmp_path / "passerelle.yaml")
    (tenant,) = settings.tenants
    store = open_gateway(settings).store
    for _ in range(3):
        one = exchange(tenant=tenant, state=ExchangeState.PREPARED)
        failed = leg(one, 1, transport="mssante", state=LegState.FAILED, reason="mailbox-full", code="5.2.2")
        held = leg(one, 2, state=LegState.HELD, reason="held-by-a-person", recipient_id=HUGO, recipient_name="Hugo")
        keep(store, one, failed, held)
    return store


def said(ran: Ran) -> Any:
    """The JSON a command printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def states(passerelle: Passerelle) -> list[tuple[str, ...]]:
    """How every leg stands, exchange by exchange."""
    return [tuple(leg["state"] for leg in one["legs"]) for one in said(passerelle("exchange", "list", "--json"))]


def first(passerelle: Passerelle) -> str:
    """The id of one exchange."""
    return str(said(passerelle("exchange", "list", "--json"))[0]["id"])


def test_a_preview_says_how_many_by_state_reason_and_recipient_and_the_same_command_does_it(
    passerelle: Passerelle, store: Store
) -> None:
    words = ("exchange", "retry", "--where", "state=failed and reason=mailbox-full", "--reason", "trouble-over")
    ran = passerelle(*words, "--preview")
    assert ran.out.splitlines()[0] == "3 seraient relancés"
    assert "3 × failed [mailbox-full] RPPS:10100054328" in ran.out
    assert states(passerelle) == [("failed", "held")] * 3
    assert passerelle(*words).out.splitlines()[0] == "3 relancés"
    assert states(passerelle) == [("waiting", "held")] * 3
    assert said(passerelle(*words, "--json"))["done"] == 0


def test_a_preview_says_what_would_be_left_alone_and_why(passerelle: Passerelle, store: Store) -> None:
    told = said(passerelle("exchange", "release", "--where", "type=report.shared", "--preview", "--json"))
    assert (told["done"], told["skipped"], len(told["first"])) == (3, {"state": 3}, 3)
    text = passerelle("exchange", "release", "--where", "type=report.shared", "--preview").out
    assert "3 resteraient comme ils sont : son état ne le permet pas" in text


def test_conditions_are_joined_by_and_or_given_one_by_one(passerelle: Passerelle, store: Store) -> None:
    words = ("--where", f"recipient={HUGO}", "--where", "state=held", "--limit", 2, "--json")
    assert said(passerelle("exchange", "cancel", *words))["left"] is True
    assert sorted(states(passerelle)) == [("failed", "cancelled"), ("failed", "cancelled"), ("failed", "held")]
    listed = said(passerelle("exchange", "list", "--where", f"recipient={HUGO} and state=held", "--json"))
    assert len(listed) == 1


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("retry",), "--where", "usage"),
        (("retry", "ID", "--where", "state=failed"), "--where", "usage"),
        (("retry", "ID", "--preview"), "--preview", "usage"),
        (("retry", "--where", "state=failed", "--force"), "--reason", "usage"),
        (("retry", "--where", "colour=red"), "unknown-code", "rejected"),
        (("cancel", "--where", "state=failed and since=soon"), "bad-instant", "rejected"),
        (("cancel", "no-such-id"), "No such exchange", "not-found"),
        (("cancel", "--where", "state=held", "--tenant", "nobody"), "No such tenant", ""),
        (("list", "--where", "state=nowhere"), "unknown-code", "rejected"),
    ],
)
def test_what_makes_no_sense_is_exit_2_and_says_what_to_write(
    words: tuple[str, ...], told: str, code: str, passerelle: Passerelle, store: Store
) -> None:
    ran = passerelle("exchange", *words)
    assert ran.code == 2
    assert told in ran.err
    if code:
        assert json.loads(passerelle("exchange", *words, "--json").err)["code"] == code
    assert not ran.err.startswith(":"), "no file is named where there is none"
    assert states(passerelle) == [("failed", "held")] * 3


def test_a_whole_exchange_is_steered_without_naming_its_legs(passerelle: Passerelle, store: Store) -> None:
    id = first(passerelle)
    assert passerelle("exchange", "release", id).code == 0
    assert states(passerelle)[0] == ("failed", "waiting")
    assert passerelle("exchange", "hold", id).code == 0
    assert states(passerelle)[0] == ("failed", "held")
    assert passerelle("exchange", "hold", id).code == 2


def test_settled_by_phone_is_shown_with_who_and_how_and_takes_no_note(passerelle: Passerelle, store: Store) -> None:
    id = first(passerelle)
    told = said(passerelle("exchange", "settle", id, "--leg", 1, "--how", "phone", "--json"))
    assert (told["state"], told["settled"]) == ("failed", "phone")
    assert "réglé par téléphone" in passerelle("exchange", "show", id).out
    assert "leg 2: held, réglé sur papier" in passerelle("exchange", "settle", id, "--leg", 2, "--how", "paper").out
    assert passerelle("exchange", "settle", id, "--leg", 1, "--how", "phone").code == 2
    assert passerelle("exchange", "settle", id, "--leg", 2, "--how", "he was told he is ill").code == 2


def test_a_redirect_or_a_repeat_that_cannot_be_is_refused_and_changes_nothing(
    passerelle: Passerelle, store: Store
) -> None:
    id = first(passerelle)
    words = ("--leg", 1, "--to", "luc@elsewhere.test", "--reason", "address-changed")
    assert "not-now" in passerelle("exchange", "redirect", id, *words, "--json").err  # no content is kept
    assert passerelle("exchange", "redirect", id, "--leg", 1, "--to", "luc@elsewhere.test").code == 2
    assert "not-now" in passerelle("exchange", "retry", id, "--leg", 2, "--force", "--reason", "other", "--json").err
    assert states(passerelle) == [("failed", "held")] * 3


def test_a_patients_own_address_is_no_more_shown_than_by_http(
    passerelle: Passerelle, store: Store, tmp_path: Path
) -> None:
    (tenant,) = load(tmp_path / "passerelle.yaml").tenants
    one = exchange(tenant=tenant, state=ExchangeState.PREPARED)
    keep(
        store, one, leg(one, 1, recipient_kind="patient", recipient_id="patient", destination="279035121518989@p.test")
    )
    for words in (("show", one.id), ("show", one.id, "--json"), ("list",), ("list", "--json")):
        ran = passerelle("exchange", *words)
        assert ran.code == 0
        assert one.id in ran.out
        assert "279035121518989" not in ran.out


def test_the_log_names_the_account_that_typed_the_command_whatever_its_surroundings_say(
    passerelle: Passerelle, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")
    id = first(passerelle)
    assert passerelle("exchange", "settle", id, "--leg", 1, "--how", "phone").code == 0
    with store.glance() as unit:
        entries = [json.loads(kept.record) for kept in unit.log.every() if kept.record]
    (told,) = (one for one in entries if one["kind"] == "leg-settled")
    assert told["actor"] == f"cli:{getpwuid(os.getuid()).pw_name}"
