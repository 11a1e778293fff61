"""The drop folder of a practice software: files it leaves are taken once, and shelved beside their answer.

    in/       the software leaves files here, whole: written under another name (`.part`) or elsewhere, then renamed
    taken/    the file being read; one a dead worker left is read again
    done/     files whose every event was accepted, each beside `<name>.answer.json`
    refused/  the others

One worker at a time reads a folder. Whatever bears a name the file system allows is moved, never followed. The software
needs to write in `in/` alone, and to read the rest.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from gateway.deliver.whole import make_durable, write_whole
from gateway.model.errors import Unreachable

ANSWER = ".answer.json"
SETTLED = timedelta(seconds=2)  # a file touched since may still be growing

_UNFINISHED = re.compile(r"\..*|.*(\.part|\.partial|\.tmp|\.temp|\.crdownload|\.filepart|~)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(r"[\w][\w .,@()+=#-]*")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file taken: its bytes, or why they were not read.

    digest  SHA-256 of the bytes, in hex; of what the file system says of the file when it was not read
    why     the code of a fault: `too-large` (over the cap), `unreadable-file` (a link, a device, no right to read it)
    """

    name: str
    digest: str
    raw: bytes = b""
    why: str = ""


class DropFolder:
    """One folder. A file larger than `max_bytes` is refused without being read."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self._in, self._taken = path / "in", path / "taken"
        self._done, self._refused = path / "done", path / "refused"
        self._lock = path / ".lock"
        self.max_bytes = max_bytes

    def look(self, now: datetime) -> Iterator[Dropped]:
        """Take the files that are ready, oldest first, one at a time; each must be shelved before the next is asked.

        Nothing when another worker is reading this folder. Raises Unreachable.
        """
        with self._held() as mine:
            if not mine:
                return
            for name in sorted(os.listdir(self._taken)):  # a worker died before it shelved them
                yield self._read(name)
            for name in self._ready(now):
                with _reachable():
                    try:
                        os.rename(self._in / name, self._taken / name)
                    except FileNotFoundError:
                        continue  # its owner took it back
                yield self._read(name)

    def shelve(self, dropped: Dropped, answer: bytes, *, accepted: bool) -> Path:
        """Move the file to `done/` or `refused/`, its answer first; gives where it lies. Raises Unreachable.

        A name that is already there for other bytes, or that no one could type, gets the file's digest.
        """
        with _reachable():
            target = (self._done if accepted else self._refused) / dropped.name
            if not _fit(dropped.name) or _held_by_other(target, dropped):
                target = target.with_name(_tagged(dropped))
            write_whole(target.with_name(target.name + ANSWER), answer)
            os.rename(self._taken / dropped.name, target)
            make_durable(target.parent)
            make_durable(self._taken)
        return target

    @contextmanager
    def _held(self) -> Iterator[bool]:
        with _reachable():
            for folder in (self._in, self._taken, self._done, self._refused):
                folder.mkdir(parents=True, exist_ok=True)
                if folder.is_symlink():  # whoever may write here must not choose where we write
                    raise _away()
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(lock)

    def _ready(self, now: datetime) -> list[str]:
        """Names of the files nobody is writing any more. A clock that runs ahead over there delays nothing."""
        ready = []
        with _reachable(), os.scandir(self._in) as entries:
            for entry in entries:
                if _UNFINISHED.fullmatch(entry.name) or entry.is_dir(follow_symlinks=False):
                    continue
                try:
                    touched = entry.stat(follow_symlinks=False).st_mtime_ns
                except FileNotFoundError:
                    continue
                if abs(now.timestamp() - touched / 1e9) >= SETTLED.total_seconds():
                    ready.append((touched, entry.name))
        return [name for _, name in sorted(ready)]

    def _read(self, name: str) -> Dropped:
        """The file's bytes, or why not; never more than the cap in memory, never through a link, never waiting."""
        path = self._taken / name
        with _reachable():
            about = path.lstat()
        unread = sha256(os.fsencode(f"{name} {about.st_ino} {about.st_size} {about.st_mtime_ns}")).hexdigest()
        if not stat.S_ISREG(about.st_mode):
            return Dropped(name, unread, why="unreadable-file")
        if about.st_size > self.max_bytes:
            return Dropped(name, unread, why="too-large")
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError:
            return Dropped(name, unread, why="unreadable-file")
        except OSError:
            raise _away() from None
        with _reachable(), open(descriptor, "rb") as file:
            raw = file.read(self.max_bytes + 1)
        if len(raw) > self.max_bytes:  # it grew after all
            return Dropped(name, unread, why="too-large")
        return Dropped(name, sha256(raw).hexdigest(), raw)


def _fit(name: str) -> bool:
    """A name a person can type, that leaves room for the answer's and cannot be taken for one."""
    return bool(_PLAIN.fullmatch(name)) and len(os.fsencode(name)) <= 200 and not name.endswith(ANSWER)


def _held_by_other(target: Path, dropped: Dropped) -> bool:
    if not os.path.lexists(target):
        return False
    if dropped.why or target.is_symlink() or target.stat().st_size != len(dropped.raw):
        return True
    return sha256(target.read_bytes()).hexdigest() != dropped.digest


def _tagged(dropped: Dropped) -> str:
    suffix = Path(dropped.name).suffix
    return dropped.digest + (suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else "")


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise _away() from None


def _away() -> Unreachable:
    return Unreachable("The drop folder cannot be used", advice="Check the mount, its rights and its space")
