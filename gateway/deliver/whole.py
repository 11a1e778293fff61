"""A file that appears whole or not at all, and is on the disk before anyone counts on it."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(target: Path, body: bytes) -> None:
    """Write `target` so that its name never stands for half of it; durable when this returns. Raises OSError."""
    part = target.with_name(
        f".{target.name}.{os.getpid()}.{threading.get_ident():x}.part"
    )  # two writers never share one
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    make_durable(target.parent)


def make_durable(directory: Path) -> None:
    """Bring the names in a directory to the disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
