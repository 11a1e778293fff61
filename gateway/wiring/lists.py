"""Routes, the directory and the white list of some settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config import Settings
from gateway.wiring.keys import wall_clock
from gateway.wiring.words import data

if TYPE_CHECKING:
    from gateway.route import Directory, Routes, WhiteList
    from gateway.route.directory.fetched import FetchedWhiteList


def open_routes(settings: Settings | None) -> Routes:
    """The routes of the settings; without settings, those of the examples."""
    from gateway.route import Routes

    return Routes.load(settings.routes if settings else data("examples") / "routes.yaml")


def open_directory(settings: Settings | None) -> Directory:
    """Where addresses are looked up."""
    from gateway.route import Extraction, Unlisted

    source = settings.directory.extraction if settings else None
    if settings is None or source is None:
        return Unlisted()
    return Extraction.open(source, source.with_suffix(".index"))


@dataclass(frozen=True, slots=True)
class WhiteListSource:
    """Today's white list, and how it is kept fresh."""

    current: Callable[[], WhiteList | None]
    refresh: Callable[[], None]


def white_list_of(settings: Settings | None) -> WhiteListSource:
    """Fetched where the settings give a url, else read again when its file changes; `current` is None without one."""
    chosen = settings.white_list if settings else None
    if chosen is None:
        return WhiteListSource(lambda: None, lambda: None)
    if chosen.url:
        from gateway.route.directory.fetched import FetchedWhiteList

        fetched = FetchedWhiteList(chosen.url, chosen.ca, chosen.file, chosen.max_age)
        return WhiteListSource(fetched.current, lambda: _refreshed(fetched))
    return WhiteListSource(_reread(chosen.file, chosen.max_age), lambda: None)


def _refreshed(fetched: FetchedWhiteList) -> None:
    fetched.refresh(wall_clock())


def _reread(file: Path, max_age: timedelta) -> Callable[[], WhiteList | None]:
    from gateway.route import BadWhiteList, WhiteList

    held: list[tuple[float, WhiteList]] = []

    def current() -> WhiteList | None:
        try:
            changed = file.stat().st_mtime
            if not held or held[0][0] != changed:
                held[:] = [(changed, WhiteList.load(file, max_age))]
        except (OSError, BadWhiteList):
            pass  # the last good list stays in use; the gate judges its age
        return held[0][1] if held else None

    return current
