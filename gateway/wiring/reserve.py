"""The disk things are recorded on, and the reserve of real blocks kept on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gateway.config import Settings
from gateway.journey.pressure import Ceilings, Pressure

NAME = ".reserve"
PIECE = bytes(1_000_000)
PAGE = os.sysconf("SC_PAGE_SIZE")


class Reserve:
    """A file of real blocks beside what is recorded. Several processes may share it: whoever needs it lets it go.

    folder   where it lies
    others   further places something is recorded in: the least free of all counts
    reserve  its size in bytes; 0: none
    """

    def __init__(self, folder: Path, others: Sequence[Path], reserve: int) -> None:
        self.reserve = reserve
        self._file, self._places = folder / NAME, (folder, *others)

    def free(self) -> int:
        """Bytes that may be written where there is least room; a place that is not there yet is passed over."""
        return min((shutil.disk_usage(place).free for place in self._places if place.exists()), default=2**62)

    def give_back(self) -> bool:
        """Let the blocks go; False when another process did already, or there were none."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        return True

    def hold(self) -> bool:
        """Make it whole; False when it is already, or the disk has no room for it after all."""
        if self.reserve == 0 or (self._file.exists() and self._file.stat().st_size == self.reserve):
            return False
        part = self._file.with_name(f"{NAME}.{os.getpid()}")
        try:
            self._fill(part)
            part.replace(self._file)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True

    def _fill(self, part: Path) -> None:
        with part.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, self.reserve)
            else:
                for start in range(0, self.reserve, len(PIECE)):
                    file.write(PIECE[: self.reserve - start])
            file.flush()
            os.fsync(file.fileno())


def resident() -> int:
    """Bytes of memory this process holds; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE


def pressure_of(settings: Settings) -> Pressure:
    """How much these settings let in. The reserve lies beside SQLite's file; beside the checkpoints when the database
    is a server, which has a disk of its own.
    """
    limits, places = settings.limits, [settings.audit.checkpoints]
    if settings.database.startswith("sqlite:///"):
        places.insert(0, Path(settings.database.removeprefix("sqlite:///")).parent)
    return Pressure(
        Ceilings(
            rate=limits.rate,
            unprepared=limits.unprepared,
            legs=limits.legs,
            memory=limits.memory,
            disk=limits.disk,
        ),
        disk=Reserve(places[0], places[1:], limits.reserve),
        resident=resident,
    )
