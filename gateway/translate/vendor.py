"""A practice software's own body ⇄ an event, by the rules of its dialect.

Every body is read in haste first. When anything is wrong with it, it is read once more with care (`seen.py`): a body
without faults pays nothing for the places of faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, islice
from typing import Any, NamedTuple

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, RESERVED, Event, read_event
from gateway.model.faults import Fault
from gateway.translate.body import Part, Written
from gateway.translate.dialect import Dialect, MappingFault, Problem, Told
from gateway.translate.fingerprint import fingerprint_of
from gateway.translate.path import ABSENT, Path, Steps, called, locate, nearest, reach
from gateway.translate.rule import Line
from gateway.translate.seen import FAULT_LIMIT, Again, Seen
from gateway.translate.verb import Unsayable


def read_vendor(body: bytes, dialect: Dialect) -> Event:
    """The event a body of that dialect tells.

    Raises Rejected with every fault (the first 1,000), each with its pointer into the body, its line and its column:
    those of the body itself (see the readers in `body`), `unknown-type` or `unsupported-type`, `unknown-field` for what
    no rule reads, then those of the table (`unknown-code`, `bad-date`…) and of the model together.
    """
    return _event(dialect.body.read(body), dialect)


def read_once(body: bytes, dialect: Dialect) -> tuple[Event, str]:
    """The event a body tells and the body's fingerprint, from one reading. Raises Rejected as `read_vendor` does."""
    written = dialect.body.read(body)
    whole = written.whole
    return _event(written, dialect), sha256(body).hexdigest() if whole is None else fingerprint_of(whole, body)


def split(body: bytes, dialect: Dialect) -> tuple[Part, ...]:
    """Each event of a file as a body of its own, to be read as any other; `Part.in_file` places its faults.

    Raises Rejected for what is wrong with the file as a whole: nothing of it can then be read.
    """
    return dialect.body.split(body)


class Item(NamedTuple):
    """One event of a file, or why it is none, and its place in the file."""

    event: Event | Rejected
    where: str


def read_many(body: bytes, dialect: Dialect) -> tuple[Item, ...]:
    """Every event of a file, each by itself: one that is rejected hides none of the others. Faults are at their place
    in the file. Raises Rejected as `split` does."""
    found = []
    for part in split(body, dialect):
        try:
            found.append(Item(read_vendor(part.body, dialect), part.where))
        except Rejected as wrong:
            found.append(Item(Rejected(part.in_file(fault) for fault in wrong.faults), part.where))
    return tuple(found)


def point(faults: Iterable[Fault], body: bytes, dialect: Dialect) -> tuple[Fault, ...]:
    """Faults found later, in our words, with their place in the body that was read. The body is one that passed."""
    written = dialect.body.read(body)
    seen = Seen(written)
    recognise(written, dialect).shape.read(written.tree, seen, (), ())
    return tuple(seen.told_theirs(faults))


def write_vendor(event: Event, dialect: Dialect) -> bytes:
    """The event in the words of that dialect; what the table has no rule for is left out (`losses` names it).

    Raises MappingFault when the table has not this type of event, or a verb cannot write a value.
    """
    told = dialect.of(event.type)
    if told is None:
        raise MappingFault([Problem(dialect.file, 1, 1, f"dialect {dialect.name} does not tell {event.type}")])
    tree: dict[str, Any] = {}
    try:
        for condition in told.when:
            if len(condition.values) == 1:  # first, so that the body begins with what it is
                condition.write(tree)
        told.shape.write(form.write(event, short=False), tree)
        for condition in told.when:
            condition.write(tree)
        return dialect.body.write(tree)
    except Unsayable as why:
        parts = why.parts or [(Line(field=(event.type,), line=told.line, column=told.column, verb=""), str(why))]
    file = dialect.file
    raise MappingFault(
        [Problem(file, at.line, at.column, f"cannot write {'.'.join(at.field)}: {what}") for at, what in parts]
    )


def _event(written: Written, dialect: Dialect) -> Event:
    told = recognise(written, dialect)
    if not _differing(written, told):
        try:
            return read_event({"type": told.kind.type, **told.shape.read(written.tree, None, (), ())})
        except (Again, Rejected):
            pass
    return read_carefully(written, told)[0]


def read_carefully(written: Written, told: Told) -> tuple[Event, Seen]:
    """The event, and where everything in it came from. Raises Rejected with every fault at its place."""
    seen = Seen(written)
    tree = told.shape.read(written.tree, seen, (), ())
    for column in sorted(_differing(written, told)):
        seen.strange((column,), Fault("rows-differ"))
    try:
        event = read_event({"type": told.kind.type, **tree})
    except Rejected as wrong:
        raise Rejected(islice(chain(seen.faults, seen.told_theirs(wrong.faults)), FAULT_LIMIT)) from None
    if seen.faults:
        raise Rejected(seen.faults[:FAULT_LIMIT])
    return event, seen


def _differing(written: Written, told: Told) -> frozenset[str]:
    """The columns in which the rows of one event must agree, and do not."""
    if not written.differs:
        return written.differs
    return written.differs & (told.shape.shared | {str(condition.path[0]) for condition in told.when})


def recognise(written: Written, dialect: Dialect) -> Told:
    """How the body's type of event is told. Raises Rejected `unknown-type`, `unsupported-type` and their like."""
    raw = written.tree
    for told in dialect.told:
        if all(condition.holds(raw) for condition in told.when):
            return told
    asked = [condition for told in dialect.told for condition in told.when if condition.values]
    if not asked:
        raise Rejected([_unknown(written, [condition.path for told in dialect.told for condition in told.when])])
    path = asked[0].path
    value = reach(raw, path)
    if value is ABSENT:
        code, about = "missing-field", called(path)
    elif value is None:
        code, about = "null-field", ""
    else:
        ours = isinstance(value, str) and (value in KINDS or value in RESERVED)
        code, about = "unsupported-type" if ours else "unknown-type", ""
    raise Rejected([_of_type(written, nearest(raw, path), code, about)])


def _unknown(written: Written, paths: Sequence[Path]) -> Fault:
    """`unknown-type`, at the last place that all events share."""
    shared: Steps = ()
    for steps in zip(*(path[:-1] for path in paths), strict=False):
        if len(set(steps)) > 1 or reach(written.tree, (*shared, steps[0])) is ABSENT:
            break
        shared = locate(written.tree, (*shared, steps[0]))
    return _of_type(written, shared, "unknown-type", "")


def _of_type(written: Written, steps: Steps, code: str, about: str) -> Fault:
    line, column = written.spot(steps)
    return Fault(code, ("type",), about, written.pointer(steps), line, column)
