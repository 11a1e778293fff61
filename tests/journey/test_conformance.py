"""What we make is judged by our own profiles before it leaves: what breaks them is held, and nothing is sent."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.journey.conformance import hold_to_profiles
from gateway.journey.recall import Replayed
from gateway.journey.steer import steer_exchange
from gateway.journey.view import show
from gateway.model.event import read_event
from gateway.model.exchange import ExchangeState, LegState
from gateway.translate import to_bundle
from gateway.validate import Validator, open_library
from gateway.wiring import data
from tests.journey.conftest import World

Notices = list[dict[str, Any]]
BUNDLES = {"team.created": "passerelle-team-creation", "report.shared": "passerelle-report-sharing"}


def stricter(world: World, folder: Path, element: str, **asked: Any) -> tuple[World, Notices]:
    """The same world, to whose profiles of bundles what we write is wrong; and what is said of exchanges held."""
    shutil.copytree(data("profiles"), folder)
    for name in BUNDLES.values():
        file = folder / f"{name}.json"
        definition = json.loads(file.read_text("utf-8"))
        (found,) = (one for one in definition["snapshot"]["element"] if one["id"] == element)
        found.update(asked)
        file.write_text(json.dumps(definition), "utf-8")
    validator, notices = Validator(open_library(own=folder)), Notices()

    def notice(sentence: str, **facts: str | int) -> None:
        if sentence == "exchange held":
            notices.append(facts)

    return world._with(replace(world.gateway, validator=lambda: validator, notice=notice)), notices


def test_a_bundle_that_breaks_a_profile_is_held_and_nothing_is_sent(world: World, tmp_path: Path) -> None:
    wrong, _ = stricter(world, tmp_path / "profiles", "Bundle.timestamp", max="0", min=0)
    accepted = wrong.tell("team.created")
    wrong.prepare()
    wrong.send()
    exchange = wrong.exchange(accepted)
    assert (exchange.state, exchange.reason) == (ExchangeState.HELD, "nonconformant")
    assert exchange.detail == "Bundle max"
    assert wrong.legs(accepted) == ()
    assert wrong.audited(kind="attempt-started") == []


def test_the_log_the_notice_and_the_screen_say_where(world: World, tmp_path: Path) -> None:
    wrong, notices = stricter(world, tmp_path / "profiles", "Bundle.type", patternCode="batch")
    accepted = wrong.tell("team.created")
    wrong.prepare()
    (moved,) = wrong.audited(kind="exchange-moved", state="held")
    assert moved["facts"]["places"] == "Bundle.type pattern"
    assert [one["places"] for one in notices] == ["Bundle.type pattern"]
    shown = show(wrong.exchange(accepted), ())["reason"]
    assert "Bundle.type pattern" in shown["fr"]
    assert "Bundle.type pattern" in shown["en"]
    assert shown["who_can_fix"] == "gateway"


def test_the_admin_is_shown_the_places(world: World, tmp_path: Path) -> None:
    wrong, _ = stricter(world, tmp_path / "profiles", "Bundle.type", patternCode="batch")
    accepted = wrong.tell("team.created")
    wrong.prepare()
    words = ("exchange", "show", accepted.exchange, "--config", str(wrong.settings))
    ran = subprocess.run([sys.executable, "-m", "gateway.cli", *words], capture_output=True, text=True, check=True)
    assert "Bundle.type pattern" in ran.stdout
    assert "que faire" in ran.stdout


def test_it_leaves_once_the_defect_is_mended_and_a_person_retries(world: World, tmp_path: Path) -> None:
    wrong, _ = stricter(world, tmp_path / "profiles", "Bundle.timestamp", max="0", min=0)
    accepted = wrong.tell("team.created")
    wrong.prepare()
    steer_exchange(world.gateway, world.caller, accepted.exchange, "retry")
    world.prepare()
    exchange = world.exchange(accepted)
    assert (exchange.state, exchange.reason, exchange.detail) == (ExchangeState.PREPARED, None, None)
    assert LegState.WAITING in {leg.state for leg in world.legs(accepted)}


def test_of_many_places_the_first_are_told(world: World, tmp_path: Path) -> None:
    wrong, _ = stricter(world, tmp_path / "profiles", "Bundle.entry.request.url", max="0", min=0)
    accepted = wrong.tell("team.created")
    wrong.prepare()
    detail = wrong.exchange(accepted).detail or ""
    assert detail.count("max") == 12
    assert "(+" in detail


@pytest.mark.parametrize("kind", BUNDLES)
def test_what_is_told_holds_nothing_of_the_event(world: World, tmp_path: Path, kind: str) -> None:
    wrong, notices = stricter(world, tmp_path / "profiles", "Bundle.identifier", max="0", min=0)
    accepted = wrong.tell(kind, **({"team": None} if kind == "report.shared" else {}))
    wrong.prepare()
    assert wrong.exchange(accepted).reason == "nonconformant"
    event = json.loads((data("examples") / f"{kind}.json").read_text("utf-8"))
    told = (wrong.exchange(accepted).detail or "") + json.dumps(notices)
    assert event["patient"]["birth_name"] not in told
    assert event["id"] not in told


def test_a_team_too_large_to_be_judged_whole_leaves_and_that_is_noticed(world: World) -> None:
    tree = json.loads((data("examples") / "team.created.json").read_text("utf-8"))
    place = {"scheme": "LOCAL", "system": "1.2.250.1.999.1"}
    tree["team"]["members"] = [
        {
            "id": f"M-{n}",
            "ids": [place | {"value": f"P{n}"}],
            "family": "EXEMPLE",
            "organization": {"ids": [place | {"value": f"L{n}"}], "name": f"Cabinet {n}"},
            "roles": [{"code": "330", "list": "R85"}],
        }
        for n in range(500)
    ]
    event = read_event(tree)
    _, known, _ = Replayed(()).count(event)
    said: list[str] = []
    gateway = replace(world.gateway, notice=lambda sentence, **facts: said.append(sentence))
    hold_to_profiles(gateway, event, to_bundle(event, known, world.gateway.terms))
    assert said == ["bundle too large to be judged whole"]
