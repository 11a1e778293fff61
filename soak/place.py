"""A gateway's settings in front of the two sinks: one tenant, one mailbox of ours, a few endpoints."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.config import Settings, load
from gateway.model.identity import MailAddress
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.people import Person, directory, white_list
from soak.stream import ENDPOINTS, MAILBOXES

TENANT, CLIENT, ORIGIN = "msp", "logiciel", "app@msp.a.mssante.test"
SETTINGS = "passerelle.yaml"

_ROUTES = """
routes:
  - {name: mailboxes, when: {event: "*"}, to: {role: PROV}, via: mssante, mode: exchange}
  - {name: software, when: {event: "*"}, to: {role: "330"}, via: callback, mode: exchange}
"""


def write_settings(
    folder: Path, *, database: str, port: int, smtp: int, https: int, origins: Sequence[str] = (ORIGIN,)
) -> Settings:
    """Write passerelle.yaml and all it names into a folder that holds the sinks' certificates.

    origins  mailboxes of ours that the white list knows; the first is the one the settings name
    """
    people = [
        *(Person(address=MailAddress(origin), type="APP", finess="750043218") for origin in origins),
        *(Person(address=MailAddress(address), rpps=rpps) for rpps, address in MAILBOXES.items()),
    ]
    written = {
        "white_list.xml": white_list(people, datetime.now(UTC)),
        "directory.txt": directory(people),
        "routes.yaml": _ROUTES,
        "secret": "whsec_" + base64.b64encode(os.urandom(32)).decode(),
    }
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    for name in ("audit.key", "vault.key"):
        (folder / name).write_bytes(os.urandom(32))
    path = folder / SETTINGS
    path.write_text(json.dumps(_settings(folder, database, port, smtp, https)), "utf-8")  # JSON is YAML
    return load(path)


def _settings(folder: Path, database: str, port: int, smtp: int, https: int) -> dict[str, Any]:
    certificates = Certificates(folder / "certificates")
    certificate, _ = certificates.mailbox(ORIGIN)
    ca = str(certificates.ca)
    endpoints = {
        name: {
            "kind": "callback",
            "url": f"https://localhost:{https}/{name}",
            "for": [f"FINESS:{finess}"],
            "secret": "file:secret",
            "ca": ca,
            "allow_networks": ["127.0.0.0/8", "::1/128"],
            "attempt": "5s",
        }
        for name, finess in ENDPOINTS.items()
    }
    return {
        "database": database,
        "audit": {"origin": "passerelle/soak", "key": "file:audit.key", "checkpoints": "checkpoints"},
        "vault": {"key": "file:vault.key"},
        "nil": "DEV000000",
        "operators": {"b": {"smtp": f"localhost:{smtp}", "imap": "localhost:1", "ca": ca, "attempt": "5s"}},
        "mailboxes": [{"address": ORIGIN, "operator": "b", "certificate": str(certificate)}],
        "tenants": {TENANT: {"name": "Maison de santé", "clients": {CLIENT: {"dialect": "canonical"}}}},
        "routes": "routes.yaml",
        "endpoints": endpoints,
        "directory": {"extraction": "directory.txt"},
        "white_list": {"file": "white_list.xml"},
        "server": {"port": port},
        "work": {"lease": "8s", "retries": ["1s", "2s", "4s", *["8s"] * 60]},
    }
