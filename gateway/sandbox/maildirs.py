"""Maildirs on disk: one folder per mailbox, `tmp`, `new` and `cur` inside, readable by any other process."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.pack import message_id_of

HEAD_BYTES = 64_000

_PLACES = ("tmp", "new", "cur")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail in one mailbox, as its operator stored it."""

    recipient: str
    message_id: str | None
    path: Path


class Maildirs:
    """The mailboxes below one folder. Addresses are folded to lower case."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._count = itertools.count()

    def open(self, address: str) -> Path:
        """The Maildir of that mailbox, made when it is new."""
        for place in _PLACES:
            (self.path(address) / place).mkdir(parents=True, exist_ok=True)
        return self.path(address)

    def path(self, address: str) -> Path:
        """Where that mailbox is, or would be."""
        return self._root / address.lower()

    def holds(self, address: str) -> bool:
        """True when that mailbox exists."""
        return (self.path(address) / "new").is_dir()

    def deposit(self, address: str, content: bytes) -> Path:
        """Store one mail; once this returns it is whole and on disk."""
        name = f"{time.time_ns():020d}.{os.getpid()}_{next(self._count):06d}.sandbox"
        part = self.path(address) / "tmp" / name
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return part.rename(self.path(address) / "new" / name)


def arrivals(root: Path) -> list[Arrival]:
    """Every mail now in a mailbox of the sandbox at `root`, oldest first. Needs nothing but the disk."""
    found = [path for place in ("new", "cur") for path in (root / "mail").glob(f"*/{place}/*") if path.is_file()]
    listed = []
    for path in sorted(found, key=lambda one: one.name):
        try:
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        except FileNotFoundError:
            continue  # taken away, or moved from new to cur, while we looked
        listed.append(Arrival(path.parent.parent.name, message_id_of(head), path))
    return listed


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file that a reader sees whole or not at all; a secret one is never readable by others, even half done."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=mode)
    part.write_bytes(content)
    part.replace(path)
