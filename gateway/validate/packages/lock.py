"""Checksums seen at first: where nobody published one, the archive fetched first says what it must be ever after."""

from __future__ import annotations

import json
from hashlib import file_digest
from pathlib import Path

NAME = "passerelle-lock.json"


class Lock:
    """`id#version` → SHA-256, in a file beside the packages; it may be copied to another machine."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME

    def expected(self, name: str) -> str | None:
        """What was seen at first; None when it was never fetched here."""
        return self._read().get(name)

    def note(self, name: str, sha256: str) -> None:
        """Keep what was seen. Raises OSError."""
        told = json.dumps({**self._read(), name: sha256}, indent=1, sort_keys=True)
        part = self._file.with_suffix(".part")
        part.write_text(told + "\n", "utf-8")
        part.replace(self._file)

    def _read(self) -> dict[str, str]:
        try:
            told = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return {name: seen for name, seen in told.items() if isinstance(seen, str)} if isinstance(told, dict) else {}


def checksum(file: Path, algorithm: str) -> str:
    """The checksum of a file, in hex."""
    with file.open("rb") as opened:
        return file_digest(opened, algorithm).hexdigest()
