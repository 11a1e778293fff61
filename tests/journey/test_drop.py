"""Events dropped as files: each goes through the same door as any other, once, and its answer lies beside it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.cli.box import CLIENT, TENANT
from gateway.deliver import DropFolder
from gateway.journey.drop import take_dropped
from gateway.journey.gateway import Drop, Gateway
from gateway.journey.work import Shift, Worker
from tests.journey.conftest import EXAMPLES, World

CAP = 1_000_000
PATIENCE_S = 60.0

READER = """
import sys
from pathlib import Path
from gateway.config import load
from gateway.journey.drop import take_dropped
from gateway.wiring import open_gateway
gateway = open_gateway(load(Path(sys.argv[1])))
print("ready", flush=True)
while True:
    take_dropped(gateway)
"""


class Practice:
    """A practice software with a folder, and a gateway that reads it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.speak("canonical")
        take_dropped(self.gateway)

    def speak(self, dialect: str) -> None:
        """From now on the folder's files are in that dialect."""
        drop = Drop(TENANT, CLIENT, dialect, DropFolder(self.folder, max_bytes=CAP))
        self.gateway: Gateway = replace(self.world.gateway, drops=[drop])

    def put(self, name: str, content: bytes) -> None:
        """Leave a file, whole, a minute ago."""
        part = self.folder / "in" / f"{name}.part"
        part.write_bytes(content)
        touched = time.time() - 60
        os.utime(part, (touched, touched))
        part.rename(self.folder / "in" / name)

    def answer(self, name: str, *, shelf: str = "done") -> dict[str, Any]:
        """What lies beside a file."""
        assert (self.folder / shelf / name).exists()
        answer: dict[str, Any] = json.loads((self.folder / shelf / f"{name}.answer.json").read_bytes())
        return answer

    def exchanges(self) -> list[str]:
        """The event of each exchange."""
        with self.gateway.store.glance() as unit:
            return sorted(exchange.event_id for exchange in unit.exchanges.search(TENANT, limit=500).items)


@pytest.fixture
def practice(every_world: World, tmp_path: Path) -> Practice:
    return Practice(every_world, tmp_path / "drop")


def example(kind: str, **changes: Any) -> bytes:
    tree = json.loads((EXAMPLES / f"{kind}.json").read_bytes()) | changes
    return json.dumps({name: value for name, value in tree.items() if value is not None}).encode()


def test_a_dropped_event_becomes_an_exchange_and_its_answer_names_it(practice: Practice) -> None:
    practice.put("equipe.json", example("team.created"))
    assert take_dropped(practice.gateway)
    answer = practice.answer("equipe.json")
    assert (answer["accepted"], answer["refused"]) == (1, 0)
    (event,) = answer["events"]
    with practice.gateway.store.glance() as unit:
        exchange = unit.exchanges.get(TENANT, event["exchange"])
    assert exchange is not None
    assert (exchange.event_id, exchange.client) == ("2026-000101", CLIENT)
    (entry,) = practice.world.audited(kind="event-accepted")
    assert entry["actor"] == f"folder:{CLIENT}"
    assert not take_dropped(practice.gateway)


def test_a_refused_event_is_answered_with_every_fault(practice: Practice) -> None:
    tree = json.loads(example("team.created"))
    tree["sender"]["rpps"] = "10100012341"
    tree["occurred_at"] = "hier"
    practice.put("faux.json", json.dumps(tree).encode())
    take_dropped(practice.gateway)
    answer = practice.answer("faux.json", shelf="refused")
    (event,) = answer["events"]
    assert {(fault["code"], fault["pointer"]) for fault in event["errors"]} == {
        ("rpps-key", "/sender/rpps"),
        ("bad-instant", "/occurred_at"),
    }
    assert all(fault["fr"] and fault["remedy"] for fault in event["errors"])
    assert "10100012341" not in json.dumps(answer)
    assert len(practice.world.audited(kind="event-rejected")) == 1
    assert practice.exchanges() == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"x" * (CAP + 1), b"\0" * 1000])
def test_a_file_that_is_no_event_is_refused_and_stops_nothing(content: bytes, practice: Practice) -> None:
    practice.put("a.json", content)
    practice.put("b.json", example("team.created"))
    take_dropped(practice.gateway)
    assert practice.answer("a.json", shelf="refused")["events"][0]["errors"]
    assert practice.answer("b.json")["accepted"] == 1


def test_a_repeated_file_gets_its_first_answer_and_no_second_exchange(practice: Practice) -> None:
    for _ in range(2):
        practice.put("equipe.json", example("team.created"))
        take_dropped(practice.gateway)
        first = practice.answer("equipe.json")
    assert practice.answer("equipe.json") == first
    assert len(practice.exchanges()) == 1


def test_a_worker_dead_between_the_commit_and_the_move_costs_one_more_look(practice: Practice) -> None:
    practice.put("equipe.json", example("team.created"))
    take_dropped(practice.gateway)
    first = practice.answer("equipe.json")
    # what a kill right after the commit leaves: the file taken, no answer yet
    (practice.folder / "done" / "equipe.json").rename(practice.folder / "taken" / "equipe.json")
    (practice.folder / "done" / "equipe.json.answer.json").unlink()
    assert take_dropped(practice.gateway)
    assert practice.answer("equipe.json") == first
    assert len(practice.exchanges()) == 1


def test_the_same_id_with_another_body_is_refused_and_names_the_other(practice: Practice) -> None:
    practice.put("a.json", example("team.created"))
    take_dropped(practice.gateway)
    practice.put("b.json", example("team.created", legal=None))
    take_dropped(practice.gateway)
    (event,) = practice.answer("b.json", shelf="refused")["events"]
    assert event["code"] == "duplicate-event"
    assert event["other_exchange"] == practice.answer("a.json")["events"][0]["exchange"]


def test_a_folder_that_is_away_stops_no_other(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    away = Drop(TENANT, CLIENT, "canonical", DropFolder(tmp_path / "file", max_bytes=CAP))
    practice.put("a.json", example("team.created"))
    take_dropped(replace(practice.gateway, drops=[away, *practice.gateway.drops]))
    assert practice.answer("a.json")["accepted"] == 1


WEEK = (EXAMPLES / "tablosoin" / "semaine.csv").read_bytes()


def test_a_spreadsheet_of_a_week_is_taken_event_by_event(practice: Practice) -> None:
    practice.speak("tablosoin")
    practice.put("semaine 47.csv", WEEK)
    take_dropped(practice.gateway)
    answer = practice.answer("semaine 47.csv")
    assert (answer["accepted"], answer["refused"]) == (9, 0), answer
    assert answer["events"][0]["where"] == "rows 2-6"
    assert len(practice.exchanges()) == 9


def test_one_wrong_row_is_named_and_stops_no_other_event(practice: Practice) -> None:
    practice.speak("tablosoin")
    right = WEEK.rpartition(b"2026-000144")[0]  # without the end of the team
    wrong = right.replace(b"M-6;10100054328;DURAND", b"M-6;10100054321;DURAND", 1)
    assert wrong != right
    practice.put("semaine.csv", wrong)
    take_dropped(practice.gateway)
    answer = practice.answer("semaine.csv", shelf="refused")
    refused = [event for event in answer["events"] if "exchange" not in event]
    (fault,) = refused[0]["errors"]
    row = wrong[: wrong.index(b"10100054321")].count(b"\n") + 1
    assert (fault["code"], fault["line"]) == ("rpps-key", row)
    assert fault["pointer"] == f'row {row}, column "Membre RPPS"'
    assert answer["accepted"] == 8 - len(refused)
    practice.put("semaine.csv", right)  # corrected, and dropped whole again
    take_dropped(practice.gateway)
    assert practice.answer("semaine.csv")["accepted"] == 8
    assert len(practice.exchanges()) == 8


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'"never closed', "not-csv"),
        (WEEK.replace(b"2026-000101;", b"2026-000101", 1), "row-length"),
        (WEEK.replace(b"28/03/1979", b"\x81"), "wrong-encoding"),
        (b"A;A\r\n1;2\r\n", "duplicate-column"),
    ],
)
def test_a_table_that_cannot_be_cut_into_events_is_refused_whole(content: bytes, code: str, practice: Practice) -> None:
    practice.speak("tablosoin")
    practice.put("a.csv", content)
    take_dropped(practice.gateway)
    (whole,) = practice.answer("a.csv", shelf="refused")["events"]
    assert code in {fault["code"] for fault in whole["errors"]}
    assert all(fault["line"] for fault in whole["errors"])
    assert len(practice.world.audited(kind="event-rejected")) == 1
    assert practice.exchanges() == []


def test_a_table_with_a_heading_alone_says_that_nothing_happened(practice: Practice) -> None:
    practice.speak("tablosoin")
    practice.put("rien.csv", WEEK.partition(b"\r\n")[0] + b"\r\n")
    take_dropped(practice.gateway)
    assert practice.answer("rien.csv")["events"] == []


@pytest.fixture
def working(practice: Practice) -> Iterator[Practice]:
    """With its worker running."""
    worker = Worker(practice.gateway, Shift())
    worker.start()
    yield practice
    worker.stop()


def test_the_worker_reads_the_folder(working: Practice) -> None:
    working.put("equipe.json", example("team.created"))
    until = time.monotonic() + PATIENCE_S
    while not (working.folder / "done" / "equipe.json").exists():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert working.exchanges() == ["2026-000101"]


def test_killed_at_any_moment_each_file_becomes_one_exchange_and_has_its_answer(practice: Practice) -> None:
    names = [f"{n:02}.json" for n in range(40)]
    for n, name in enumerate(names):
        practice.put(name, example("report.shared", id=f"D-{n}", team=None))
    settings = practice.world.settings
    tree = YAML(typ="safe").load(settings.read_text("utf-8"))
    tree["tenants"][TENANT]["clients"][CLIENT]["folder"] = str(practice.folder)
    with settings.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(tree, file)
    for _ in range(3):
        reader = subprocess.Popen([sys.executable, "-c", READER, settings], stdout=subprocess.PIPE)
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"ready\n"
        time.sleep(random.uniform(0.01, 0.1))
        reader.send_signal(signal.SIGKILL)
        reader.communicate()
    take_dropped(practice.gateway)
    answers = [practice.answer(name)["events"][0]["exchange"] for name in names]
    assert len(set(answers)) == len(names)
    assert practice.exchanges() == sorted(f"D-{n}" for n in range(40))
