"""Invariants in Python: those of nearly every element or resource, and those whose words and expression disagree.

Each is keyed by the text of its expression, whatever its key, and takes the JSON of the element. Tests hold them equal
to the expression, but for the ones that say why not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gateway.validate.fhirpath.moments import may_precede, read_moment
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

Native = Callable[[Any, Scope, Run], bool]


def needs_more_than_an_id(value: Any, scope: Scope, run: Run) -> bool:
    """ele-1: something beside an id. `{}` is told by the walk (`empty`), where it says more."""
    return not isinstance(value, dict) or not value or len(value) > 2 or any(key not in ("id", "_id") for key in value)


def _extension(value: Any, scope: Scope, run: Run) -> bool:
    """ext-1: extensions or a value, not both."""
    if not isinstance(value, dict):
        return True
    valued = any("value" in key and key.lstrip("_").startswith("value") for key in value)
    return bool(value.get("extension")) != valued


def _contained(value: Any) -> Iterator[dict[str, Any]]:
    held = value.get("contained") if isinstance(value, dict) else None
    for one in held if isinstance(held, list) else ():
        if isinstance(one, dict):
            yield one


def _no_contained_in_contained(value: Any, scope: Scope, run: Run) -> bool:
    """dom-2."""
    return not any(next(_contained(one), None) for one in _contained(value))


def _metas(value: Any) -> Iterator[dict[str, Any]]:
    for one in _contained(value):
        if isinstance(meta := one.get("meta"), dict):
            yield meta


def _no_version_in_contained(value: Any, scope: Scope, run: Run) -> bool:
    """dom-4."""
    return not any(
        f"{mark}{key}" in m for m in _metas(value) for key in ("versionId", "lastUpdated") for mark in ("", "_")
    )


def _no_security_in_contained(value: Any, scope: Scope, run: Run) -> bool:
    """dom-5."""
    return not any(meta.get("security") for meta in _metas(value))


def _has_narrative(value: Any, scope: Scope, run: Run) -> bool:
    """dom-6. It is not asked of what is contained: its container's narrative speaks for it (STU3's dom-1 even forbade
    one there)."""
    if scope.held_as == "contained":
        return True
    text = value.get("text") if isinstance(value, dict) else None
    return isinstance(text, dict) and ("div" in text or "_div" in text)


def _local(value: Any) -> Iterator[str]:
    """Every text in a tree that begins as a local reference does."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str) and one[:1] == "#":
            yield one


def _unreferenced(value: Any) -> list[int]:
    """Which contained resources nothing refers to, and which do not refer to what contains them (dom-3).

    Any text `#id` counts as a reference, whatever the type of its element; the expression asks for Reference,
    canonical, uri and url. One without id is another rule's matter.
    """
    held = value.get("contained") if isinstance(value, dict) else None
    if not isinstance(held, list):
        return []
    found = set(_local(value))
    return [
        at
        for at, one in enumerate(held)
        if isinstance(one, dict) and "id" in one and f"#{one['id']}" not in found and "#" not in set(_local(one))
    ]


def _contained_is_referenced(value: Any, scope: Scope, run: Run) -> bool:
    """dom-3."""
    return not _unreferenced(value)


def _point_at_contained(value: Any, place: Place) -> list[Place]:
    above = (place, "contained", "contained")
    return [(above, at, f"[{at}]") for at in _unreferenced(value)]


def _period(value: Any, scope: Scope, run: Run) -> bool:
    """per-1: a start is not after its end.

    By its expression a period from 2024-05-12 to 2024-05 fails, since `<=` cannot tell; its words ask for no more than
    that the end be not before the start, and R5 says so in its expression (lowBoundary, highBoundary).
    """
    if not isinstance(value, dict):
        return True
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    first, last = read_moment(start), read_moment(end)
    return first is None or last is None or may_precede(first, last)


def _local_reference(value: Any, scope: Scope, run: Run) -> bool:
    """ref-1: `#id` is in the resource that contains; `#` is that resource itself.

    By its expression `#` fails, and would fail in every contained resource that refers to its container.
    """
    reference = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str) or not reference.startswith("#") or reference == "#":
        return True
    holder = scope.above if scope.held_as == "contained" and scope.above is not None else scope
    key = ("contained-ids", id(holder.resource))
    if key not in run.memo:
        run.memo[key] = {str(one.get("id")) for one in _contained(holder.resource)}
    return reference[1:] in run.memo[key]


def _named(value: Any, scope: Scope, run: Run) -> bool:
    """sdf-0, vsd-0, que-0…: a name a program can use. By its expression having no name fails; its words say no such."""
    name = value.get("name") if isinstance(value, dict) else None
    return not isinstance(name, str) or re.fullmatch("[A-Z][A-Za-z0-9_]{0,254}", name) is not None


def _told_elsewhere(value: Any, scope: Scope, run: Run) -> bool:
    """txt-1, txt-2: told by the check of the narrative's text, with what is wrong in it (`gateway.validate.xhtml`)."""
    return True


def _holds(value: Any, key: str) -> bool:
    return key in value or f"_{key}" in value


def _needs(what: str, asks: str) -> Native:
    """`what.empty() or asks.exists()` of two elements."""
    return lambda value, scope, run: not isinstance(value, dict) or not _holds(value, what) or _holds(value, asks)


def _some(*names: str) -> Native:
    """`one.exists() or other.exists()…`"""
    return lambda value, scope, run: not isinstance(value, dict) or any(_holds(value, name) for name in names)


def _entries(value: Any) -> list[Any]:
    entries = value.get("entry") if isinstance(value, dict) else None
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _in_bundles(name: str, *types: str) -> Native:
    """bdl-3, bdl-4: in Bundles of these types every entry has it, in others none."""

    def judge(value: Any, scope: Scope, run: Run) -> bool:
        said, entries = scope.resource.get("type"), _entries(value)
        return not entries or (said is not None and all(_holds(entry, name) is (said in types) for entry in entries))

    return judge


def _unique(value: Any, scope: Scope, run: Run) -> bool:
    """bdl-7: but for histories, a fullUrl once, or once for each version."""
    if not isinstance(value, dict) or value.get("type") == "history":
        return True
    found = []
    for entry in _entries(value):
        if isinstance(url := entry.get("fullUrl"), str):
            resource = entry.get("resource")
            meta = resource.get("meta") if isinstance(resource, dict) else None
            found.append(url + str(meta.get("versionId", "") if isinstance(meta, dict) else ""))
    return len(set(found)) == len(found)


def _no_history_in_url(value: Any, scope: Scope, run: Run) -> bool:
    """bdl-8."""
    return not isinstance(value, dict) or "/_history/" not in str(value.get("fullUrl", ""))


_TYPE = "%resource.type = "
_DOM_3 = (  # 4.0.1 as published, and as later versions mended it
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | "
    "%resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#')"
    ".exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#')"
    ".exists()).not()).trace('unmatched', id).empty()",
    "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants()"
    ".as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url)))) or descendants()"
    ".where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants()"
    ".where(as(uri) = '#').exists()).not()).trace('unmatched', id).empty()",
)

NATIVE: dict[str, Native] = {
    "hasValue() or (children().count() > id.count())": needs_more_than_an_id,
    "hasValue() or (children().count() > id.count()) or $this is Parameters": needs_more_than_an_id,
    "extension.exists() != value.exists()": _extension,
    "contained.contained.empty()": _no_contained_in_contained,
    "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()": _no_version_in_contained,
    "contained.meta.security.empty()": _no_security_in_contained,
    "text.`div`.exists()": _has_narrative,
    "text.div.exists()": _has_narrative,
    "resource.exists() or request.exists() or response.exists()": _some("resource", "request", "response"),
    "name.exists() or telecom.exists() or address.exists() or organization.exists()": _some(
        "name", "telecom", "address", "organization"
    ),
    "(identifier.count() + name.count()) > 0": _some("identifier", "name"),
    f"entry.all(request.exists() = ({_TYPE}'batch' or {_TYPE}'transaction' or {_TYPE}'history'))": _in_bundles(
        "request", "batch", "transaction", "history"
    ),
    f"entry.all(response.exists() = ({_TYPE}'batch-response' or {_TYPE}'transaction-response' or "
    f"{_TYPE}'history'))": _in_bundles("response", "batch-response", "transaction-response", "history"),
    "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()": _unique,
    "fullUrl.contains('/_history/').not()": _no_history_in_url,
    "fullUrl.exists() implies fullUrl.contains('/_history/').not()": _no_history_in_url,
    **dict.fromkeys(_DOM_3, _contained_is_referenced),
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": _period,
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in "
    "%rootResource.contained.id.trace('ids'))": _local_reference,
    "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')": _named,
    "htmlChecks()": _told_elsewhere,
    "code.empty() or system.exists()": _needs("code", "system"),
    "value.empty() or system.exists()": _needs("value", "system"),
    "data.empty() or contentType.exists()": _needs("data", "contentType"),
}

# Where to point when it is not the element itself: at the contained resource nothing refers to, as the reference does.
POINTED: dict[str, Callable[[Any, Place], list[Place]]] = dict.fromkeys(_DOM_3, _point_at_contained)
