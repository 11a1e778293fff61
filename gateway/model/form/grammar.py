"""What a class asks of its tree: the names of its fields, their types, and the limits of what they hold."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, NewType, get_type_hints

from gateway.model.identity import MailAddress, Rpps
from gateway.model.when import Day, Instant, When

Prose = NewType("Prose", str)
"""Text that may hold line breaks; a plain `str` is one line."""

LINE_LIMIT = 500  # characters
PROSE_LIMIT = 20_000  # characters
LIST_LIMIT = 500  # items

Tree = Any
"""A JSON value: dict, list, str, int, float, bool."""

WORDS = (Rpps, Instant, Day, When, MailAddress)
"""Classes written as one string."""


@lru_cache(maxsize=256)
def grammar(kind: type) -> dict[str, tuple[Any, bool]]:
    """Field name → (type hint, required) of a dataclass, in writing order."""
    hints = get_type_hints(kind)
    return {
        field.name: (hints[field.name], field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
    }


def short_form(kind: Any) -> str | None:
    """The field that may stand for the whole object."""
    return getattr(kind, "SHORT", None) or getattr(kind, "SHORT_READ", None)


@lru_cache(maxsize=4096)
def word(kind: Any, text: str) -> Any:
    """One of WORDS. The same come again and again: senders, mailboxes, dates. What is wrong is not remembered."""
    return kind(text)
