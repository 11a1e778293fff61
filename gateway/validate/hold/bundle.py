"""What a Bundle asks beyond the invariants of R4: of the fullUrl and request of its entries, and of its links."""

from __future__ import annotations

from typing import Any

from gateway.validate.hold.entries import entries_of
from gateway.validate.hold.literal import RESOURCE_TYPES, is_absolute, literal
from gateway.validate.hold.reach import check_reached
from gateway.validate.hold.searchset import check_searchset
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

_NO_FULL_URL = frozenset(("transaction", "transaction-response", "batch", "batch-response"))
_PAGES = ("first", "previous", "next", "last")


def check_bundle(run: Run, scope: Scope) -> None:
    """Tell what is wrong with a Bundle as a whole (FHIR R4 §2.36, §3.1.0.9, §3.1.0.11, §3.3.1)."""
    kind = entries_of(run, scope).kind
    for place, entry in placed(scope, "entry"):
        _check_full_url(run, place, entry, kind)
        _check_request(run, place, entry)
    _check_links(run, scope, kind)
    if kind == "searchset":
        check_searchset(run, scope)
    elif kind in ("document", "message"):
        check_reached(run, scope, message=kind == "message")


def placed(scope: Scope, name: str) -> list[tuple[Place, dict[str, Any]]]:
    """The items of a list of the resource, each with its place."""
    held = scope.resource.get(name)
    above = (scope.place, name, name)
    items = held if isinstance(held, list) else []
    return [((above, index, f"[{index}]"), item) for index, item in enumerate(items) if isinstance(item, dict)]


def _check_full_url(run: Run, place: Place, entry: dict[str, Any], kind: str) -> None:
    """Bundle.entry.fullUrl: absolute, and what the resource's own type and id say where it is a RESTful URL."""
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(resource, dict):
        return
    if not isinstance(url, str) or not url:
        if kind and kind not in _NO_FULL_URL:
            run.tell(place, "full-url-missing")
    elif not is_absolute(url):
        run.tell(place, "full-url-relative")
    else:
        asked = literal(url)
        if asked.form == "restful":
            name, key = resource.get("resourceType"), resource.get("id")
            if not key:
                run.tell(place, "full-url-no-id")
            elif asked.type != name or asked.id != key:
                run.tell(place, "full-url-other-id")


def _check_request(run: Run, place: Place, entry: dict[str, Any]) -> None:
    """What is created or updated is of the type the request's URL names, and has its id."""
    request, resource = entry.get("request"), entry.get("resource")
    if not isinstance(request, dict) or not isinstance(resource, dict):
        return
    url, method = request.get("url"), request.get("method")
    if method not in ("POST", "PUT") or not isinstance(url, str):
        return
    there = ((place, "request", "request"), "url", "url")
    path = url.partition("?")[0].rstrip("/")
    name, _, key = path.partition("/")
    if name not in RESOURCE_TYPES:
        return
    if name != resource.get("resourceType"):
        run.tell(there, "request-other-type", type=name)
    elif method == "PUT" and key and key != resource.get("id"):
        run.tell(there, "request-other-id")


def _check_links(run: Run, scope: Scope, kind: str) -> None:
    seen: set[str] = set()
    for place, link in placed(scope, "link"):
        relation = link.get("relation")
        if not isinstance(relation, str):
            continue
        there = (place, "relation", "relation")
        if kind not in ("searchset", "history", "") and relation in _PAGES:
            run.tell(there, "link-not-here", relation=relation)
        elif relation in seen and relation in (*_PAGES, "self"):
            run.tell(place, "link-twice", relation=relation)
        elif kind == "document" and relation == "stylesheet":
            _check_stylesheet(run, scope, (place, "url", "url"), link.get("url"))
        seen.add(relation)


def _check_stylesheet(run: Run, scope: Scope, place: Place, url: Any) -> None:
    """A stylesheet of a document stands in it, or is the one of FHIR (FHIR R4 §3.3.2)."""
    if not isinstance(url, str) or url == "https://hl7.org/fhir/fhir.css":
        return
    if is_absolute(url):
        run.tell(place, "stylesheet-external")
    elif url not in entries_of(run, scope).by_name:
        run.tell(place, "stylesheet-missing")
