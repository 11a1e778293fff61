"""Endpoints on loopback, and parcels for them."""

from __future__ import annotations

import base64
import itertools
import json
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from gateway.deliver import Parcel
from gateway.deliver.callback import Callback
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.fhir_server import FhirServer
from gateway.deliver.posting import Posting

LOOPBACK = (IPv4Network("127.0.0.0/8"),)
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests only, 32 b").decode()
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KINDS: dict[str, type[Posting]] = {"callback": Callback, "fhir_server": FhirServer}

_numbers = itertools.count(1)


def endpoint(kind: str, port: int, ca: Path, **how: Any) -> Endpoint:
    """An endpoint named `logiciel` at that port of loopback."""
    said = {
        "name": "logiciel",
        "kind": kind,
        "url": f"https://localhost:{port}/chez/nous",
        "ca": ca,
        "secrets": (SECRET,) if kind == "callback" else (),
        "allow_networks": LOOPBACK,
        "attempt_s": 5.0,
        **how,
    }
    return Endpoint(**said)


def transport(kind: str, *endpoints: Endpoint, **how: Any) -> Posting:
    """The adapter of that kind over those endpoints."""
    return KINDS[kind](endpoints, **{"now": lambda: NOON, **how})


def event(*, text: bytes = b"Bonjour.\r\n", to: str = "logiciel", id: str | None = None) -> Parcel:
    """A CloudEvent as a parcel, with an id of its own."""
    id = id or f"event{next(_numbers)}@a.mssante.test"
    data = base64.b64encode(text).decode()
    said = {"specversion": "1.0", "id": id, "source": "essai", "type": "team.created", "data_base64": data}
    return Parcel(id, "app@a.mssante.test", to, json.dumps(said).encode())


def transaction(*, text: bytes = b"Bonjour.\r\n", to: str = "logiciel", id: str | None = None) -> Parcel:
    """A transaction Bundle as a parcel, with an id of its own; it creates what is not there yet."""
    id = id or f"event{next(_numbers)}@a.mssante.test"
    reference = {
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:essai", "value": id}],
        "subject": {"reference": "urn:uuid:patient"},
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(text).decode()}}],
    }
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:essai:ipp", "value": "42"}],
        "name": [{"family": "DURAND-MÉLIÈS", "given": ["Anne-Lise"]}],
        "address": [{"line": ["3 rue des Tilleuls"], "city": "Rochefort"}],
        "birthDate": "1980-05-03",
    }
    entries = [
        _created("urn:uuid:patient", patient, "identifier=urn%3Aessai%3Aipp|42"),
        _created("urn:uuid:document", reference, f"identifier=urn%3Aessai|{id}"),
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "identifier": {"value": id}, "entry": entries}
    return Parcel(id, "app@a.mssante.test", to, json.dumps(bundle).encode())


def _created(url: str, resource: dict[str, Any], unless: str) -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": unless}
    return {"fullUrl": url, "resource": resource, "request": request}


WRITTEN = {"callback": event, "fhir_server": transaction}
