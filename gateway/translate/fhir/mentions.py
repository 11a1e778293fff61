"""The fullest mention of each person and organisation an event speaks of, here by their whole name, there by a number.

Their resource is made of it, so that it does not depend on who happens to be named first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from gateway.model.identity import MailAddress
from gateway.model.people import Organization, Professional, Structure

_PERSON = ("rpps", "ids", "family", "given", "profession")
"""What belongs to a person wherever they work."""
_BODY = ("ids", "finess", "siret", "name", "sector")


class Mentions:
    """Who and what is spoken of, each found again by what makes two mentions the same."""

    def __init__(self, *spoken: Any) -> None:
        self._people: dict[str, Professional] = {}
        self._bodies: dict[str, Organization] = {}
        self._mailboxes: dict[str, MailAddress] = {}
        for part in spoken:
            for one in _parts(part):
                if isinstance(one, Professional):
                    _better(self._people, one.key, one, _PERSON)
                    if one.mss:
                        self._mailboxes.setdefault(exercise_key(one), one.mss)
                elif isinstance(one, Organization):
                    _better(self._bodies, organization_key(one), one, _BODY)

    def person(self, one: Professional) -> Professional:
        """That person by their fullest mention, with what the others add."""
        return self._people.get(one.key, one)

    def mailbox(self, one: Professional) -> MailAddress | None:
        """The mailbox of that person in that place, by whichever mention says it."""
        return self._mailboxes.get(exercise_key(one))

    def organization(self, one: Organization) -> Organization:
        """That organisation by its fullest mention, with what the others add; as a structure, when it is one."""
        return self._bodies.get(organization_key(one), one)


def exercise_key(person: Professional) -> str:
    """What makes two mentions the same person at the same work: who, at which site, as what."""
    word = person.profession.code if person.profession and not (person.rpps or person.ids or person.name) else ""
    site = organization_key(person.organization) if person.organization else ""
    return " | ".join((person.key + word, site, person.function or "", person.specialty or ""))


def organization_key(body: Organization) -> str:
    """What makes two mentions the same organisation."""
    first = body.identifiers[0] if body.identifiers else None
    return body.national or (f"{first.scheme}:{first.system}:{first.value}" if first else f"name:{body.name}")


def _better(best: dict[str, Any], key: str, one: Any, names: tuple[str, ...]) -> None:
    known = best.get(key)
    if known is None:
        best[key] = one
        return
    first, second = (one, known) if _weight(one, names) > _weight(known, names) else (known, one)
    missing = {name: getattr(second, name) for name in names if not getattr(first, name) and getattr(second, name)}
    best[key] = replace(first, **missing) if missing else first


def _weight(part: Any, names: tuple[str, ...]) -> int:
    return sum(1 for name in names if getattr(part, name)) + 100 * isinstance(part, Structure)


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        for one in part:
            yield from _parts(one)
    elif is_dataclass(part) and not isinstance(part, type):
        yield part
        for field in fields(part):
            yield from _parts(getattr(part, field.name))
