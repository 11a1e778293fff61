"""Signed checkpoints (c2sp.org/tlog-checkpoint), written outside the database they watch over.

The last one signed is the notary's memory: nothing is signed that does not provably continue it, so a database put
back to an older day, or rewritten, stops the signing instead of being covered by it.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import errorcode
from pathlib import Path
from typing import Protocol

from gateway.model.errors import Broken, Unreachable
from gateway.record.log import Head
from gateway.record.note import BadNote, Signer, Verifier
from gateway.record.tree import Span, consistency, verify_consistency

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def read_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """A checkpoint from its signed note. Raises BadNote: not signed by that key, another log's, malformed."""
    lines = verifier.open(note).split("\n")
    if len(lines) < 4 or lines[0] != verifier.name:
        raise BadNote("This is not a checkpoint of this log")
    size, encoded = lines[1], lines[2]
    if not (size.isascii() and size.isdecimal() and len(size) < 19 and str(int(size)) == size):
        raise BadNote("The checkpoint's size is malformed")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != 32:
        raise BadNote("The checkpoint's root is malformed")
    return Checkpoint(lines[0], int(size), root)


class Log(Protocol):
    """What the notary asks of a log."""

    def head(self) -> Head:
        """Size and root."""
        ...

    def hashes(self, spans: Sequence[Span]) -> list[bytes]:
        """Hashes of spans of leaves."""
        ...


class Notary:
    """Signs a log's checkpoints into a folder: one file a size, and `latest`. One folder for one log."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self._folder, self._signer = folder, signer

    @property
    def verifier(self) -> Verifier:
        """The key to check them with; its name is the log's origin."""
        return self._signer.verifier

    def latest(self) -> str | None:
        """The last checkpoint signed, as its note; None before the first."""
        file = self._folder / LATEST
        return file.read_text("utf-8") if file.exists() else None

    def all(self) -> list[str]:
        """Every checkpoint kept here, smallest first."""
        return [file.read_text("utf-8") for file in sorted(self._folder.glob("*.checkpoint"))]

    def sign(self, log: Log, *, signed_before: bool) -> str:
        """Sign the log as it stands; returns the note, the last one again when nothing was added since.

        signed_before  whether the log itself remembers an earlier checkpoint: then a folder without one is refused

        Raises Broken when the log does not continue what was signed before: nothing is signed, a person must look.
        Raises Unreachable when the disk takes no file.
        The file is on the disk before this returns. Call it inside `alone`, with the log read inside it as well.
        """
        head, last = log.head(), self.latest()
        if last is None and signed_before:
            raise Broken("The signed checkpoints are missing", advice="Put their folder back before signing again")
        if last is not None:
            before = read_checkpoint(last, self.verifier)
            if before.size == head.size and before.root == head.root:
                return last
            self._check(log, before, head)
        note = self._signer.sign(Checkpoint(self.verifier.name, head.size, head.root).text)
        self._write(f"{head.size:012}.checkpoint", note)
        self._write(LATEST, note)
        return note

    def _check(self, log: Log, before: Checkpoint, head: Head) -> None:
        continues = before.size < head.size
        if continues:
            proof = log.hashes(consistency(before.size, head.size)) if before.size else []
            continues = verify_consistency(before.size, head.size, before.root, head.root, proof)
        if not continues:
            raise Broken(
                "The audit log does not continue its last signed checkpoint",
                advice="Sign nothing; run: passerelle audit verify with the checkpoints",
            )

    def _write(self, name: str, note: str) -> None:
        """Whole or not at all: a disk without room leaves the file as it was."""
        part = self._folder / f".{name}.part"
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._folder / name)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise Unreachable(
                f"The checkpoint could not be written ({errorcode.get(error.errno or 0, 'OSError')})",
                advice="Check that the disk has room",
            ) from None
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else signs into this folder meanwhile, in this process or another."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
