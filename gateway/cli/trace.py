"""Where each field of an event comes from: the rule of the mapping, and the place in the file that was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.cli.output import show

if TYPE_CHECKING:
    from gateway.translate import Traced

HEADING = ("CHAMP", "RÈGLE", "VERBE", "LU DANS LE FICHIER")
_HOW = {"constant": "constante de la table", "default": "valeur par défaut de la table"}


def show_trace(traced: Sequence[Traced], result: Any, as_json: bool, name: str) -> None:
    """A table without any value for people; for machines the `trace` beside the result, called `name`."""
    show({name: result, "trace": [asdict(one) for one in traced]}, as_json, _table(traced))


def _table(traced: Sequence[Traced]) -> Iterator[str]:
    rows = [HEADING, *map(_row, traced)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(HEADING))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(one: Traced) -> tuple[str, str, str, str]:
    place = _HOW.get(one.how) or f"{one.body_line}:{one.body_column}  {one.pointer}"
    return one.at, f"{one.file}:{one.line}", one.verb, place
