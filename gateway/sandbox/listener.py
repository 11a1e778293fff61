"""The practice software's ear: receives callbacks, verifies who signed them, keeps each once, on disk.

/hook           takes what is signed
/hook/slow      the same, a few seconds later
/hook/later     says 503 with Retry-After the first time of each message, then takes it
/hook/refuse    says 410: this address is gone
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.deliver import verify
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.maildirs import write_whole
from gateway.sandbox.site import Asked, Site, Standing, Told

HOOK = "/hook"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: its `webhook-id`, its CloudEvent, and at which path it came first."""

    message_id: str
    event: dict[str, Any]
    path: str


class Listener(Standing):
    """Listens at `url` on a free port, or on `port`.

    folder   where each message is kept, one file; what an earlier run received is still there
    secrets  any of them may have signed
    slow_s   how long `/hook/slow` takes, seconds
    now      the wall clock, aware
    """

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        secrets: Sequence[str],
        *,
        port: int = 0,
        slow_s: float = 4.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._secrets, self._slow_s, self._now = folder, tuple(secrets), slow_s, now
        self._postponed: set[str] = set()
        self._known = [heard.message_id for heard in received(folder)]
        self._lock = threading.Lock()
        self.refused = 0  # calls nobody of ours has signed
        self.bodies: list[bytes] = []  # of every call that was taken, repeats too
        self._site = Site(certificates, self._answer, port=port)
        self.url = self._site.root + HOOK

    def received(self) -> list[Heard]:
        """Every message taken so far, once, in the order they came."""
        return received(self._folder)

    def _answer(self, asked: Asked) -> Told:
        if asked.method != "POST" or not asked.path.startswith(HOOK):
            return Told(404)
        message_id = verify(self._secrets, asked.headers, asked.body, now=self._now())
        if message_id is None:
            self.refused += 1
            return Told(401)
        magic = asked.path.removeprefix(HOOK)
        if magic == "/refuse":
            return Told(410)
        if magic == "/slow":
            time.sleep(self._slow_s)
        with self._lock:
            if magic == "/later" and message_id not in self._postponed:
                self._postponed.add(message_id)
                return Told(503, headers={"retry-after": "1"})
            return self._take(message_id, asked)

    def _take(self, message_id: str, asked: Asked) -> Told:
        try:
            event = json.loads(asked.body)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or event.get("specversion") != "1.0":
            return Told(400)
        self.bodies.append(asked.body)
        if message_id not in self._known:
            self._known.append(message_id)
            kept = {"id": message_id, "path": asked.path, "event": event}
            file = self._folder / f"{len(self._known):06}.json"
            write_whole(file, json.dumps(kept, ensure_ascii=False).encode())
        return Told(204)


def received(folder: Path) -> list[Heard]:
    """What a listener keeps in that folder; from another process too."""
    kept = (json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json")))
    return [Heard(one["id"], one["event"], one["path"]) for one in kept]
