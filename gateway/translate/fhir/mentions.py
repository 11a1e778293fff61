"""The fullest mention of each person and organisation an event speaks of, here by their whole name, there by a number.

Their resource is made of it, so that it does not depend on who happens to be named first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from gateway.model.people import Organization, Professional, Structure

_PERSON = ("rpps", "ids", "family", "given", "profession")
"""What belongs to a person wherever they work."""


class Mentions:
    """Who and what is spoken of, each found again by what makes two mentions the same."""

    def __init__(self, *spoken: Any) -> None:
        self._people: dict[str, Professional] = {}
        self._bodies: dict[str, Organization] = {}
        for part in spoken:
            for one in _parts(part):
                if isinstance(one, Professional):
                    _better(self._people, one.key, one, _weight(one, _PERSON))
                elif isinstance(one, Organization):
                    _better(self._bodies, organization_key(one), one, _weight(one))

    def person(self, one: Professional) -> Professional:
        """The fullest mention of that person."""
        return self._people.get(one.key, one)

    def organization(self, one: Organization) -> Organization:
        """The fullest mention of that organisation; as a structure, when it is one."""
        return self._bodies.get(organization_key(one), one)


def organization_key(body: Organization) -> str:
    """What makes two mentions the same organisation."""
    first = body.identifiers[0] if body.identifiers else None
    return body.national or (f"{first.scheme}:{first.system}:{first.value}" if first else f"name:{body.name}")


def _better(best: dict[str, Any], key: str, one: Any, weight: int) -> None:
    if key not in best or weight > _weight(best[key], _PERSON if isinstance(one, Professional) else ()):
        best[key] = one


def _weight(part: Any, names: tuple[str, ...] = ()) -> int:
    said = sum(1 for field in fields(part) if (not names or field.name in names) and getattr(part, field.name))
    return said + 100 * isinstance(part, Structure)


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        for one in part:
            yield from _parts(one)
    elif is_dataclass(part) and not isinstance(part, type):
        yield part
        for field in fields(part):
            yield from _parts(getattr(part, field.name))
