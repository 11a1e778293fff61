"""A little FHIR R4 server: takes transactions as a real one does, keeps them on disk, shows what it holds.

POST /fhir              a transaction, all of it or nothing
GET  /fhir/{type}/{id}  one resource; /fhir/{type}?identifier=system|value those with that identifier
GET  /fhir/metadata     what it can
POST /fhir/slow         the same as /fhir, a few seconds later
POST /fhir/later        says 503 with Retry-After the first time of each Bundle, then takes it
POST /fhir/refuse       says 422, and names the patient as careless servers do
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gateway.sandbox.certificates import Certificates
from gateway.sandbox.maildirs import write_whole
from gateway.sandbox.resources import JSON, Refused, Resources
from gateway.sandbox.site import Asked, Site, Standing, Told

BASE = "/fhir"
_MAGIC = ("/slow", "/later", "/refuse")


class FhirBox(Standing):
    """Listens at `url` on a free port, or on `port`.

    folder  where each transaction taken is kept, one file; another start there holds what the last one held
    token   the bearer token it demands; None: anyone may speak
    slow_s  how long `/fhir/slow` takes, seconds
    """

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        *,
        port: int = 0,
        token: str | None = None,
        slow_s: float = 4.0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._token, self._slow_s = folder, token, slow_s
        self._lock = threading.Lock()
        self._postponed: set[str] = set()
        self._resources = Resources()
        self.bodies: list[bytes] = []  # of every transaction taken in this run, repeats too
        for bundle in received(folder):
            self._resources.transact(bundle)
        self._site = Site(certificates, self._answer, port=port)
        self.url = self._site.root + BASE

    def received(self) -> list[JSON]:
        """Every transaction taken so far, in order."""
        return received(self._folder)

    def holds(self, kind: str) -> list[JSON]:
        """Every resource of that type, as it is now."""
        with self._lock:
            return self._resources.all(kind)

    def _answer(self, asked: Asked) -> Told:
        if self._token is not None and asked.headers.get("authorization") != f"Bearer {self._token}":
            return _fhir(401, _outcome("login", "who are you?"))
        parts = urlsplit(asked.path)
        if parts.path != BASE and not parts.path.startswith(BASE + "/"):
            return _fhir(404, _outcome("not-found", "nothing here"))
        path = parts.path.removeprefix(BASE).rstrip("/")
        try:
            if asked.method == "POST" and (path == "" or path in _MAGIC):
                return self._post(path, asked)
            if asked.method == "GET":
                return self._get(path, parse_qs(parts.query))
        except Refused as no:
            return _fhir(no.status, _outcome(no.code, str(no)))
        return _fhir(405, _outcome("not-supported", "only transactions are taken"))

    def _post(self, magic: str, asked: Asked) -> Told:
        if not asked.headers.get("content-type", "").startswith("application/fhir+json"):
            return _fhir(415, _outcome("not-supported", "only application/fhir+json"))
        try:
            bundle = json.loads(asked.body)
        except (ValueError, RecursionError):
            raise Refused(400, "structure", "not JSON") from None
        if magic == "/refuse":
            raise Refused(422, "business-rule", f"unknown patient {_patient_name(bundle)}")
        if magic == "/slow":
            time.sleep(self._slow_s)
        with self._lock:
            key = json.dumps(bundle.get("identifier") if isinstance(bundle, dict) else None)
            if magic == "/later" and key not in self._postponed:
                self._postponed.add(key)
                return _fhir(503, _outcome("transient", "come back"), {"retry-after": "1"})
            entries = self._resources.transact(bundle)
            number = len(list(self._folder.glob("*.json"))) + 1
            write_whole(self._folder / f"{number:06}.json", asked.body)
            self.bodies.append(asked.body)
        return _fhir(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})

    def _get(self, path: str, query: Mapping[str, list[str]]) -> Told:
        _, _, rest = path.partition("/")
        kind, _, id = rest.partition("/")
        with self._lock:
            if kind == "metadata":
                return _fhir(200, _CAPABILITIES)
            if id:
                return _fhir(200, self._resources.get(kind, id))
            wanted = query.get("identifier", [""])[0]
            found = self._resources.find(kind, wanted) if wanted else self._resources.all(kind)
        entries = [{"resource": each, "search": {"mode": "match"}} for each in found]
        return _fhir(200, {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries})


def received(folder: Path) -> list[JSON]:
    """The transactions a server keeps in that folder; from another process too."""
    return [json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))]


_CAPABILITIES: JSON = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["application/fhir+json"],
    "software": {"name": "Bac à sable Passerelle"},
    "rest": [{"mode": "server", "interaction": [{"code": "transaction"}]}],
}


def _fhir(status: int, resource: JSON, headers: Mapping[str, str] | None = None) -> Told:
    body = json.dumps(resource, ensure_ascii=False).encode()
    return Told(status, body, {"content-type": "application/fhir+json", **(headers or {})})


def _outcome(code: str, words: str) -> JSON:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": words}]}


def _patient_name(bundle: Any) -> str:
    entries = bundle.get("entry", []) if isinstance(bundle, dict) else []
    for entry in entries:
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "Patient":
            return " ".join(name.get("family", "") for name in resource.get("name", []))
    return "?"
