"""Dialects and code lists, and where the product's data lies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.model.codes import Terms

if TYPE_CHECKING:
    from gateway.translate import Dialects

PACKAGE = Path(__file__).resolve().parents[1]


def data(name: str) -> Path:
    """A folder of data that travels with the product: inside the wheel, or beside the package in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


@dataclass(frozen=True, slots=True)
class Words:
    """Dialects and code lists: all that is needed to turn one form into another, with no settings."""

    terms: Terms
    dialects: Dialects


def open_words(further: Sequence[Path] = (), only: Collection[str] = ()) -> Words:
    """The project's own dialects and those of further folders; `only` names those wanted, empty: all.

    Raises Broken when a table is wrong.
    """
    from gateway.translate import Dialects

    terms, ours = open_terms(), _ours(frozenset(only))
    return Words(terms, Dialects.load(further, terms, only=only, beside=ours) if further else ours)


@cache
def _ours(only: frozenset[str]) -> Dialects:
    """The project's own dialects. Reading their tables costs half a second: once a process."""
    from gateway.translate import Dialects

    return Dialects.load([data("mappings")], open_terms(), only=only)


@cache
def open_terms() -> Terms:
    """The national code lists."""
    return Terms.load(data("mappings") / "tables")
