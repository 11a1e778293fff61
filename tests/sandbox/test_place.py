"""The sandbox can be started, stopped, started again in the same place, and looked at from outside."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.model.errors import Broken
from gateway.model.identity import MailAddress
from gateway.sandbox import Person, Sandbox, arrivals
from tests.sandbox.conftest import APP, LUC, PEOPLE, Visitor


def test_sandbox_json_says_all_a_gateway_needs(place: Visitor) -> None:
    facts = place.facts
    assert set(facts["operators"]) == {"a.mssante.test", "b.mssante.test"}
    assert Path(facts["white_list"]).read_text().startswith("<?xml")
    assert Path(facts["directory"]).read_text().startswith("Type de BAL|")
    box = place.box(APP)
    assert (box["type"], box["operator"]) == ("APP", "a.mssante.test")
    key, leaf, _ = pkcs12.load_key_and_certificates(Path(box["certificate"]).read_bytes(), None)
    assert key is not None
    assert leaf is not None


def test_secrets_are_readable_by_their_owner_alone(place: Visitor) -> None:
    root = place.sandbox.root
    secret = [*(root / "certificates").glob("*@*"), root / "certificates" / "ca.key", *(root / "tokens").iterdir()]
    assert len(secret) > 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_restart_is_the_same_place(tmp_path: Path) -> None:
    name = "restart@cpts.a.mssante.test"
    with Sandbox(tmp_path, PEOPLE) as sandbox:
        before = Visitor(sandbox).facts
        assert Visitor(sandbox).send(LUC, name)[0] == 250
    with Sandbox(tmp_path, PEOPLE) as sandbox:
        visitor = Visitor(sandbox)
        assert visitor.facts == before
        assert LUC in visitor.arrived(name)
        assert visitor.send(LUC, "again@cpts.a.mssante.test")[0] == 250


def test_stopping_lets_the_answers_leave_first(tmp_path: Path) -> None:
    name = "late@cpts.a.mssante.test"
    with Sandbox(tmp_path, PEOPLE) as sandbox:
        Visitor(sandbox).send(LUC, name)
    assert [one.recipient for one in arrivals(tmp_path)].count(APP) == 1


def test_a_port_taken_by_another_is_told_and_nothing_is_left_open(tmp_path: Path) -> None:
    with Sandbox(tmp_path, PEOPLE) as sandbox:
        port = int(Visitor(sandbox).facts["operators"]["b.mssante.test"]["imap"].rpartition(":")[2])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(Broken, match="taken"):
            Sandbox(tmp_path, PEOPLE).start()


def test_people_come_from_the_caller(tmp_path: Path) -> None:
    zoe = Person(address=MailAddress("zoe@msp.b.mssante.test"), rpps="10100067890", family="ZED", given="Zoé")
    with Sandbox(tmp_path, [PEOPLE[0], zoe]) as sandbox:
        visitor = Visitor(sandbox)
        assert visitor.send("zoe@msp.b.mssante.test", "z@cpts.a.mssante.test")[0] == 250
        assert visitor.send(LUC, "l@cpts.a.mssante.test")[0] == 550
        assert len(visitor.receipts("z@cpts.a.mssante.test", 1)) == 1


def test_a_mailbox_at_no_operator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        Sandbox(tmp_path, [Person(address=MailAddress("x@elsewhere.test"))]).start()


def test_twice_at_once_is_refused(place: Visitor) -> None:
    with pytest.raises(Broken):
        place.sandbox.start()


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.sandbox", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            facts = json.loads(process.stdout.readline())
            assert facts == json.loads((tmp_path / "sandbox.json").read_text())
            visitor = Visitor(Sandbox(tmp_path))
            sender = next(box["address"] for box in facts["mailboxes"] if box["type"] == "APP")
            assert visitor.send("silent@b.mssante.test", "p@cpts.a.mssante.test", sender=sender)[0] == 250
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert [(one.recipient, one.message_id) for one in arrivals(tmp_path)] == [
        ("silent@b.mssante.test", "p@cpts.a.mssante.test")
    ]


def test_twelve_senders_at_once_are_all_served(place: Visitor, fresh: Callable[[], str]) -> None:
    names = [fresh() for _ in range(12)]
    with ThreadPoolExecutor(12) as senders:
        answers = list(senders.map(lambda name: place.send("slow@b.mssante.test", name)[0], names))
    assert answers == [250] * 12
    assert all(place.arrived(name) for name in names)
    assert all(len(place.receipts(name, 1)) == 1 for name in names)
