"""What a vendor's developer reads first is what happens: the page's own commands are run, in its order, as they stand.

Only the port and the folders differ, so that two of these may run on one machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "getting-started.md"
PATIENCE_S = 60.0
STAYS = ("sandbox", "up")  # commands that run until told to stop


@dataclass
class Developer:
    """Someone who types the page, in a folder that looks like the project."""

    folder: Path
    port: int
    answers: list[str] = field(default_factory=list)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def follow(self, page: Path) -> None:
        """Type every block of a page, from the first to the last."""
        for language, block in re.findall(r"```(sh|python)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            block = block.replace("8410", str(self.port)).replace("/tmp/", f"{self.folder}/")
            if language == "python":
                self._run([sys.executable, "-c", block])
                continue
            for line in block.replace("\\\n", " ").splitlines():
                self._type(line)

    def _type(self, line: str) -> None:
        words = line.split()
        if words[0] == "make":
            return
        if words[0].endswith("passerelle") and words[1] in STAYS:
            self._leave_running(line.partition("#")[0])
        else:
            self._run(["bash", "-euc", f"{line}\nprintf '\\036%s' \"${{PASSERELLE_KEY-}}\""])

    def _run(self, command: list[str]) -> None:
        ran = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert ran.returncode == 0, (command[-1], ran.stderr)
        said, _, key = ran.stdout.partition("\x1e")
        self.environment["PASSERELLE_KEY"] = key or self.environment.get("PASSERELLE_KEY", "")
        self.answers.append(said)

    def _leave_running(self, line: str) -> None:
        """Start it, and wait for the line that says it is ready."""
        log = self.folder / f"{line.split()[1]}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {line}"], cwd=self.folder, env=self.environment, stdout=out, stderr=out
            )
        self.running.append(process)
        until = time.monotonic() + PATIENCE_S
        while not re.search(rb"passerelle up --config|listening", log.read_bytes()):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until
            time.sleep(0.1)
        settings = self.folder / "var" / "sandbox" / "passerelle.yaml"
        settings.write_text(settings.read_text("utf-8").replace("8410", str(self.port)), "utf-8")

    def leave(self) -> None:
        """Stop what still runs."""
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=PATIENCE_S)

    def exchanges(self) -> list[dict[str, Any]]:
        """What the gateway has of theirs now."""
        bearer = {"Authorization": f"Bearer {self.environment['PASSERELLE_KEY']}"}
        answer = httpx.get(f"http://127.0.0.1:{self.port}/v1/exchanges", headers=bearer).json()
        items: list[dict[str, Any]] = answer["items"]
        return items


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    folder = tmp_path_factory.mktemp("project")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "passerelle").symlink_to(Path(sys.executable).parent / "passerelle")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "mappings").symlink_to(ROOT / "mappings")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    someone = Developer(folder, port)
    try:
        someone.follow(PAGE)
        yield someone
    finally:
        someone.leave()


def test_the_page_is_typed_to_its_end_and_every_call_is_answered_well(developer: Developer) -> None:
    answers = [json.loads(answer) for answer in developer.answers if answer.startswith("{")]
    assert not [answer for answer in answers if answer.get("code") or answer.get("errors")]
    said = "".join(developer.answers)
    assert "202 {'id'" in said
    accepted = [answer for answer in answers if answer.get("state") == "accepted"]
    assert len(accepted) >= 2
    (foreseen,) = (answer for answer in answers if "not_matched" in answer and "event_id" in answer)
    assert foreseen["trace"]


def test_the_events_it_sends_arrive(developer: Developer) -> None:
    until = time.monotonic() + PATIENCE_S
    while not all(
        leg["state"] in ("read", "delivered", "handed-over", "failed", "refused", "held", "denied")
        for exchange in developer.exchanges()
        for leg in exchange["legs"]
    ) or not all(exchange["legs"] for exchange in developer.exchanges()):
        assert time.monotonic() < until, developer.exchanges()
        time.sleep(0.2)
    assert {exchange["type"] for exchange in developer.exchanges()} == {
        "team.created",
        "team.member-joined",
        "plan.created",
    }
    assert any(leg["state"] == "read" for exchange in developer.exchanges() for leg in exchange["legs"])


def test_the_guide_to_a_dialect_of_ones_own_can_be_typed_too(developer: Developer) -> None:
    said = len(developer.answers)
    developer.follow(ROOT / "docs" / "howto" / "vendor.md")
    checked, traced, written = (answer for answer in developer.answers[said:] if answer)
    assert "mon-logiciel" in checked
    assert "equipe_membres" in traced
    assert json.loads(written) == json.loads((ROOT / "examples" / "logiflat" / "team.created.json").read_bytes())
