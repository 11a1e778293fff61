"""What was worked out of packages and is kept for next time: JSON files in a folder only we can write.

Nothing in it is needed: whatever is missing, broken or not ours is worked out again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import weakref
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from threading import get_ident
from typing import Any

import orjson


def default_cache(environment: Mapping[str, str]) -> Path | None:
    """The user's cache folder for this product (XDG on Linux, Library/Caches on macOS); None without a home."""
    if told := environment.get("XDG_CACHE_HOME"):
        return Path(told) / "passerelle"
    if not (home := environment.get("HOME")):
        return None
    return Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "passerelle"


class Cache:
    """Kept answers by name. `folder` None, unwritable or writable by others: nothing is kept, nothing is read."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = _private(folder) if folder else None
        self._passing: Path | None = None

    def room(self) -> Path:
        """A folder to unpack in: the cache's own, else one that lasts as long as this object. Raises OSError."""
        if self.folder is not None:
            return self.folder
        if self._passing is None:
            self._passing = Path(mkdtemp(prefix="passerelle-"))
            weakref.finalize(self, shutil.rmtree, self._passing, True)
        return self._passing

    def read(self, name: str) -> Any:
        """The JSON value kept under a name; None when there is none that can be read."""
        if self.folder is None:
            return None
        try:
            return orjson.loads(self._file(name).read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, name: str, value: Any) -> None:
        """Keep a value; a full disk or a folder gone is no fault."""
        if self.folder is None:
            return
        file = self._file(name)
        part = file.with_suffix(f".{os.getpid()}-{get_ident()}.part")
        with contextlib.suppress(OSError):
            part.write_bytes(orjson.dumps(value))
            part.chmod(0o600)
            part.replace(file)  # atomic: another process reads the old one or the new one

    def _file(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"


def _private(folder: Path) -> Path | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = folder.stat()
    except OSError:
        return None
    foreign = held.st_uid != os.geteuid() or held.st_mode & 0o022
    return None if foreign or not os.access(folder, os.W_OK) else folder
