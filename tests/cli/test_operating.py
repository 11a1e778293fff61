"""init, check, db, key, and the running gateway: what an admin types."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Ran

Passerelle = Callable[..., Ran]


@pytest.fixture
def fresh(passerelle: Passerelle, tmp_path: Path) -> Path:
    """A folder with first settings and a database, and no mailbox yet."""
    assert passerelle("init", tmp_path).code == 0
    assert passerelle("db", "upgrade").code == 0
    return tmp_path


def test_first_settings_are_in_order_and_never_overwritten(passerelle: Passerelle, tmp_path: Path) -> None:
    first = json.loads(passerelle("init", tmp_path, "--json").out)
    assert {Path(path).name for path in first} == {"passerelle.yaml", "routes.yaml", "audit.key", "vault.key"}
    assert (tmp_path / "secrets" / "vault.key").stat().st_mode & 0o077 == 0
    assert passerelle("check").code == 0
    assert json.loads(passerelle("init", tmp_path, "--json").out) == []


def test_wrong_settings_are_told_all_at_once_with_file_and_line(passerelle: Passerelle, fresh: Path) -> None:
    file = fresh / "passerelle.yaml"
    text = file.read_text("utf-8").replace("nil: DEV000000", "nile: DEV000000")
    file.write_text(text + "server: {host: 0.0.0.0}\nwork: {lease: soon}\n", "utf-8")
    ran = passerelle("check", "--json")
    problems = json.loads(ran.out)["problems"]
    assert ran.code == 2
    assert any("nile: this field does not exist" in problem for problem in problems)
    assert any("work.lease" in problem and ":" in problem for problem in problems)
    assert any("nil:" in problem for problem in problems)
    lines = text.splitlines()
    line = next(number for number, content in enumerate(lines, 1) if content.startswith("nile"))
    assert any(f"passerelle.yaml:{line}:" in problem for problem in problems)


def test_an_open_door_needs_tls_or_a_proxy(passerelle: Passerelle, fresh: Path) -> None:
    file = fresh / "passerelle.yaml"
    file.write_text(file.read_text("utf-8") + "server: {host: 0.0.0.0}\n", "utf-8")
    assert "needs TLS" in passerelle("check").out


def test_a_secret_that_is_missing_is_named_but_never_shown(passerelle: Passerelle, fresh: Path) -> None:
    (fresh / "secrets" / "vault.key").write_text("c2hvcnQ=")
    ran = passerelle("check")
    assert ran.code == 2
    assert "vault.key" in ran.out
    assert "c2hvcnQ" not in ran.out


def test_a_command_without_settings_says_how_to_make_some(passerelle: Passerelle) -> None:
    ran = passerelle("exchange", "list")
    assert ran.code == 2
    assert "passerelle init" in ran.err


COMMANDS = (
    "exchange list",
    "exchange show ID",
    "exchange hold ID",
    "exchange release --where state=held --preview",
    "exchange redirect ID --leg 1 --to b@b.fr --reason address-wrong",
    "exchange settle ID --leg 1 --how phone",
    "exchange balance",
    "exchange stuck",
    "audit verify",
    "audit export",
    "audit prove 0",
    "audit checkpoint",
    "audit key",
    "key list",
    "key revoke ID",
    "key create --tenant mon-organisation --client logiciel --role vendor",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_not_ready_is_told_by_every_command(
    passerelle: Passerelle, tmp_path: Path, command: str
) -> None:
    assert passerelle("init", tmp_path).code == 0
    ran = passerelle(*command.split())
    assert (ran.code, ran.out) == (2, "")
    assert "passerelle db upgrade" in ran.err
    told = json.loads(passerelle(*command.split(), "--json").err)
    assert told["code"] == "broken"
    assert "passerelle db upgrade" in told["detail"]


@pytest.mark.parametrize("command", ["serve", "work"])
def test_what_should_run_and_cannot_leaves_with_another_code(
    passerelle: Passerelle, tmp_path: Path, command: str
) -> None:
    assert "passerelle init" in passerelle(command).err
    assert passerelle(command).code == 1
    assert passerelle("init", tmp_path).code == 0
    ran = passerelle(command)
    assert (ran.code, "passerelle db upgrade" in ran.err) == (1, True)


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.startswith(("audit", "key create"))])
def test_a_tenant_nobody_knows_is_told_by_every_command(passerelle: Passerelle, fresh: Path, command: str) -> None:
    ran = passerelle(*command.split(), "--tenant", "nobody", "--json")
    assert ran.code == 2
    assert json.loads(ran.err)["code"] == "usage"


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(passerelle: Passerelle, fresh: Path) -> None:
    words = ("--tenant", "mon-organisation", "--client", "logiciel", "--role", "vendor", "--json")
    made = json.loads(passerelle("key", "create", *words).out)
    listed = passerelle("key", "list", "--json").out
    assert made["key"] not in listed
    assert [(row["id"], row["revoked_at"]) for row in json.loads(listed)] == [(made["id"], None)]
    assert passerelle("key", "revoke", made["id"]).code == 0
    assert json.loads(passerelle("key", "list", "--json").out)[0]["revoked_at"] is not None
    assert passerelle("key", "revoke", made["id"]).code == 2
    assert passerelle("key", "create", "--tenant", "nobody", *words[2:]).code == 2


def test_up_answers_on_its_port_until_it_is_told_to_stop(passerelle: Passerelle, fresh: Path) -> None:
    file = fresh / "passerelle.yaml"
    file.write_text(file.read_text("utf-8") + "server: {port: 0}\n", "utf-8")
    command = [sys.executable, "-m", "gateway.cli", "up", "--config", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["listening"]
        assert httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
        assert httpx.get(f"{url}/v1/exchanges", trust_env=False).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
    whole = json.loads(passerelle("audit", "verify", "--json").out)
    assert whole["whole"] is True
