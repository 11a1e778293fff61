"""What stands behind `file:PATH` and `env:NAME`, and what is raised when settings are wrong."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.model.errors import Broken


class BadSettings(Broken):
    """passerelle.yaml is wrong; `problems` names every field with file and line."""

    code = "bad-settings"

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems), advice="Correct the settings")


def secret(reference: str, folder: Path) -> bytes:
    """The bytes behind `file:PATH` (relative to folder) or `env:NAME`. Raises BadSettings, never naming the value."""
    kind, _, name = reference.partition(":")
    try:
        return (folder / name).read_bytes() if kind == "file" else os.environb[name.encode()]
    except (OSError, KeyError):
        raise BadSettings([f"{reference}: no such secret"]) from None
