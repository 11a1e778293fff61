"""What of an event's forms changes with a field: the event is made with that field said otherwise, and looked at."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from docs.generator.forms import MADE, Form, bundle, every_form
from docs.generator.specimen import STORY, Path, leaves, others, renamed, specimen, without
from gateway.journey.recall import Replayed
from gateway.model.errors import GatewayError
from gateway.model.event import KINDS, Event, read_event
from gateway.model.form import Tree
from gateway.model.known import Known

Places = Mapping[str, tuple[str, ...]]
"""Form → the places that change with a field."""
Leaf = tuple[Path, type, Any]
Found = dict[Path, Places]
Make = Callable[[Event, Known], dict[str, Form]]

# What hides a field: a body with a FINESS shows no other number, a person with an RPPS no local one in some places.
_HIDING: Mapping[str, Path] = {"ids": ("rpps", "finess", "siret"), "siret": ("finess",)}
_TOGETHER = 3  # fields under one name, from which on they are first changed together: most of them stand nowhere
_MANY = 4  # elements of one resource


def measured(job: tuple[str, Collection[Path]]) -> Found:
    """The places of some fields of an event of that kind."""
    kind, paths = job
    wanted = [leaf for leaf in leaves(KINDS[kind]) if leaf[0] in paths]
    tree = json.loads(specimen(kind))
    brought = [leaf for leaf in wanted if leaf[0][:2] == ("report", "document")]
    found = _Looked(kind, tree).at([leaf for leaf in wanted if leaf not in brought])
    return found | (_Looked(kind, _with_document(tree)).at(brought) if brought else {})


@cache
def _story(kind: str, key: str, new: str) -> tuple[Event, ...]:
    return tuple(read_event(renamed(json.loads(specimen(earlier)), key, new)) for earlier in STORY[kind])


def _told(kind: str, tree: Tree, key: str = "", new: str = "") -> tuple[Event, Known]:
    """An event after its story. Raises GatewayError when it is not accepted."""
    event = read_event(tree)
    _, known, _ = Replayed(_story(kind, key, new)).count(event)
    return event, known


def _with_document(tree: Tree) -> Tree:
    document = {"content_type": "application/pdf", "data": "JVBERi0xLjQKQQ=="}
    return {**tree, "report": {**tree["report"], "document": document}}


class _Looked:
    """One event, its forms, and what of them changes with its fields."""

    def __init__(self, kind: str, tree: Tree) -> None:
        self._kind, self._tree = kind, tree
        self._forms = every_form(*_told(kind, tree))

    def at(self, wanted: Sequence[Leaf], make: Make = every_form, depth: int = 0) -> Found:
        """The places of these fields; those under one name are changed together first, to see whether one matters."""
        found: Found = {}
        for _, some in groupby(wanted, key=lambda leaf: leaf[0][: depth + 1]):
            inside = list(some)
            if len(inside[0][0]) == depth + 1:
                found |= self._places(inside[0], make)
            elif depth and len(inside) >= _TOGETHER:
                matter = self._matter(inside, make)
                found |= self.at(inside, matter, depth + 1) if matter else {path: {} for path, _, _ in inside}
            else:
                found |= self.at(inside, make, depth + 1)
        return found

    def _matter(self, inside: Sequence[Leaf], make: Make) -> Make | None:
        """How to see what these fields do: by every form, by the Bundle alone, or not at all."""
        tree = self._tree
        for leaf in inside:
            ways = (one for one, key, _ in others(self._kind, tree, *leaf) if not key and self._accepted(one))
            if (changed := next(ways, None)) is None:
                return make  # not all of them can be changed at once
            tree = changed
        after = make(*_told(self._kind, tree))
        if any(after[form] != self._forms[form] for form in after if form != "fhir"):
            return make
        return bundle if after["fhir"] != self._forms["fhir"] else None

    def _accepted(self, tree: Tree) -> bool:
        try:
            _told(self._kind, tree)
        except GatewayError:
            return False
        return True

    def _places(self, leaf: Leaf, make: Make) -> Found:
        """Where that field stands; nothing when no other way to say it is accepted here."""
        path = leaf[0]
        base, before = self._tree, self._forms
        if hiding := _HIDING.get(path[-1]):
            base = without(base, path, hiding)
            if not self._accepted(base):
                return {}
            before = make(*_told(self._kind, base))
        for tree, key, new in others(self._kind, base, *leaf):
            try:
                after = make(*_told(self._kind, tree, key, new))
            except GatewayError:
                continue
            return {path: {form: _changed(before[form], said, path) for form, said in after.items()}}
        return {}


def _changed(before: Form, after: Form, path: Path) -> tuple[str, ...]:
    places = [place for place in {**before, **after} if before.get(place) != after.get(place)]
    real = [place for place in places if _plain(before.get(place)) != _plain(after.get(place))]
    if path != ("id",):  # the command's seed; a gateway draws another
        real = real or places
    return tuple(_outermost(_whole_resources(real), {**before, **after}))


def _plain(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else [MADE.sub("made", value) for value in values]


def _whole_resources(places: Sequence[str]) -> list[str]:
    """A resource that comes, goes or becomes another one is named alone."""
    kinds = [place.partition(".")[0] for place in places]
    many = {kind for kind, times in Counter(kinds).items() if times >= _MANY and kind[0].isupper()} - {"SubmissionSet"}
    return list(dict.fromkeys(kind if kind in many else place for kind, place in zip(kinds, places, strict=True)))


def _outermost(places: Sequence[str], every: Iterable[str]) -> Iterator[str]:
    """An element all of whose parts change stands for them; of the submission set only what is not the entry's too."""
    shown: dict[str, None] = {}
    every = list(every)
    for place in places:
        steps = place.split("/")
        outer = next(
            (
                root
                for length in range(1, len(steps))
                if len(inside := [one for one in every if one.startswith((root := "/".join(steps[:length])) + "/")]) > 1
                and all(one in places for one in inside)
            ),
            place,
        )
        if place.removeprefix("SubmissionSet.") == place or place.removeprefix("SubmissionSet.") not in places:
            shown[outer] = None
    yield from shown
