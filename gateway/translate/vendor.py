"""A practice software's own body ⇄ an event, by the rules of its dialect.

A fault the model finds in our words is told with its place in theirs: the rules lead there once more, so that a body
without faults costs no places. XML bodies will come in beside `body.read_json`; nothing below it knows the writing of
a body but `body.pointer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, islice
from typing import Any, NamedTuple

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, RESERVED, Event, read_event
from gateway.model.faults import Fault, Place
from gateway.translate.body import NAME_LIMIT, Step, pointer, read_json, write_json
from gateway.translate.dialect import Condition, Dialect, MappingFault, Places, Problem, Rule, Shape, Told
from gateway.translate.fingerprint import fingerprint_of
from gateway.translate.verb import Unsayable

FAULT_LIMIT = 1_000  # faults told at once: beyond, the body is not an attempt at an event

_ABSENT: Any = object()


def read_vendor(body: bytes, dialect: Dialect) -> Event:
    """The event a body of that dialect tells.

    Raises Rejected with every fault (the first 1,000), each with its JSON Pointer into the body: those of the body
    itself (see `body.read_json`), `unknown-type` or `unsupported-type`, `unknown-field` for what no rule reads, then
    those of the table (`unknown-code`, `bad-date`…) and of the model together.
    """
    return _event(read_json(body), dialect)


def read_once(body: bytes, dialect: Dialect) -> tuple[Event, str]:
    """The event a body tells and the body's fingerprint, from one reading. Raises Rejected as `read_vendor` does."""
    raw = read_json(body)
    return _event(raw, dialect), fingerprint_of(raw, body)


def _event(raw: dict[str, Any], dialect: Dialect) -> Event:
    told = _recognise(raw, dialect)
    reading = _Reading(told.shape, raw)
    try:
        event = read_event({"type": told.kind.type, **reading.tree})
    except Rejected as wrong:
        raise Rejected(islice(chain(reading.faults, reading.told_theirs(wrong.faults)), FAULT_LIMIT)) from None
    if reading.faults:
        raise Rejected(reading.faults[:FAULT_LIMIT])
    return event


def point(faults: Iterable[Fault], body: bytes, dialect: Dialect) -> tuple[Fault, ...]:
    """Faults found later, in our words, with their pointer into the body that was read. The body is one that passed."""
    raw = read_json(body)
    reading = _Reading(_recognise(raw, dialect).shape, raw)
    return tuple(reading.told_theirs(faults))


def write_vendor(event: Event, dialect: Dialect) -> bytes:
    """The event in the words of that dialect, as a UTF-8 body; what the table has no rule for is left out.

    Raises MappingFault when the table has not this type of event, or a verb cannot write a value.
    """
    told = dialect.of(event.type)
    if told is None:
        raise MappingFault([Problem(dialect.file, 1, 1, f"dialect {dialect.name} does not tell {event.type}")])
    problems: list[Problem] = []
    tree: dict[str, Any] = {}
    for condition in told.when:
        _put(tree, condition.path, condition.value)
    _write(told.shape, form.write(event, short=False), tree, dialect.file, problems)
    if problems:
        raise MappingFault(problems)
    return write_json(tree)


def _recognise(raw: dict[str, Any], dialect: Dialect) -> Told:
    for told in dialect.told:
        if all(_holds(raw, condition) for condition in told.when):
            return told
    path = dialect.told[0].when[0].path
    value = _reach(raw, path)
    where = pointer(path)
    if value is _ABSENT:
        raise Rejected([Fault("missing-field", ("type",), path[-1], where)])
    if value is None:
        raise Rejected([Fault("null-field", ("type",), "", where)])
    ours = isinstance(value, str) and (value in KINDS or value in RESERVED)
    raise Rejected([Fault("unsupported-type" if ours else "unknown-type", ("type",), "", where)])


def _holds(raw: dict[str, Any], condition: Condition) -> bool:
    value = _reach(raw, condition.path)
    return type(value) is type(condition.value) and value == condition.value


class _Way(NamedTuple):
    """How an object of theirs was come to: from the one above, by its field of ours and its path in their body."""

    above: _Way | None
    field: Place
    path: tuple[Step, ...]

    @property
    def at(self) -> Place:
        """Its place in the event."""
        return (*self.above.at, *self.field) if self.above else self.field

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its place in their body."""
        return (*self.above.steps, *self.path) if self.above else self.path


class _Reading:
    """One body being read, and the faults found on the way. Places are worked out for faults only."""

    def __init__(self, shape: Shape, raw: dict[str, Any]) -> None:
        self.faults: list[Fault] = []
        self._refused: set[Place] = set()
        self._shape, self._raw = shape, raw
        self.tree = self._read(shape, raw, _Way(None, (), ()))

    def told_theirs(self, faults: Iterable[Fault]) -> Iterable[Fault]:
        """The model's faults with their pointer, save those about a value the table has refused already."""
        for fault in faults:
            if not any(fault.at[:length] in self._refused for length in range(1, len(fault.at) + 1)):
                yield self._placed(fault)

    def _read(self, shape: Shape, raw: dict[str, Any], way: _Way) -> dict[str, Any]:
        self._strangers(shape.places, raw, way)
        tree: dict[str, Any] = {}
        for need in shape.needs:
            _put(tree, need, {})
        for rule in shape.rules:
            if rule.path[0] not in raw:
                continue
            value = _reach(raw, rule.path)
            if value is not _ABSENT:
                _put(tree, rule.field, self._value(rule, value, way))
        return tree

    def _value(self, rule: Rule, raw: Any, way: _Way) -> Any:
        if not rule.many:
            return self._one(rule, raw, way, rule.field, rule.path)
        if not isinstance(raw, list) or len(raw) > form.LIST_LIMIT:
            return raw  # the model says which of the two is wrong
        return [self._one(rule, item, way, (*rule.field, index), (*rule.path, index)) for index, item in enumerate(raw)]

    def _one(self, rule: Rule, raw: Any, way: _Way, field: Place, path: tuple[Step, ...]) -> Any:
        if raw is None:
            return raw
        try:
            if rule.shape is None:
                assert rule.verb is not None
                return rule.verb.inward(raw)
            if isinstance(raw, dict):
                return self._read(rule.shape, raw, _Way(way, field, path))
            if rule.short:
                return {rule.short: self._one(rule.alone, raw, way, (*field, rule.short), path)}
            raise Rejected([Fault("wrong-type", about="object")])
        except Rejected as wrong:
            at = (*way.at, *field)
            self._refused.add(at)
            self.faults += [self._placed(fault.under(*at)) for fault in wrong.faults]
            return raw

    def _strangers(self, places: Places, raw: dict[str, Any], way: _Way) -> None:
        for name, value in raw.items():
            known = places.get(name)
            if isinstance(known, (Rule, Condition)):
                continue
            if len(self.faults) >= FAULT_LIMIT:
                return
            inside = way if len(name) > NAME_LIMIT else _Way(way, (), (name,))
            if known is None:
                self.faults.append(Fault("unknown-field", pointer=pointer(inside.steps)))
            elif isinstance(value, dict):
                self._strangers(known, value, inside)
            else:
                wrong = Fault("null-field") if value is None else Fault("wrong-type", about="object")
                self.faults.append(replace(wrong, pointer=pointer(inside.steps)))

    def _placed(self, fault: Fault) -> Fault:
        """The fault with its pointer: down the rules to the nearest value read, then where they look for the rest."""
        shape: Shape | None = self._shape
        raw: Any = self._raw
        steps: tuple[Step, ...] = ()
        rest, about = fault.at, fault.about
        while shape is not None and rest:
            rule = _nearest(shape, raw, rest)
            if rule is None:
                break
            steps, below = steps + rule.path, rest[len(rule.field) :]
            raw = _reach(raw, rule.path)
            if raw is _ABSENT:
                if fault.code == "missing-field" and not below:
                    about = str(rule.path[-1])
                break
            if rule.many and below and isinstance(raw, list) and below[0] in range(len(raw)):
                raw, steps, below = raw[int(below[0])], (*steps, below[0]), below[1:]
            shape, rest = rule.shape if isinstance(raw, dict) else None, below
            if shape is None:
                steps += _as_far(raw, rest)
        return Fault(fault.code, fault.at, about, pointer(steps))


def _nearest(shape: Shape, raw: Any, rest: Place) -> Rule | None:
    """The rule of the longest beginning of these steps: of those whose value is there, else of any."""
    rules = [rule for count in range(len(rest), 0, -1) if (rule := shape.rule(rest[:count]))]
    there = (rule for rule in rules if _reach(raw, rule.path) is not _ABSENT)
    return next(there, rules[0] if rules else None)


def _as_far(raw: Any, rest: Place) -> tuple[Step, ...]:
    """As many of these steps as lead somewhere: an object a verb passed whole has our own names in it."""
    steps: tuple[Step, ...] = ()
    for step in rest:
        inside = (isinstance(raw, dict) and step in raw) or (isinstance(raw, list) and isinstance(step, int))
        if not inside or len(str(step)) > NAME_LIMIT:
            break
        raw, steps = raw[step], (*steps, step)
    return steps


def _write(shape: Shape, tree: dict[str, Any], out: dict[str, Any], file: str, problems: list[Problem]) -> None:
    for rule in shape.rules:
        value = _reach(tree, rule.field)
        if value is _ABSENT:
            continue
        try:
            many = [_write_one(rule, item, file, problems) for item in (value if rule.many else [value])]
        except Unsayable as why:
            problems.append(Problem(file, rule.line, rule.column, f"cannot write {'.'.join(rule.field)}: {why}"))
            continue
        _put(out, rule.path, many if rule.many else many[0])


def _write_one(rule: Rule, value: Any, file: str, problems: list[Problem]) -> Any:
    if rule.shape is None:
        assert rule.verb is not None
        return rule.verb.outward(value)
    if rule.short and rule.terse and value.keys() == {rule.short}:
        return _write_one(rule.alone, value[rule.short], file, problems)
    inner: dict[str, Any] = {}
    _write(rule.shape, value, inner, file, problems)
    return inner


def _reach(tree: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if not isinstance(tree, dict) or step not in tree:
            return _ABSENT
        tree = tree[step]
    return tree


def _put(tree: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    if len(steps) == 1:
        tree[steps[0]] = value
        return
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    if isinstance(tree, dict):
        tree[steps[-1]] = value
