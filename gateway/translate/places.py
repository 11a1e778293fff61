"""The places of a body that a table knows: what stands anywhere else is no field of theirs we can carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.model.faults import Fault
from gateway.translate.path import TEXT, Path, Steps, Where

Strange = tuple[Steps, Fault]

ANY = "*"  # as the last name of a path, where no number can stand: every place beside the others


class Places:
    """A place, and those inside it.

    whole  a rule reads all that is in it, or nobody does; `text` it holds a text, beside attributes
    plain  the names inside that are whole: a body that has no others is known at one glance
    """

    def __init__(self) -> None:
        self.whole = self.text = self.every = False
        self.names: dict[str, Places] = {}
        self.items: dict[int, Places] = {}
        self.told: list[tuple[Where, Places, bool]] = []
        self.plain: frozenset[str] = frozenset()

    def add(self, path: Path, *, text: bool = False, many: bool = False) -> None:
        """Know the place at a path; `many`: every item its last condition tells is read, not one."""
        if path[-1] == ANY:
            self._at(path[:-1], many).every = True
            return
        place = self._at(path, many)
        if text:
            place.text = True
        else:
            place.whole = True

    def _at(self, path: Path, many: bool) -> Places:
        if not path:
            return self
        step, rest = path[0], path[1:]
        if isinstance(step, Where):
            place = next((place for where, place, _ in self.told if where == step), None)
            if place is None:
                place = Places()
                for test, _ in step.tests:
                    place.add(test)
                self.told.append((step, place, many and not rest))
        elif isinstance(step, int):
            place = self.items.setdefault(step, Places())
        else:
            place = self.names.setdefault(step, Places())
        return place._at(rest, many)

    def close(self) -> None:
        """No more will be added."""
        self.plain = frozenset(name for name, place in self.names.items() if place.whole)

    def strangers(self, raw: dict[str, Any], steps: Steps = ()) -> Iterator[Strange]:
        """What stands where the table knows no place, or has another form than its places."""
        if self.every:
            return
        for name, value in raw.items():
            place = self.names.get(name)
            if place is None:
                if not (name == TEXT and self.text):
                    yield (*steps, name), Fault("unknown-field")
            elif not (place.whole or (place.text and type(value) is str)):
                yield from place._inside(value, (*steps, name))

    def _inside(self, value: Any, steps: Steps) -> Iterator[Strange]:
        if self.whole:
            return
        if self.told or self.items:
            yield from self._listed(value if isinstance(value, list) else [value], steps)
        elif isinstance(value, dict):
            yield from self.strangers(value, steps)
        elif isinstance(value, list) and self.text:
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from self.strangers(item, (*steps, index))
        elif not self.text:
            yield steps, Fault("null-field") if value is None else Fault("wrong-type", about="object")

    def _listed(self, items: list[Any], steps: Steps) -> Iterator[Strange]:
        met: list[Where] = []
        for index, item in enumerate(items):
            place: Places | None = self.items.get(index)
            many = True
            if place is None:
                where, place, many = next((told for told in self.told if told[0].holds(item)), (None, None, True))
                if where in met and not many:
                    yield (*steps, index), Fault("too-many", about="1")
                    continue
                if where:
                    met.append(where)
            if place is None:
                yield (*steps, index), Fault("unknown-field")
            else:
                yield from place._inside(item, (*steps, index))
