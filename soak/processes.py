"""The gateway as processes that can be killed at any moment, and come back."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from soak.plan import PASSERELLE, CannotBegin

LOG = "gateway.log"


class Processes:
    """Named processes of one gateway; `serve` is the door, every other one is a worker.

    program  what starts a command of passerelle; another one for a gateway that is broken on purpose
    """

    def __init__(self, settings: Path, program: Sequence[str] = PASSERELLE) -> None:
        self._settings, self._program = settings, tuple(program)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = Lock()
        self._log = (settings.parent / LOG).open("ab")

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start it, without waiting until it is ready."""
        command = [*self._program, "serve" if name == "serve" else "work", "--config", str(self._settings)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        with self._lock:
            self._running[name] = process
        return process

    def start_ready(self, name: str) -> Mapping[str, str]:
        """Start it and wait for its first line. Raises CannotBegin when it ends instead."""
        process = self.start(name)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise CannotBegin(f"{name} does not start: {(self._settings.parent / LOG).read_text()[-500:]}")
        said: Mapping[str, str] = json.loads(line)
        return said

    def kill(self, name: str) -> bool:
        """SIGKILL, whatever it is doing. False when it was dead already: then this has killed nobody."""
        process = self._running[name]
        self._end(process, signal.SIGKILL)
        return process.returncode == -signal.SIGKILL

    def stop(self) -> None:
        """SIGTERM to all, and wait: steps under way are finished first."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process in self._running.values():
            self._end(process, signal.SIGTERM)
        self._running.clear()
        self._log.close()

    @property
    def ended(self) -> list[str]:
        """Those that ended without having been told to."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def _end(self, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
