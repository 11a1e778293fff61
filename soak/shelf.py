"""What came, kept by a sink on disk before it answers: one line a parcel, and the bytes of each different one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

ARRIVALS, BODIES = "arrivals.jsonl", "bodies"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One parcel taken: its place in the order of all, the wall time, for whom, under which id, and which bytes."""

    n: int
    at: float
    to: str
    id: str
    digest: str


class Shelf:
    """A folder that keeps parcels; for the threads of one process."""

    def __init__(self, folder: Path) -> None:
        (folder / BODIES).mkdir(parents=True, exist_ok=True)
        self._folder, self._lock, self._count = folder, threading.Lock(), 0
        self._lines = (folder / ARRIVALS).open("a", encoding="utf-8")

    def keep(self, to: str, id: str, body: bytes) -> None:
        """Keep one parcel; its place is the order in which this was called."""
        digest = sha256(body).hexdigest()
        file = self._folder / BODIES / digest
        if not file.exists():
            file.write_bytes(body)
        with self._lock:
            arrival = Arrival(self._count, time.time(), to, id, digest)
            self._count += 1
            self._lines.write(json.dumps(asdict(arrival)) + "\n")
            self._lines.flush()

    def close(self) -> None:
        """Keep nothing more; what came stays."""
        self._lines.close()


class Shelved:
    """The same folder read while it grows."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, 0
        self.seen: set[tuple[str, str]] = set()

    def parcels(self) -> int:
        """How many different ids came so far, each once for a recipient."""
        file = self._folder / ARRIVALS
        if file.exists():
            with file.open("rb") as lines:
                lines.seek(self._read)
                fresh = lines.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read += len(whole)
            self.seen |= {(one["to"], one["id"]) for one in map(json.loads, whole.splitlines())}
        return len(self.seen)


def arrivals(folder: Path) -> Iterator[Arrival]:
    """Everything that came, in its order."""
    file = folder / ARRIVALS
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        yield Arrival(**json.loads(line))


def body_of(folder: Path, digest: str) -> bytes:
    """The bytes of a parcel."""
    return (folder / BODIES / digest).read_bytes()
