"""Is everything in a document or message there for a reason? (FHIR R4 §3.3.1, §2.31.2)

What the first entry refers to must be in a document; every other entry must be reached from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from gateway.validate.hold.entries import Entries, entries_of
from gateway.validate.hold.literal import literal
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

# Of a Composition: what may refer to something outside the document.
_ASIDE = frozenset(("extension", "modifierExtension", "identifier", "text"))

_COST = 20  # steps of the run an entry costs

# Names a thing by a URI and links to nothing.
_NAMES = frozenset(("system", "profile", "fullUrl", "endpoint", "address", "implicitRules", "source", "div", "data"))


def check_reached(run: Run, scope: Scope, *, message: bool) -> None:
    """Tell what a Composition or MessageHeader refers to and the Bundle has not, and entries nothing leads to."""
    entries = entries_of(run, scope)
    if not entries.scopes:
        return
    first = entries.scopes[0]
    for place, reference in _own_references(first, message):
        asked = literal(reference)
        told = asked.form == "other" or (asked.relative and not first.full_url)
        if not told and not entries.found(reference, first.full_url):
            run.tell(place, "document-missing" if not message else "message-missing")
    run.step(_COST * len(entries.scopes))
    numbers = {id(held.resource): number for number, held in enumerate(entries.scopes)}
    links = [_links(held, entries, numbers) for held in entries.scopes]
    known = _forward({0} | _stylesheets(scope.resource, entries), links)
    for at in _backward(known, links):
        if entries.scopes[at].resource.get("resourceType") != "Provenance" and not message:
            run.tell(_entry(entries.scopes[at]), "entry-reached-backwards")
    for at, held in enumerate(entries.scopes):
        if at not in known:
            run.tell(_entry(held), "entry-not-reached-message" if message else "entry-not-reached")


def _own_references(first: Scope, message: bool) -> Iterator[tuple[Place, str]]:
    """The references of a Composition (and of its sections) or the foci of a MessageHeader."""
    wanted = ("focus",) if message else ("subject", "encounter", "author", "custodian", "attester", "event", "section")
    resource = first.resource
    if resource.get("resourceType") != ("MessageHeader" if message else "Composition"):
        return
    for name in wanted:
        yield from _references((first.place, name, name), resource.get(name))


def _references(place: Place, value: Any) -> Iterator[tuple[Place, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references((place, index, f"[{index}]"), item)
    elif isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield place, reference
        for name, held in value.items():
            if name not in _ASIDE and isinstance(held, dict | list):
                yield from _references((place, name, name), held)


def _links(held: Scope, entries: Entries, numbers: dict[int, int]) -> set[int]:
    """The numbers of the entries this one refers to, by Reference or by any other link."""
    found: set[int] = set()
    for text in _texts(held.resource):
        found.update(numbers[id(scope.resource)] for scope in entries.found(text, held.full_url)[:1])
    return found


def _texts(resource: dict[str, Any]) -> Iterator[str]:
    todo: list[Any] = [resource]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            if value.get("resourceType") == "Bundle" and value is not resource:
                continue
            is_extension = "url" in value and any(key.startswith(("value", "extension")) for key in value)
            names = _NAMES | {"url"} if is_extension else _NAMES
            for name, held in value.items():
                if isinstance(held, dict | list):
                    todo.append(held)
                elif isinstance(held, str) and _may_link(held) and name not in names:
                    yield held


def _may_link(text: str) -> bool:
    return len(text) < 2000 and ("/" in text or ":" in text)


def _forward(start: set[int], links: list[set[int]], known: Collection[int] = ()) -> set[int]:
    """The entries `start` leads to, itself with them, but for those known already."""
    seen, todo = set(start), list(start)
    while todo:
        for each in links[todo.pop()]:
            if each not in seen and each not in known:
                seen.add(each)
                todo.append(each)
    return seen


def _backward(known: set[int], links: list[set[int]]) -> list[int]:
    """Take what leads to `known`, and what that leads to, into it; return the entries it was taken in by."""
    leading: list[list[int]] = [[] for _ in links]
    for at, to in enumerate(links):
        for each in to:
            leading[each].append(at)
    by: list[int] = []
    todo = sorted(known, reverse=True)
    while todo:
        for at in leading[todo.pop()]:
            if at not in known:
                by.append(at)
                new = _forward({at}, links, known)
                known |= new
                todo += new
    return sorted(by)


def _stylesheets(bundle: dict[str, Any], entries: Entries) -> set[int]:
    links = bundle.get("link")
    urls = {
        link.get("url")
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, dict) and link.get("relation") == "stylesheet" and isinstance(link.get("url"), str)
    }
    return {
        number
        for number, scope in enumerate(entries.scopes)
        if f"{scope.resource.get('resourceType')}/{scope.resource.get('id')}" in urls
    }


def _entry(scope: Scope) -> Place:
    return scope.place[0] or scope.place
