"""A rule joins one field of ours to places of theirs, and is read both ways.

Every kind of rule has the same few words: `value` reads, `say` writes, `paths` are the places it knows. A reading that
finds something wrong is done once more with a `Seen` beside it, which keeps each fault and where everything came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from gateway.model import form
from gateway.model.faults import Place
from gateway.translate.path import ABSENT, Path, Steps
from gateway.translate.source import Source
from gateway.translate.verb import Unsayable, Verb

if TYPE_CHECKING:
    from gateway.translate.seen import Seen

Field = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a rule stands in its table, and the field it fills; `verb` is how the table calls it."""

    field: Field
    line: int
    column: int
    verb: str

    def moved(self, above: Field) -> Any:
        """The same rule for a field further down."""
        return replace(self, field=above + self.field)


class Rule(Protocol):
    """One line of a table."""

    @property
    def at(self) -> Line:
        """Where it stands."""
        ...

    @property
    def paths(self) -> Iterator[Path]:
        """The places whose value it reads whole."""
        ...

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """Our value, ABSENT when theirs says nothing. With `seen`: `at` and `steps` are the places of `raw`'s value."""
        ...

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """Write it. Raises Unsayable."""
        ...


def inward(verb: Verb) -> Callable[[Any], Any]:
    """What a verb reads; null stays null, for the model to refuse."""
    return lambda raw: raw if raw is None else verb.inward(raw)


@dataclass(frozen=True, slots=True)
class OneValue:
    """One value, by a verb. `default` is their word when they say nothing."""

    at: Line
    source: Source
    verb: Verb
    default: Any = ABSENT

    @property
    def paths(self) -> Iterator[Path]:
        """Where it is read."""
        return self.source.paths

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The value the verb reads."""
        if seen:
            return seen.reading(self, raw, at, steps, self.source, inward(self.verb))
        theirs = self.source.get(raw)
        return theirs if theirs is ABSENT or theirs is None else self.verb.inward(theirs)

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """The value the verb writes."""
        self.source.put(out, self.verb.outward(value))


@dataclass(frozen=True, slots=True)
class Values:
    """A list of values, by a verb: a list of theirs, or one text `split` into them."""

    at: Line
    source: Source
    verb: Verb
    split: str = ""

    @property
    def paths(self) -> Iterator[Path]:
        """Where it is read."""
        return self.source.paths

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The values the verb reads."""
        theirs = seen.reading(self, raw, at, steps, self.source, lambda raw: raw) if seen else self.source.get(raw)
        if self.split and isinstance(theirs, str):
            theirs = self._cut(theirs)
        elif self.source.text and isinstance(theirs, str):
            theirs = [theirs]  # one element alone is a list of one
        if not isinstance(theirs, list) or len(theirs) > form.LIST_LIMIT:
            return theirs  # the model says which of the two is wrong
        whole = inward(self.verb)
        if seen is None:
            return [whole(item) for item in theirs]
        where = steps + self.source.steps(raw)
        return [
            seen.turning(self, (*at, index), where if self.split else (*where, index), whole, item)
            for index, item in enumerate(theirs)
        ]

    def _cut(self, text: str) -> list[str]:
        pieces = text.split(self.split.strip(" ") or None)
        return [piece.strip() for piece in pieces if piece.strip()]

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """The values the verb writes."""
        written: Any = [self.verb.outward(item) for item in value]
        if self.split:
            text = self.split.join(map(str, written))
            if self._cut(text) != written:
                raise Unsayable("a value holds what stands between the values")
            written = text
        self.source.put(out, written)


@dataclass(frozen=True, slots=True)
class Constant:
    """A field of ours that is always the same in this dialect."""

    at: Line
    always: Any

    @property
    def paths(self) -> Iterator[Path]:
        """None: it stands nowhere in their body."""
        return iter(())

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """Nothing is read; the shape puts it where the object exists."""
        return ABSENT

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """Nothing is written; Unsayable when we have something else to say."""
        if value != self.always:
            raise Unsayable("the dialect always says something else")


@dataclass(frozen=True, slots=True)
class Several:
    """One text of theirs that holds several fields of ours: cut by `cut`, put together by `pasted`."""

    at: Line
    fields: tuple[Field, ...]
    source: Source
    verb: Verb

    @property
    def paths(self) -> Iterator[Path]:
        """Where it is read."""
        return self.source.paths

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The values in the order of the fields, None where one says nothing."""
        if seen:
            return seen.reading(self, raw, at, steps, self.source, inward(self.verb))
        theirs = self.source.get(raw)
        return theirs if theirs is ABSENT or theirs is None else self.verb.inward(theirs)

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """Put together, when it can be taken apart again. Raises Unsayable."""
        self.source.put(out, self.verb.outward(value))
