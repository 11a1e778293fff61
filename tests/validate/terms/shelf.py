"""Definitions given in Python, for tests of codes: what a library answers, and words to write definitions in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
COLOURS = "https://example.org/CodeSystem/colours"


class Shelf:
    """Definitions by canonical: the version asked for, else any."""

    def __init__(self, *definitions: Json) -> None:
        self._definitions = definitions

    def find(self, canonical: str, kind: str | None = None) -> Json | None:
        url, _, version = canonical.partition("|")
        same = [
            one
            for one in self._definitions
            if one["url"] == url and kind in (None, one["resourceType"]) and not _is_supplement(one, kind)
        ]
        return next((one for one in same if one.get("version") == version), same[0] if same else None)

    def value_set(self, canonical: str) -> Json | None:
        return self.find(canonical, "ValueSet")

    def code_system(self, canonical: str) -> Json | None:
        return self.find(canonical, "CodeSystem")

    def supplements(self, url: str) -> tuple[Json, ...]:
        return tuple(one for one in self._definitions if one.get("supplements") == url)


def _is_supplement(definition: Json, kind: str | None) -> bool:
    return kind == "CodeSystem" and definition.get("content") == "supplement"


def system(*concepts: Json | str, url: str = COLOURS, **more: Any) -> Json:
    """A CodeSystem, complete unless said otherwise."""
    listed = [{"code": one} if isinstance(one, str) else one for one in concepts]
    return {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": listed, **more}


def value_set(
    *include: Json, exclude: Iterable[Json] = (), name: str = "vs", inactive: bool | None = None, **more: Any
) -> Json:
    """A ValueSet with a compose."""
    compose: Json = {"include": list(include)}
    if exclude:
        compose["exclude"] = list(exclude)
    if inactive is not None:
        compose["inactive"] = inactive
    return {"resourceType": "ValueSet", "url": at(name), "title": name, "compose": compose, **more}


def at(name: str) -> str:
    """The canonical of a value set by its name."""
    return f"https://example.org/ValueSet/{name}"


def of(url: str = COLOURS, *codes: str, **more: Any) -> Json:
    """An include: a system, or some of its codes."""
    listed = {"concept": [{"code": code} for code in codes]} if codes else {}
    return {"system": url, **listed, **more}


def filtered(prop: str, op: str, value: str, url: str = COLOURS) -> Json:
    """An include by a filter."""
    return {"system": url, "filter": [{"property": prop, "op": op, "value": value}]}
