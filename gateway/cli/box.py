"""A gateway beside the sandbox: settings, routes and secrets that fit what `sandbox.json` says."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TENANT, CLIENT = "msp-deux-ponts", "logiciel-de-demonstration"
POLLING = "logiciel-qui-releve"
"""Another software of the tenant: it has no address of its own, and asks for what came."""


FHIR, CALLBACK = "dossier-de-la-cpts", "plateforme-territoriale"
"""Endpoints of the sandbox: the record system of the structure in its directory, and a software its people share."""

_LOOPBACK = ["127.0.0.0/8", "::1/128"]


def write_settings(
    folder: Path,
    facts: Mapping[str, Any],
    routes: bytes,
    *,
    database: str = "sqlite:///passerelle.db",
    port: int = 0,
    called: bool = False,
) -> Path:
    """Write passerelle.yaml, routes.yaml and secrets into `folder`; secrets there already are kept. Gives the path.

    The gateway they describe is quick for a demonstration: it reads its mailbox every second and tries again within
    seconds; a real one takes minutes.

    called  whether the practice software is told at its own address what becomes of its events; beside it stands one
            that asks
    """
    for name in ("audit.key", "vault.key"):
        secret = folder / "secrets" / name
        if not secret.exists():
            secret.parent.mkdir(parents=True, exist_ok=True)
            secret.write_bytes(base64.b64encode(os.urandom(32)))
            secret.chmod(0o600)
    (folder / "routes.yaml").write_bytes(routes)
    path = folder / "passerelle.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(_settings(facts, database, port, called), file)
    return path


def _settings(facts: Mapping[str, Any], database: str, port: int, called: bool) -> dict[str, Any]:
    clients = {CLIENT: {"dialect": "canonical"}}
    if called:
        clients = {CLIENT: clients[CLIENT] | _called(facts["sites"]["practice"]), POLLING: {"dialect": "canonical"}}
    boxes = [box for box in facts["mailboxes"] if box["type"] == "APP"]
    return {
        "database": database,
        "audit": {
            "origin": "passerelle/demonstration",
            "key": "file:secrets/audit.key",
            "checkpoints": "checkpoints",
            "every": "10s",
        },
        "vault": {"key": "file:secrets/vault.key"},
        "nil": "DEV000000",
        "contact": "demonstration",
        "operators": {name: {**operator, "attempt": "10s"} for name, operator in facts["operators"].items()},
        "mailboxes": [
            {
                "address": box["address"],
                "type": "APP",
                "operator": box["operator"],
                "certificate": box["certificate"],
                "collect": True,
            }
            for box in boxes
        ],
        "tenants": {TENANT: {"name": "Maison de santé des Deux Ponts", "clients": clients}},
        "routes": "routes.yaml",
        "endpoints": _endpoints(facts["sites"]),
        "folder": "folder",
        "directory": {"extraction": facts["directory"]},
        "white_list": {"file": facts["white_list"]},
        "server": {"port": port},
        "limits": {"disk": 50_000_000, "reserve": 4_000_000},
        "work": {
            "collect_every": "1s",
            "lease": "12s",
            "closed_for": ["2s", "4s", "8s"],
            "retries": ["2s", "4s", "8s", "15s", "30s", "60s", "120s", "300s", "600s", "900s"],
        },
    }


def _endpoints(sites: Mapping[str, Any]) -> dict[str, Any]:
    fhir, partner = sites["fhir"], sites["partner"]
    return {
        FHIR: {"kind": "fhir_server", "url": fhir["url"], "for": fhir["for"], **_reached(fhir)},
        CALLBACK: {
            "kind": "callback",
            "url": partner["url"],
            "for": partner["for"],
            "secret": f"file:{partner['secret']}",
            **_reached(partner),
        },
    }


def _called(practice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "callback": practice["url"],
        "secret": f"file:{practice['secret']}",
        "ca": practice["ca"],
        "allow_networks": _LOOPBACK,
    }


def _reached(site: Mapping[str, Any]) -> dict[str, Any]:
    return {"ca": site["ca"], "allow_networks": _LOOPBACK, "attempt": "10s"}
