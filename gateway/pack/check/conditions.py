"""The conditions rules are made of: how many, filled, among these, in that list.

A rule is asked of elements that are there, so a missing block is told once, by the rule that wants it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.pack.check.rule import Asked, Condition, Spot
from gateway.pack.xml import Element

_LONGEST = 200  # characters of an OID, a language, a number

NAMES = {None: "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc"}


def all_at(element: Element, path: str) -> list[Element]:
    """The elements at a path, in the document's order."""
    return element.findall(path, NAMES)  # type: ignore[arg-type]


def at(element: Element, path: str) -> Element | None:
    """The first element at a path."""
    return next(iter(all_at(element, path)), None)


def told(element: Element | None) -> str:
    """The text of an element without blanks around it."""
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def parent_of(element: Element) -> str:
    """The name of the element it stands in."""
    parent = element.getparent()
    return "" if parent is None else str(parent.tag).rpartition("}")[2]


def unknown(element: Element) -> bool:
    """True when the document says that it does not know."""
    return element.get("nullFlavor") is not None


def _unfilled(element: Element, attributes: tuple[str, ...]) -> Iterator[Spot]:
    yield from ((element, f"@{name}") for name in attributes if not element.get(name, "").strip())


def one(path: str, *attributes: str) -> Condition:
    """Exactly one, known (no nullFlavor), with these attributes filled."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = all_at(element, path)
        if not found:
            yield element, path
        for extra in found[1:]:
            yield extra, ""
        for there in found[:1]:
            if unknown(there):
                yield there, "@nullFlavor"
            else:
                yield from _unfilled(there, attributes)

    return condition


def some(path: str, *attributes: str) -> Condition:
    """At least one known, and every known one has these attributes filled."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        known = [there for there in all_at(element, path) if not unknown(there)]
        if not known:
            yield element, path
        for there in known:
            yield from _unfilled(there, attributes)

    return condition


def present(path: str) -> Condition:
    """At least one, were it said to be unknown."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        if at(element, path) is None:
            yield element, path

    return condition


def written(path: str) -> Condition:
    """Exactly one, with a text."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = all_at(element, path)
        if not found:
            yield element, path
        for index, there in enumerate(found):
            if index or not told(there):
                yield there, ""

    return condition


def at_most(limit: int, *paths: str) -> Condition:
    """No more than so many of these together."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = [there for path in paths for there in all_at(element, path)]
        yield from ((extra, "") for extra in found[limit:])

    return condition


def either(*paths: str) -> Condition:
    """Exactly one of these together."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = [there for path in paths for there in all_at(element, path)]
        if not found:
            yield element, paths[0]
        yield from ((extra, "") for extra in found[1:])

    return condition


def valued(path: str, **values: str) -> Condition:
    """Exactly one of these elements, with these values."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = all_at(element, path)
        if not found:
            yield element, path
        for there in found[:1]:
            yield from ((there, f"@{name}") for name, value in values.items() if there.get(name) != value)
        for extra in found[1:]:
            yield extra, ""

    return condition


def rooted_once(path: str, root: str) -> Condition:
    """Exactly one of these elements has that root; others may stand beside it."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = [there for there in all_at(element, path) if there.get("root") == root]
        if not found:
            yield element, f"{path}[@root='{root}']"
        for extra in found[1:]:
            yield extra, ""

    return condition


def rooted(path: str, *roots: str) -> Condition:
    """If known ones are there, one of them has one of these roots."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        known = [there for there in all_at(element, path) if not unknown(there)]
        if known and not any(there.get("root") in roots for there in known):
            yield known[0], "@root"

    return condition


def among(name: str, *values: str, needed: bool = False) -> Condition:
    """The attribute has one of these values; unless `needed` it may be absent."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        value = element.get(name)
        if value not in values and (needed or value is not None):
            yield element, f"@{name}"

    return condition


def filled(*names: str) -> Condition:
    """These attributes are there and not empty, unless the element is said to be unknown."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        if not unknown(element):
            yield from _unfilled(element, names)

    return condition


def shaped(name: str, pattern: re.Pattern[str]) -> Condition:
    """The attribute, when there, is of that shape, and short enough to be looked at."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        value = element.get(name)
        if value is not None and (len(value) > _LONGEST or not pattern.fullmatch(value)):
            yield element, f"@{name}"

    return condition


def listed(*lists: str, name: str = "code", needed: bool = False) -> Condition:
    """The code is in one of these lists; unless `needed` it may be absent."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        code = element.get(name, "")
        if (code or needed) and asked.terms.find(code, *lists) is None:
            yield element, f"@{name}"

    return condition


def listed_whole(*lists: str) -> Condition:
    """The code, when there, is in one of these lists, and told with that list's own code system."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        code = element.get("code")
        term = asked.terms.find(code, *lists) if code else None
        if code and term is None:
            yield element, "@code"
        elif term and element.get("codeSystem") != term.oid:
            yield element, "@codeSystem"

    return condition


def worded(*lists: str) -> Condition:
    """The text, when there, is a code of one of these lists."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        text = told(element)
        if text and asked.terms.find(text, *lists) is None:
            yield element, ""

    return condition


def both(*conditions: Condition) -> Condition:
    """Each of these."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        for each in conditions:
            yield from each(element, asked)

    return condition
