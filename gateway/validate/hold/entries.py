"""The entries of a Bundle by their fullUrl, and what a reference in one of them finds (FHIR R4 §2.36.4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.validate.hold.literal import Literal, literal
from gateway.validate.run import Run, Scope


@dataclass(slots=True)
class Entries:
    """A Bundle's resources, each as a scope of its own.

    by_url      every scope under a fullUrl (more than one is a fault, but for versions of a history)
    by_version  every scope under its fullUrl and meta.versionId
    by_name     every scope under its `Type/id`: what a reference may have meant
    urls        the fullUrl of each resource, by its identity in memory
    """

    kind: str
    scopes: list[Scope] = field(default_factory=list)
    by_url: dict[str, list[Scope]] = field(default_factory=dict)
    by_version: dict[tuple[str, str], list[Scope]] = field(default_factory=dict)
    by_name: dict[str, list[Scope]] = field(default_factory=dict)
    urls: dict[int, str] = field(default_factory=dict)

    def url_of(self, resource: dict[str, Any]) -> str:
        """The fullUrl of the entry that holds this resource, "" when it has none."""
        return self.urls.get(id(resource), "")

    def found(self, reference: str, from_url: str) -> list[Scope]:
        """The resources a reference means, seen from an entry with this fullUrl. More than one is a fault."""
        asked = literal(reference)
        url = absolute(asked, from_url)
        if asked.version:
            return self.by_version.get((url, asked.version), [])
        return self.by_url.get(url, []) if url else []


def absolute(asked: Literal, from_url: str) -> str:
    """The URL a reference stands for in an entry with this fullUrl; "" when it stands for none.

    A relative one is joined to the server of a RESTful fullUrl. With a `urn:uuid:` the id is taken in the same form,
    as the reference validator does.
    """
    if asked.form == "absolute" or asked.server:
        return asked.url
    if asked.form != "restful" or not from_url:
        return ""
    if from_url.startswith("urn:"):
        return from_url.rpartition(":")[0] + ":" + asked.id
    root = from_url.rstrip("/").rsplit("/", 2)
    return f"{root[0]}/{asked.url}" if len(root) == 3 else ""


def entries_of(run: Run, bundle: Scope) -> Entries:
    """The entries of the Bundle in this scope, made once a run."""
    key = ("entries", id(bundle.resource))
    known = run.memo.get(key)
    if known is None:
        known = run.memo[key] = _entries(bundle)
    return known


def _entries(bundle: Scope) -> Entries:
    kind = bundle.resource.get("type")
    made = Entries(kind if isinstance(kind, str) else "")
    entries = bundle.resource.get("entry")
    above = (bundle.place, "entry", "entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        url = entry.get("fullUrl")
        url = url if isinstance(url, str) else ""
        place = ((above, index, f"[{index}]"), "resource", "resource")
        scope = Scope(resource, place, "entry", bundle, url)
        made.scopes.append(scope)
        made.urls[id(resource)] = url
        if url:
            made.by_url.setdefault(url, []).append(scope)
            made.by_version.setdefault((url, _version(resource)), []).append(scope)
        made.by_name.setdefault(f"{resource.get('resourceType')}/{resource.get('id')}", []).append(scope)
    return made


def _version(resource: dict[str, Any]) -> str:
    meta = resource.get("meta")
    return str(meta.get("versionId", "")) if isinstance(meta, dict) else ""
