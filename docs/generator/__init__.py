"""Writes docs/reference/ from the code. `python -m docs.generator`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.codes import codes
from docs.generator.commands import commands
from docs.generator.fields import fields
from docs.generator.header_rules import header_rules
from docs.generator.operations import operations
from docs.generator.settings import settings
from docs.generator.states import states
from docs.generator.validation_rules import validation_rules

FOLDER = Path(__file__).resolve().parents[1] / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "cda-rules.md": header_rules,
    "cli.md": commands,
    "errors.md": codes,
    "fields.md": fields,
    "http.md": operations,
    "settings.md": settings,
    "states.md": states,
    "validation-rules.md": validation_rules,
}
"""File name → what it should hold."""

NOTE = (
    "<!-- Written by `python -m docs.generator` from the code. Do not edit: change the code and write it again. -->\n\n"
)


def page(name: str) -> str:
    """One page as the code is now."""
    return NOTE + PAGES[name]().rstrip() + "\n"
