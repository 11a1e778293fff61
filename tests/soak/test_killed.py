"""The short form of `make soak`: processes and databases die at any moment, and every promise is kept."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from soak.plan import Plan
from soak.run import run
from soak.verdict import Verdict
from tests.places.postgresql import binaries

Walked = Callable[[Plan], Verdict]

pytestmark = pytest.mark.timeout(1800)  # a machine that does much else needs more than the usual ten minutes
needs_postgresql = pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed")


@pytest.fixture
def walked(tmp_path: Path, record_property: Callable[[str, object], None]) -> Walked:
    """Runs a plan, prints what it saw as it goes, and tells the verdict at the end of the session."""

    def walk(plan: Plan) -> Verdict:
        verdict = run(plan, tmp_path, print)
        record_property("figure", f"soak of {plan.victims}: {asdict(verdict)}")
        shutil.rmtree(tmp_path / "sinks")  # what is red is kept: pytest leaves the folder of the last runs
        return verdict

    return walk


def held(verdict: Verdict, plan: Plan) -> bool:
    """Every promise, and the run was what was asked for: nothing holds of a run in which nothing happened."""
    assert (verdict.acknowledged, verdict.kills) == (plan.events, plan.kills), verdict
    assert verdict.lost == verdict.distinct_duplicates == verdict.order_inversions == 0, verdict
    assert verdict.physical_duplicates <= verdict.unknown_outcomes, verdict
    assert verdict.audit_whole, verdict
    return verdict.holds


def test_a_thousand_events_through_twenty_kills_on_sqlite(walked: Walked) -> None:
    plan = Plan(engine="sqlite", events=1000, kills=20)
    assert held(walked(plan), plan)


@needs_postgresql
def test_three_hundred_events_through_six_kills_on_postgresql(walked: Walked) -> None:
    plan = Plan(engine="postgresql", events=300, kills=6)
    assert held(walked(plan), plan)


@needs_postgresql
def test_a_database_that_is_stopped_and_started_again_and_again(walked: Walked) -> None:
    plan = Plan(engine="postgresql", events=120, kills=6, victims="database")
    assert held(walked(plan), plan)


def broken(fault: str) -> tuple[str, ...]:
    """What starts a gateway that is broken on purpose."""
    return sys.executable, "-m", "soak.broken", fault


def test_a_gateway_that_acknowledges_before_its_commit_is_seen_to_lose(walked: Walked) -> None:
    plan = Plan(events=64, kills=2, victims="door", workers=1, within_s=15.0, program=broken("early"))
    verdict = walked(plan)
    assert verdict.lost > 0
    assert not verdict.holds


def test_a_gateway_with_many_faults_is_seen_in_every_figure(walked: Walked) -> None:
    """Each fault alone was seen, too: `soak/broken.py` says how to try them."""
    faults = "anew+idle+jostled+sure+astray+tacit"
    verdict = walked(Plan(events=96, kills=0, workers=1, within_s=15.0, program=broken(faults)))
    assert verdict.lost > 0
    assert verdict.distinct_duplicates > 0
    assert verdict.order_inversions > 0
    assert verdict.unknown_outcomes == 0
    assert not verdict.audit_whole
    assert not verdict.holds
