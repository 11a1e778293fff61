"""Versions of packages and definitions: which is newer, and which answers what was asked.

Semantic versions (`2.1.0`, `0.1.0-snapshot`), the NOS's dates (`20250523`, `20250523120000`), THO's `2018-08-12`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBERS = re.compile(r"[0-9]+")


@lru_cache(maxsize=4096)
def newness(version: str) -> tuple[tuple[int, ...], bool, str]:
    """A key to sort by, oldest first: numbers as numbers, a release after its own snapshots (SemVer 2 §11)."""
    release, _, label = version.partition("-")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", version):
        release, label = version, ""
    return tuple(int(number[:18]) for number in _NUMBERS.findall(release)), not label, label


def answers(version: str, asked: str) -> bool:
    """Is it the version asked for? `4.0` and `4.0.x` ask for any 4.0; everything else for itself."""
    asked = asked.removesuffix(".x").removesuffix(".*")
    return not asked or version == asked or version.startswith(asked + ".")
