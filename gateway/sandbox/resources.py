"""What a FHIR server holds, and a transaction on it: all of it or nothing (R4 http.html §3.1.0.11)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

JSON = dict[str, Any]


class Refused(Exception):
    """The transaction, or the question, is turned down; nothing was changed."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code = status, code


class Resources:
    """Resources by type and id. The same transactions in the same order give the same ids. For one thread at a time."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], JSON] = {}
        self._last_id = 0

    def all(self, kind: str) -> list[JSON]:
        """Every resource of that type, oldest first."""
        return [each for (type_, _), each in self._held.items() if type_ == kind]

    def get(self, kind: str, id: str) -> JSON:
        """One resource. Raises Refused with 404."""
        try:
            return self._held[kind, id]
        except KeyError:
            raise Refused(404, "not-found", "no such resource") from None

    def find(self, kind: str, token: str) -> list[JSON]:
        """Those with that identifier, `system|value`."""
        return [each for each in self.all(kind) if token in _tokens(each)]

    def transact(self, bundle: Any) -> list[JSON]:
        """Carry out a transaction Bundle and give the entries of its response, in order. Raises Refused."""
        if (
            not isinstance(bundle, dict)
            or bundle.get("resourceType") != "Bundle"
            or bundle.get("type") != "transaction"
        ):
            raise Refused(422, "invalid", "not a transaction")
        before, last_id = dict(self._held), self._last_id  # what is held is replaced, never changed
        try:
            return self._transact(bundle)
        except Refused:
            self._held, self._last_id = before, last_id
            raise
        except (KeyError, TypeError, AttributeError, ValueError):
            self._held, self._last_id = before, last_id
            raise Refused(422, "invalid", "an entry cannot be read") from None

    def _transact(self, bundle: JSON) -> list[JSON]:
        """Where each entry goes is settled before any is written: entries refer to each other in any order."""
        entries = bundle.get("entry", [])
        places = [self._place(entry) for entry in entries]
        moved = {
            entry["fullUrl"]: f"{kind}/{id}"
            for entry, (kind, id, _) in zip(entries, places, strict=True)
            if "fullUrl" in entry
        }
        return [
            self._write(entry, kind, id, new, moved) for entry, (kind, id, new) in zip(entries, places, strict=True)
        ]

    def _place(self, entry: JSON) -> tuple[str, str, bool]:
        """(type, id, whether it is new) of what one entry is about."""
        request = entry["request"]
        target, _, query = request["url"].partition("?")
        kind, _, id = target.partition("/")
        if request["method"] != "PATCH" and entry["resource"]["resourceType"] != kind:
            raise Refused(422, "invalid", "an entry of another type than its url")
        if id:
            if request["method"] != "PUT":
                self.get(kind, id)
            return kind, id, (kind, id) not in self._held
        condition = query or (request.get("ifNoneExist", "") if request["method"] == "POST" else "")
        found = self.find(kind, _wanted(condition)) if condition else []
        if len(found) > 1:
            raise Refused(412, "multiple-matches", "the condition fits several")
        if found:
            return kind, found[0]["id"], False
        if request["method"] == "PATCH":
            raise Refused(404, "not-found", "nothing to patch")
        self._last_id += 1
        return kind, str(self._last_id), True

    def _write(self, entry: JSON, kind: str, id: str, new: bool, moved: Mapping[str, str]) -> JSON:
        method, resource = entry["request"]["method"], _moved(entry["resource"], moved)
        if method == "POST" and not new:
            return _response(200, kind, id, self._held[kind, id])  # it exists: nothing is created
        if method == "PATCH":
            resource = _patched(self._held[kind, id], resource)
        elif method not in ("POST", "PUT"):
            raise Refused(405, "not-supported", "no such method here")
        version = 1 if new else int(self._held[kind, id]["meta"]["versionId"])
        written = {**resource, "id": id}
        meta = {name: value for name, value in resource.get("meta", {}).items() if name != "versionId"}
        if not new and {**written, "meta": {**meta, "versionId": str(version)}} != self._held[kind, id]:
            version += 1
        self._held[kind, id] = {**written, "meta": {**meta, "versionId": str(version)}}
        return _response(201 if new else 200, kind, id, self._held[kind, id])


def _response(status: int, kind: str, id: str, held: JSON) -> JSON:
    version = held["meta"]["versionId"]
    words = "201 Created" if status == 201 else "200 OK"
    return {"response": {"status": words, "location": f"{kind}/{id}/_history/{version}", "etag": f'W/"{version}"'}}


def _wanted(condition: str) -> str:
    """`system|value` of the only search understood."""
    name, _, value = condition.partition("=")
    if name != "identifier" or "&" in value:
        raise Refused(412, "not-supported", "only identifier=system|value")
    system, _, number = value.partition("|")
    return f"{unquote(system)}|{_plain(unquote(number))}"


def _plain(value: str) -> str:
    for sign in ",|$":
        value = value.replace(f"\\{sign}", sign)
    return value.replace("\\\\", "\\")


def _tokens(resource: JSON) -> set[str]:
    found: list[JSON] = []
    for name in ("identifier", "masterIdentifier"):
        said = resource.get(name, [])
        found += said if isinstance(said, list) else [said]
    return {f"{each.get('system', '')}|{each.get('value', '')}" for each in found}


def _moved(element: Any, moved: Mapping[str, str]) -> Any:
    """The same with every reference into the transaction pointing at what is held now."""
    if isinstance(element, dict):
        return {
            name: moved.get(value, value)
            if name in ("reference", "url") and isinstance(value, str)
            else _moved(value, moved)
            for name, value in element.items()
        }
    return [_moved(each, moved) for each in element] if isinstance(element, list) else element


def _patched(held: JSON, parameters: JSON) -> JSON:
    """FHIRPath Patch (R4 fhirpatch.html), of one element at the top: all that ITI-65 asks for."""
    patched = copy.deepcopy(held)
    for operation in parameters["parameter"]:
        parts = {
            part["name"]: next(value for name, value in part.items() if name != "name") for part in operation["part"]
        }
        kind, _, element = parts["path"].partition(".")
        if parts["type"] != "replace" or kind != held["resourceType"] or not element.isalpha():
            raise Refused(422, "not-supported", "only one element at the top is replaced")
        patched[element] = parts["value"]
    return patched
