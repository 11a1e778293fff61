"""The demonstration, as a newcomer runs it, and what an admin and an auditor then find."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.record import BadNote, Verifier, verify_proof
from gateway.sandbox.listener import received
from tests.cli.conftest import Ran

Passerelle = Callable[..., Ran]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, Any]:
    """What `passerelle demo --json` printed."""
    command = [sys.executable, "-m", "gateway.cli", "demo", "--json", "--folder", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)
    assert ran.returncode == 0, ran.stderr + (folder / "gateway.log").read_text()
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.fixture
def settings(shown: dict[str, Any], folder: Path) -> Path:
    return folder / "passerelle.yaml"


def test_every_mail_is_read_save_one_that_bounces_and_one_that_is_refused(shown: dict[str, Any]) -> None:
    assert {tuple(leg) for leg in shown["legs"]} == {("event", "recipient", "transport", "state", "code")}
    by_mail = [leg for leg in shown["legs"] if leg["transport"] == "mssante"]
    assert Counter(leg["state"] for leg in by_mail) == {"read": 13, "failed": 1, "refused": 1}
    (failed,) = (leg for leg in shown["legs"] if leg["state"] == "failed")
    (refused,) = (leg for leg in shown["legs"] if leg["state"] == "refused")
    assert failed["recipient"] == "bounce@b.mssante.test"
    assert (refused["recipient"], refused["code"]) == ("refuse-902@b.mssante.test", "902")
    assert {leg["event"] for leg in shown["legs"]} == {
        "team.created",
        "team.member-joined",
        "plan.created",
        "report.shared",
    }


def test_every_other_channel_carries_something_and_it_arrives(shown: dict[str, Any], folder: Path) -> None:
    others = [leg for leg in shown["legs"] if leg["transport"] != "mssante"]
    assert Counter((leg["transport"], leg["state"]) for leg in others) == {
        ("fhir_server", "arrived"): 2,
        ("callback", "arrived"): 4,
        ("folder", "arrived"): 1,
    }
    assert len(list((folder / "mssante" / "fhir").glob("*.json"))) == 2
    assert len(list((folder / "mssante" / "partner").glob("*.json"))) == 4
    assert len(list((folder / "folder" / "out").glob("*.eml"))) == 1


def test_the_practice_software_was_told_of_every_end_and_another_took_what_came(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle
) -> None:
    told = [heard.event for heard in received(settings.parent / "mssante" / "practice")]
    assert Counter(event["type"] for event in told)["exchange.settled"] == 4
    audit = passerelle("audit", "export", "--config", settings).out
    kinds = Counter(json.loads(json.loads(line)["record"])["kind"] for line in audit.splitlines())
    assert kinds["notice-sent"] == len(told)
    assert (kinds["notice-failed"], kinds["inbox-received"], kinds["inbox-acknowledged"]) == (0, 1, 2)


def test_the_log_is_whole(shown: dict[str, Any], settings: Path, passerelle: Passerelle) -> None:
    assert shown["audit"]["whole"] is True
    assert shown["audit"]["entries"] > len(shown["legs"])
    ran = passerelle("audit", "verify", "--config", settings)
    assert ran.code == 0
    assert "une fin coupée n'a pas été cherchée" in ran.out


def test_every_word_of_a_verdict_has_its_french(passerelle: Passerelle) -> None:
    from gateway.cli.audit import _WHY_FR
    from gateway.record import WHY

    assert _WHY_FR.keys() == WHY.keys()


def test_no_patient_is_named_in_logs_audit_or_exchange_lists(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle
) -> None:
    log = (settings.parent / "gateway.log").read_text()
    audit = passerelle("audit", "export", "--config", settings).out
    listed = passerelle("exchange", "list", "--config", settings, "--json").out
    for named in ("PAT-TROIS", "DOMINIQUE", "279035121518989", "1979-03-28", "MARCHAND"):
        assert named not in log
        assert named not in audit
        assert named not in listed


def test_an_admin_sees_each_exchange_and_what_its_states_do_not_prove(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle
) -> None:
    listed = json.loads(passerelle("exchange", "list", "--config", settings, "--json").out)
    assert len(listed) == 4
    ran = passerelle("exchange", "show", listed[0]["id"], "--config", settings)
    assert "ne prouve pas" in ran.out
    assert passerelle("exchange", "show", "no-such-id", "--config", settings).code == 2
    failed = json.loads(passerelle("exchange", "list", "--state", "failed", "--config", settings, "--json").out)
    assert [leg["reason"]["code"] for one in failed for leg in one["legs"] if leg["state"] == "failed"] == ["bounced"]


def test_a_person_may_retry_what_failed_and_cancel_it_before_it_leaves(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle
) -> None:
    (failed,) = json.loads(passerelle("exchange", "list", "--state", "failed", "--config", settings, "--json").out)
    n = next(leg["n"] for leg in failed["legs"] if leg["state"] == "failed")
    words = (failed["id"], "--leg", n, "--config", settings, "--json")
    assert json.loads(passerelle("exchange", "retry", *words).out)["state"] == "waiting"
    assert json.loads(passerelle("exchange", "hold", *words).out)["state"] == "held"
    assert json.loads(passerelle("exchange", "release", *words).out)["state"] == "waiting"
    assert json.loads(passerelle("exchange", "cancel", *words).out)["state"] == "cancelled"
    again = passerelle("exchange", "retry", *words)
    assert (again.code, "not-now" in again.err) == (2, True)


def test_an_entry_is_proved_with_the_public_key_alone(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle
) -> None:
    line = passerelle("audit", "key", "--config", settings).out
    proof = passerelle("audit", "prove", 3, "--config", settings).out
    assert verify_proof(proof, Verifier.read(line)).seq == 3
    other = Verifier.read(line).name
    with pytest.raises(BadNote):
        verify_proof(proof, Verifier(other, b"\x00" * 32))
    assert passerelle("audit", "prove", 10**9, "--config", settings).code == 2


def test_a_log_that_was_changed_or_cut_is_found_out(
    shown: dict[str, Any], settings: Path, passerelle: Passerelle, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(settings.parent, copy)
    words = ("--checkpoint", copy / "kept.checkpoint", "--config", copy / "passerelle.yaml")
    passerelle("audit", "checkpoint", "--out", copy / "kept.checkpoint", "--config", copy / "passerelle.yaml")
    assert passerelle("audit", "verify", *words).code == 0
    _tamper(copy / "passerelle.db", "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
    cut = passerelle("audit", "verify", *words)
    assert cut.code == 3
    assert "ROMPU" in cut.out


def _tamper(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as attacker:
        for (trigger,) in attacker.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            attacker.execute(f"DROP TRIGGER {trigger}")
        attacker.execute(statement)
