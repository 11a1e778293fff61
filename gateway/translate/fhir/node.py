"""Reading received FHIR JSON: typed steps through a tree that may hold anything.

A step never raises. What is not of the form R4 gives it is noted as `bad-resource` with its JSON Pointer and reads as
absent, so one pass names every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from gateway.model.faults import Fault, Place
from gateway.model.when import When

JSON = dict[str, Any]

ITEM_LIMIT = 10_000  # items of one list: entries of a bundle, participants of a team


class Sources:
    """What references can point to in one bundle, and the faults found so far.

    seen  the places of the values looked at, where somebody wants to know what was not; None: nobody does
    """

    def __init__(self, seen: set[Place] | None = None) -> None:
        self.faults: list[Fault] = []
        self.seen = seen
        self._by_url: dict[str, Node] = {}
        self._read: dict[tuple[int, Hashable], tuple[JSON, JSON]] = {}

    def offer(self, url: str, resource: Node) -> None:
        """Let references to `url` reach that resource."""
        self._by_url[url] = resource

    def at(self, url: str) -> Node | None:
        """The resource that entry holds."""
        return self._by_url.get(url)

    def once(self, value: JSON, key: Hashable, read: Callable[[], JSON]) -> JSON:
        """What `read` makes of that object, computed the first time only: many references may lead to one resource."""
        place = (id(value), key)
        if place not in self._read:
            self._read[place] = (value, read())  # holding the object keeps its id() its own
        return self._read[place][1]


class Node:
    """One JSON object. False when it is absent or empty; every step from an absent one finds nothing."""

    __slots__ = ("_at", "_inside", "_root", "_sources", "value")

    def __init__(self, value: JSON, sources: Sources, at: Place = (), root: Node | None = None) -> None:
        self.value, self._sources, self._at, self._root = value, sources, at, root or self
        self._inside: dict[str, tuple[int, JSON]] | None = None

    def __bool__(self) -> bool:
        return bool(self.value)

    def fault(self, *below: str | int, code: str = "bad-resource", about: str = "") -> Any:
        """Note a fault here, or further down, and read as absent."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in (*self._at, *below))
        self._sources.faults.append(
            Fault(code, about=about or self.kind, pointer="".join(f"/{step}" for step in steps))
        )

    @property
    def kind(self) -> str:
        """The resource type of the resource this belongs to; empty when it says none we could repeat."""
        name = self._root.value.get("resourceType")
        return name if isinstance(name, str) and name.isascii() and name.isalpha() and len(name) < 40 else ""

    @property
    def at(self) -> Place:
        """Where it stands in the bundle."""
        return self._at

    def text(self, name: str) -> str | None:
        """A string element; FHIR knows no empty string."""
        value = self._look(name)
        if value is not None and (not isinstance(value, str) or not value):
            self.fault(name)
            return None
        return value

    def number(self, name: str) -> int | None:
        """An integer element."""
        value = self._look(name)
        if value is None:
            return None
        return value if type(value) is int else self.fault(name)

    def flag(self, name: str) -> bool | None:
        """A boolean element."""
        value = self._look(name)
        return value if value is None or isinstance(value, bool) else self.fault(name)

    def one(self, name: str) -> Node:
        """An object element."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, dict):
            self.fault(name)
        return self._step(value if isinstance(value, dict) else {}, name)

    def each(self, name: str) -> list[Node]:
        """A repeated object element; null places are left out."""
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name)
            return []
        if len(value) > ITEM_LIMIT:
            self.fault(name, code="too-many", about=str(ITEM_LIMIT))
            return []
        for index, item in enumerate(value):
            if item is not None and not isinstance(item, dict):
                self.fault(name, index)
        return [self._step(item, name, index) for index, item in enumerate(value) if isinstance(item, dict)]

    def texts(self, name: str) -> list[str]:
        """A repeated string element; null places are left out."""
        value = self._look(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name)
            return []
        for index, item in enumerate(value):
            if item is not None and (not isinstance(item, str) or not item):
                self.fault(name, index)
        return [item for item in value if isinstance(item, str) and item]

    def extension(self, url: str) -> Node:
        """Its first extension with that address."""
        if "extension" not in self.value:
            return self._step({}, "extension")
        found = (one for one in self.each("extension") if one.value.get("url") == url)
        return next(found, self._step({}, "extension"))

    def target(self, name: str = "reference") -> Node:
        """The resource this Reference points to, in the bundle or contained; absent when it is elsewhere.

        `name` is the element that holds the address: an Attachment has it in `url`.
        """
        reference = self.text(name)
        if reference is None:
            return self._step({})
        if reference.startswith("#"):
            return self._contained(reference[1:])
        return self._sources.at(reference) or self._step({})

    def _contained(self, id: str) -> Node:
        root = self._root
        if root._inside is None:
            found = root.value.get("contained")
            listed = enumerate(found[:ITEM_LIMIT]) if isinstance(found, list) else ()
            root._inside = {one["id"]: (n, one) for n, one in listed if isinstance(one, dict) and _is_id(one.get("id"))}
        if id not in root._inside:
            return self._step({})
        index, value = root._inside[id]
        return Node(value, self._sources, (*root._at, "contained", index), root)

    def once(self, key: Hashable, read: Callable[[], JSON]) -> JSON:
        """What `read` makes of this object, computed the first time only."""
        return self._sources.once(self.value, key, read)

    def alone(self) -> Node:
        """The same object as a resource of its own: contained resources are looked for in it."""
        return Node(self.value, self._sources, self._at)

    def type(self) -> str | None:
        """The resource type this very object states (a contained resource differs from its root)."""
        return self.text("resourceType")

    def _look(self, name: str) -> Any:
        """The value of that name, which somebody now has seen."""
        if self._sources.seen is not None:
            self._sources.seen.add((*self._at, name))
        return self.value.get(name)

    def _step(self, value: JSON, *below: str | int) -> Node:
        return Node(value, self._sources, (*self._at, *below), self._root)


def _is_id(value: Any) -> bool:
    return isinstance(value, str)


def span(since: When | None, until: When | None) -> JSON:
    """A Period. An end before its start is left out: per-1 forbids it, and the remainder keeps what was said."""
    end = None if since and until and until.before(since) else until
    return said(start=since.text if since else None, end=end.text if end else None)


def said(**fields: Any) -> JSON:
    """A canonical object of the fields that hold something."""
    return {name: value for name, value in fields.items() if value is not None and value != []}
