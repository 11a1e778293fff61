"""Where every value of an event came from: which line of the table read it, and where it stood in the body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.model import form
from gateway.model.faults import Place
from gateway.translate.body.json import pointer
from gateway.translate.dialect import Dialect, Told
from gateway.translate.objects import Each
from gateway.translate.path import locate
from gateway.translate.rule import Several, Values
from gateway.translate.seen import Note, Seen
from gateway.translate.shape import Shape
from gateway.translate.vendor import read_carefully, recognise


@dataclass(frozen=True, slots=True)
class Traced:
    """One value of an event. It holds no value: only places.

    at           its JSON Pointer in the canonical event
    file, line, column   the line of the table that says it, and `verb`: how
    pointer      its place in the sender's body, with `body_line` and `body_column` (0 = not known); empty for `how`
                 other than read
    how          `read`; `constant` (the table always says so), `default` (nothing was said), `when` (the type of event)
    """

    at: str
    file: str
    line: int
    column: int
    verb: str
    pointer: str
    body_line: int
    body_column: int
    how: str


def trace(body: bytes, dialect: Dialect) -> tuple[Traced, ...]:
    """Each value of the event a body tells, in the order of the event. Raises Rejected as `read_vendor` does."""
    written = dialect.body.read(body)
    told = recognise(written, dialect)
    event, seen = read_carefully(written, told)
    notes = {place: note for at, note in seen.notes.items() if _is_value(at, note, seen) for place in _places(at, note)}
    order = [at for at in _leaves(form.write(event, short=False), ()) if at in notes]
    rest = notes.keys() - set(order)
    order += [at for at in notes if at in rest]
    return (_type(told, seen, dialect), *(_traced(at, notes[at], seen, dialect) for at in order))


def _is_value(at: Place, note: Note, seen: Seen) -> bool:
    """Objects and lists are told by what is in them."""
    if isinstance(note.by, (Shape, Each)):
        return False
    return not (isinstance(note.by, Values) and (*at, 0) in seen.notes)


def _leaves(tree: Any, at: Place) -> Iterator[Place]:
    """The place of every value of an event, and of every object, in its order."""
    yield at
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, one in inner:
        yield from _leaves(one, (*at, step))


def _places(at: Place, note: Note) -> Iterator[Place]:
    """The fields one value fills: several when the rule says so."""
    if isinstance(note.by, Several):
        above = at[: len(at) - len(note.by.at.field)]
        yield from (above + field for field in note.by.fields)
    else:
        yield at


def _traced(at: Place, note: Note, seen: Seen, dialect: Dialect) -> Traced:
    line = note.by.at
    where, spot = "", (0, 0)
    if note.how == "read":
        where, spot = seen.written.pointer(note.steps), seen.written.spot(note.steps)
    return Traced(pointer(at), dialect.file, line.line, line.column, line.verb, where, *spot, note.how)


def _type(told: Told, seen: Seen, dialect: Dialect) -> Traced:
    steps = locate(seen.written.tree, told.when[0].path)
    where, spot = seen.written.pointer(steps), seen.written.spot(steps)
    return Traced("/type", dialect.file, told.line, told.column, "when", where, *spot, "when")
