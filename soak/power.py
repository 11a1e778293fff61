"""The power goes: only what was carried to the disk is left. Is every acknowledged event in it?

A child accepts events over SQLite while every write and every sync of the database's files is noted (strace). Of any
moment the disk can then be made as a power cut would leave it: what was synced, and of what was not any part or none.

python -m soak.power FOLDER EVENTS SYNCHRONOUS is the child; it says each exchange once it is acknowledged.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.config import load
from gateway.journey.accept import accept
from gateway.journey.gateway import Caller
from gateway.sandbox.certificates import Certificates
from gateway.wiring import open_gateway, prepare_if_empty
from soak.place import CLIENT, SETTINGS, TENANT, write_settings
from soak.stream import Stream

DATABASE, ACKNOWLEDGED = "passerelle.db", "acknowledged "
_CALLS = "pwrite64,fdatasync,fsync,ftruncate,write"
_CALL = re.compile(r"^\d+ +(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += \d")
_BYTES = re.compile(r'^"((?:\\x[0-9a-f]{2})*)", \d+(?:, (\d+))?$')


@dataclass
class File:
    """One file as the disk has it, and what has been written since without a sync."""

    durable: bytearray
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """All that was written is on the disk."""
        for write in self.pending:
            _apply(self.durable, *write)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """What is found when the power is back: of the writes that were not synced some, or none, have made it."""
        found = bytearray(self.durable)
        for write in self.pending if chance.random() < 0.5 else ():
            if chance.random() < 0.5:
                _apply(found, *write)
        return bytes(found)


def _apply(content: bytearray, at: int, data: bytes | None) -> None:
    """Write there; without data the file ends there."""
    content.extend(bytes(max(0, at - len(content))))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What was found after the cuts.

    cuts     how often the power went
    missing  acknowledged exchanges that were not there afterwards, over all cuts
    broken   databases that could not be read whole
    """

    cuts: int
    missing: int
    broken: int


def measure(folder: Path, *, events: int = 40, cuts: int = 20, synchronous: str = "FULL", seed: int = 1) -> Cut:
    """Accept, and cut the power at that many moments. Raises RuntimeError where processes may not be traced."""
    Certificates(folder / "certificates")
    prepare_if_empty(write_settings(folder, database=f"sqlite:///{DATABASE}", port=0, smtp=1, https=1))
    disk = {DATABASE: File(bytearray((folder / DATABASE).read_bytes()))}
    trace, chance = folder / "trace", random.Random(seed)
    child = [sys.executable, "-m", "soak.power", str(folder), str(events), synchronous]
    traced = ["strace", "-f", "-y", "-xx", "-s", "200000", "-e", f"trace={_CALLS}", "-o", str(trace), *child]
    done = subprocess.run(traced, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"the traced process failed: {done.stderr[-500:]}")
    moments = list(_replay(trace, folder, disk, events, cuts, chance))
    return Cut(cuts=len(moments), missing=sum(missing for missing, _ in moments), broken=sum(bad for _, bad in moments))


def _replay(
    trace: Path, folder: Path, disk: dict[str, File], events: int, cuts: int, chance: random.Random
) -> Iterator[tuple[int, bool]]:
    """(acknowledged and missing, unreadable) at moments drawn among all calls after the first acknowledgement."""
    calls = list(_calls(trace))
    said = [n for n, (_, _, rest) in enumerate(calls) if rest and ACKNOWLEDGED.encode() in _written(rest)[1]]
    if len(said) != events:
        raise RuntimeError(f"{len(said)} of {events} acknowledgements were seen")
    moments = set(chance.sample(range(said[0], len(calls)), cuts - 5)) | set(chance.sample(said, 5))
    acknowledged: list[str] = []
    for n, (call, path, rest) in enumerate(calls):
        name = Path(path).name
        if n in said:
            acknowledged.append(_written(rest)[1].decode().removeprefix(ACKNOWLEDGED).strip())
        elif Path(path).parent == folder and name.startswith(DATABASE) and not name.endswith("-shm"):
            file = disk.setdefault(name, File(bytearray()))
            if call in ("fdatasync", "fsync"):
                file.sync()
            elif call == "pwrite64":
                file.pending.append(_written(rest))
            elif call == "ftruncate":
                file.pending.append((int(rest), None))
            else:
                raise RuntimeError(f"a call nobody thought of: {call}")
        if n in moments:
            yield _found(folder / "after", disk, acknowledged, chance)


def _calls(trace: Path) -> Iterator[tuple[str, str, str]]:
    """(call, path, arguments) in the order they ended; a call that another thread interrupted is put together again."""
    begun: dict[str, str] = {}
    for line in trace.read_text("ascii", "replace").splitlines():
        thread = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        if " resumed>" in line and thread in begun:
            line = begun.pop(thread) + line.partition(" resumed>")[2]
        if match := _CALL.match(line):
            yield match[1], match[3].encode().decode("unicode_escape"), match[4] or ""


def _written(arguments: str) -> tuple[int, bytes]:
    """Where, and which bytes."""
    match = _BYTES.match(arguments)
    if match is None:
        return 0, b""
    return int(match[2] or 0), bytes.fromhex(match[1].replace("\\x", ""))


def _found(folder: Path, disk: dict[str, File], acknowledged: list[str], chance: random.Random) -> tuple[int, bool]:
    """Open what the cut left as a gateway that starts again would, and look for what was acknowledged."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, file in disk.items():
        (folder / name).write_bytes(file.after_cut(chance))
    try:
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {row[0] for row in database.execute("SELECT id FROM exchanges")}
            told = {row[0] for row in database.execute("SELECT exchange FROM entries WHERE exchange IS NOT NULL")}
    except sqlite3.DatabaseError:
        return len(acknowledged), True
    return len(set(acknowledged) - (kept & told)), not whole


def main(folder: Path, events: int, synchronous: str) -> None:
    """Accept one event after another; say each one's exchange when the caller would have its answer."""
    import sqlalchemy

    gateway = open_gateway(load(folder / SETTINGS))
    if synchronous != "FULL":  # the control: a database that is in less of a hurry to be safe

        def hurry_less(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}").close()

        sqlalchemy.event.listen(gateway.store._engine, "connect", hurry_less)
        gateway.store._engine.dispose()
    stream, caller = Stream(events), Caller(TENANT, CLIENT, "client:power")
    for event in stream.all:
        exchange = accept(gateway, caller, stream.body(event), "canonical").exchange
        sys.stdout.write(f"{ACKNOWLEDGED}{exchange}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
