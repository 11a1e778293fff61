"""A practice software's own body ⇄ an event, by the rules of its dialect.

Reading keeps a trace of which rule read what and where, so that a fault the model finds in our words is told with
its place in theirs. XML bodies will come in beside `body.read_json`; nothing below it knows the writing of a body
but `body.pointer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, RESERVED, Event, read_event
from gateway.model.faults import Fault, Place
from gateway.translate.body import NAME_LIMIT, Step, pointer, read_json, write_json
from gateway.translate.dialect import Condition, Dialect, MappingFault, Places, Problem, Rule, Shape, Told
from gateway.translate.verb import Unsayable

FAULT_LIMIT = 1_000  # faults told at once: beyond, the body is not an attempt at an event

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a value of ours was read: its place in their body, what stood there, and the rules for what is in it."""

    steps: tuple[Step, ...]
    raw: Any
    shape: Shape | None


def read_vendor(body: bytes, dialect: Dialect) -> Event:
    """The event a body of that dialect tells.

    Raises Rejected with every fault (the first 1,000), each with its JSON Pointer into the body: those of the body
    itself (see `body.read_json`), `unknown-type` or `unsupported-type`, `unknown-field` for what no rule reads, then
    those of the table (`unknown-code`, `bad-date`…) and of the model together.
    """
    raw = read_json(body)
    told = _recognise(raw, dialect)
    reading = _Reading()
    tree = reading.read(told.shape, raw, (), ())
    try:
        event = read_event({"type": told.kind.type, **tree})
    except Rejected as wrong:
        raise Rejected(islice(chain(reading.faults, reading.told_theirs(wrong.faults)), FAULT_LIMIT)) from None
    if reading.faults:
        raise Rejected(reading.faults[:FAULT_LIMIT])
    return event


def point(faults: Iterable[Fault], body: bytes, dialect: Dialect) -> tuple[Fault, ...]:
    """Faults found later, in our words, with their pointer into the body that was read. The body is one that passed."""
    raw = read_json(body)
    reading = _Reading()
    reading.read(_recognise(raw, dialect).shape, raw, (), ())
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


class _Reading:
    """One body being read: the faults found on the way, and the trace of every value."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._refused: set[Place] = set()
        self._trace: dict[Place, _Spot] = {}

    def read(self, shape: Shape, raw: dict[str, Any], at: Place, here: tuple[Step, ...]) -> dict[str, Any]:
        """The object of ours that `raw`, found at `here` in their body, fills at `at` in the event."""
        self._trace[at] = _Spot(here, raw, shape)
        self._strangers(shape.places, raw, here)
        tree: dict[str, Any] = {}
        for need in shape.needs:
            _put(tree, need, {})
        for rule in shape.rules:
            value = _reach(raw, rule.path)
            if value is not _ABSENT:
                _put(tree, rule.field, self._value(rule, value, (*at, *rule.field), (*here, *rule.path)))
        return tree

    def told_theirs(self, faults: Iterable[Fault]) -> Iterable[Fault]:
        """The model's faults with their pointer, save those about a value the table has refused already."""
        for fault in faults:
            if not any(fault.at[:length] in self._refused for length in range(1, len(fault.at) + 1)):
                yield self._placed(fault)

    def _value(self, rule: Rule, raw: Any, at: Place, here: tuple[Step, ...]) -> Any:
        self._trace[at] = _Spot(here, raw, None)
        if not rule.many:
            return self._one(rule, raw, at, here)
        if not isinstance(raw, list) or len(raw) > form.LIST_LIMIT:
            return raw  # the model says which of the two is wrong
        return [self._one(rule, item, (*at, index), (*here, index)) for index, item in enumerate(raw)]

    def _one(self, rule: Rule, raw: Any, at: Place, here: tuple[Step, ...]) -> Any:
        self._trace[at] = _Spot(here, raw, None)
        if raw is None:
            return raw
        try:
            if rule.shape is None:
                assert rule.verb is not None
                return rule.verb.inward(raw)
            if isinstance(raw, dict):
                return self.read(rule.shape, raw, at, here)
            if rule.short:
                return {rule.short: self._one(rule.alone, raw, (*at, rule.short), here)}
            raise Rejected([Fault("wrong-type", about="object")])
        except Rejected as wrong:
            self._refused.add(at)
            self.faults += [self._placed(fault.under(*at)) for fault in wrong.faults]
            return raw

    def _strangers(self, places: Places, raw: dict[str, Any], here: tuple[Step, ...]) -> None:
        for name, value in raw.items():
            if len(self.faults) >= FAULT_LIMIT:
                return
            known = places.get(name)
            steps = (*here, name) if len(name) <= NAME_LIMIT else here
            if known is None:
                self.faults.append(Fault("unknown-field", pointer=pointer(steps)))
            elif isinstance(known, (Rule, Condition)):
                continue
            elif isinstance(value, dict):
                self._strangers(known, value, steps)
            else:
                wrong = Fault("null-field") if value is None else Fault("wrong-type", about="object")
                self.faults.append(replace(wrong, pointer=pointer(steps)))

    def _placed(self, fault: Fault) -> Fault:
        """The fault with its pointer: the nearest value read, then where the rules look for the rest."""
        length = next(count for count in range(len(fault.at), -1, -1) if fault.at[:count] in self._trace)
        spot, rest = self._trace[fault.at[:length]], fault.at[length:]
        steps, about = spot.steps, fault.about
        if spot.shape is None:
            steps += _as_far(spot.raw, rest)
        else:
            for count in range(len(rest), 0, -1):
                if rule := spot.shape.rule(rest[:count]):
                    steps += rule.path
                    if fault.code == "missing-field" and count == len(rest):
                        about = rule.path[-1]
                    break
        return Fault(fault.code, fault.at, about, pointer(steps))


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
    if rule.short and value.keys() == {rule.short}:
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
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    if isinstance(tree, dict):
        tree[steps[-1]] = value
