"""What a reference finds from where it stands, and whether it is well formed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.validate.hold.entries import Entries, absolute, entries_of
from gateway.validate.hold.literal import RESOURCE_TYPES, is_absolute, literal
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_TRANSACTIONS = frozenset(("transaction", "transaction-response", "batch", "batch-response"))


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference means: the type of the resource, and the resource itself when it is in the file.

    held  contained | bundled | remote
    """

    type: str
    scope: Scope | None
    held: str


def resolve(run: Run, scope: Scope, reference: str) -> Target | None:
    """What `reference` means in the resource of `scope`; None when it means nothing that is known here.

    A `#id` is looked for in the resource or, from a contained one, in its container (`#` alone: the container). Others
    are looked for in the Bundles that hold the resource, the nearest first; else the URL itself may tell the type.
    """
    if reference.startswith("#"):
        return _contained(run, scope, reference[1:])
    for entries, from_url in _bundles(run, scope):
        found = entries.found(reference, from_url)
        if found:
            return Target(_type(found[0].resource), found[0], "bundled")
    named = literal(reference).type
    return Target(named, None, "remote") if named else None


def check_reference(run: Run, scope: Scope, place: Place, value: dict[str, Any]) -> None:
    """Tell what is wrong with a Reference whatever its element allows."""
    reference, named = value.get("reference"), value.get("type")
    if not isinstance(reference, str) or not reference:
        if not any(key in value for key in ("identifier", "display", "extension", "_reference", "reference")):
            run.tell(place, "reference-empty")
        return
    asked = literal(reference)
    if asked.form == "contained":
        if resolve(run, scope, reference) is None:
            run.tell(place, "contained-missing")
            return
    else:
        nearest = next(_bundles(run, scope), None)
        if nearest is not None:
            _check_in_bundle(run, place, reference, *nearest)
        elif asked.form == "other":
            run.tell(place, "reference-form", severity="warning")
    if isinstance(named, str):
        target = resolve(run, scope, reference)
        if target is not None and target.type and named.removeprefix(_DEFINITIONS) != target.type:
            run.tell(place, "reference-type", found=target.type)


def check_canonical(run: Run, scope: Scope, place: Place, value: str) -> None:
    """A canonical is an absolute URL, or names a contained resource (FHIR R4 §2.24.0.6)."""
    if value.startswith("#"):
        if resolve(run, scope, value) is None:
            run.tell(place, "contained-missing")
    elif not is_absolute(value):
        run.tell(place, "canonical-relative")


def _check_in_bundle(run: Run, place: Place, reference: str, entries: Entries, from_url: str) -> None:
    asked = literal(reference)
    if asked.form == "conditional":
        if entries.kind not in _TRANSACTIONS:
            run.tell(place, "reference-conditional")
        return
    if asked.relative and not from_url:
        if entries.kind not in _TRANSACTIONS and entries.scopes:
            run.tell(place, "reference-no-full-url")
        return
    if asked.form == "other":
        run.tell(place, "reference-form")
        return
    found = entries.found(reference, from_url)
    if len(found) > 1:
        run.tell(place, "reference-ambiguous", found=len(found))
    elif found and asked.type and _type(found[0].resource) not in ("", asked.type):
        run.tell(place, "reference-contradicts", found=_type(found[0].resource), type=asked.type)
    elif not found and reference.startswith("urn:"):
        run.tell(place, "reference-urn-missing")
    elif not found and asked.relative:
        same = entries.by_name.get(f"{asked.type}/{asked.id}", [])
        if same and absolute(asked, from_url):
            run.tell(place, "reference-other-url", found=len(same))


def _bundles(run: Run, scope: Scope) -> Any:
    """The Bundles that hold this scope, the nearest first, each with the fullUrl the reference is seen from."""
    if scope.resource.get("resourceType") == "Bundle":
        yield entries_of(run, scope), ""
    here = scope
    while here.above is not None:
        if here.held_as == "entry":
            entries = entries_of(run, here.above)
            yield entries, entries.url_of(here.resource)
        here = here.above


def _contained(run: Run, scope: Scope, key: str) -> Target | None:
    inside = scope.held_as == "contained" and scope.above is not None
    container = scope.above if inside and scope.above is not None else scope
    found = _contained_in(run, container).get(key) if key else None
    if found is None and inside and key in ("", container.resource.get("id")):
        found = container
    return None if found is None else Target(_type(found.resource), found, "contained")


def _contained_in(run: Run, container: Scope) -> dict[str, Scope]:
    """The contained resources by their id, found out once a run; of those with the same id, the first."""
    memo = ("contained", id(container.resource))
    known = run.memo.get(memo)
    if known is None:
        known = run.memo[memo] = {}
        held = container.resource.get("contained")
        above = (container.place, "contained", "contained")
        for index, resource in enumerate(held if isinstance(held, list) else []):
            if isinstance(resource, dict) and isinstance(resource.get("id"), str):
                scope = Scope(resource, (above, index, f"[{index}]"), "contained", container)
                known.setdefault(resource["id"], scope)
    return known


def _type(resource: dict[str, Any]) -> str:
    """The type of a resource; "" for one that R4 has not, which is told of the resource itself."""
    name = resource.get("resourceType")
    return name if isinstance(name, str) and name in RESOURCE_TYPES else ""
