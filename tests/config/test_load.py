"""Settings of the channels: every mistake is named with its line, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.config import BadSettings, Settings, load

FHIR: dict[str, Any] = {"kind": "fhir_server", "url": "https://dossier.example/fhir", "for": ["FINESS:750000002"]}
CALLBACK: dict[str, Any] = {
    "kind": "callback", "url": "https://logiciel.example/x", "for": ["RPPS:10100054328"], "secret": "env:S",
}  # fmt: skip
CLIENT: dict[str, Any] = {"callback": "https://logimed.example/x", "secret": ["env:NEW", "env:OLD"]}


def told(folder: Path, **changes: Any) -> Settings:
    """Small good settings with some of them changed, read from a file."""
    tree: dict[str, Any] = {
        "audit": {"origin": "passerelle/test", "key": "env:A", "checkpoints": "checkpoints"},
        "vault": {"key": "env:K"},
        "nil": "DEV935997",
        "operators": {"a": {"smtp": "127.0.0.1:587", "imap": "127.0.0.1:143"}},
        "mailboxes": [{"address": "app@cpts.a.mssante.test", "operator": "a", "certificate": "app.p12"}],
        "tenants": {"cpts": {"name": "CPTS Exemple", "clients": {"logimed": CLIENT}}},
        "endpoints": {"dossier": FHIR, "plateforme": CALLBACK},
        **changes,
    }
    file = folder / "passerelle.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(tree, out)
    return load(file)


def test_endpoints_and_callbacks_read_with_what_is_usual(tmp_path: Path) -> None:
    settings = told(tmp_path)
    dossier, plateforme = settings.endpoints["dossier"], settings.endpoints["plateforme"]
    assert (dossier.stands_for, dossier.max_size, dossier.allow_networks) == (("FINESS:750000002",), 20_000_000, ())
    assert plateforme.secret == ("env:S",)
    assert settings.tenants["cpts"].clients["logimed"].secret == ("env:NEW", "env:OLD")


def test_paths_and_secrets_of_an_endpoint_are_beside_the_settings(tmp_path: Path) -> None:
    told_so = {**CALLBACK, "ca": "ca.pem", "secret": ["file:one", "file:/two"], "allow_networks": ["10.0.0.0/8", "::1"]}
    endpoint = told(tmp_path, endpoints={"p": told_so}).endpoints["p"]
    assert endpoint.ca == tmp_path / "ca.pem"
    assert endpoint.secret == (f"file:{tmp_path / 'one'}", "file:/two")
    assert [str(network) for network in endpoint.allow_networks] == ["10.0.0.0/8", "::1/128"]


def clients(**changes: Any) -> dict[str, Any]:
    return {"tenants": {"cpts": {"name": "CPTS", "clients": {"autre": {"folder": "drop"}, "logimed": changes}}}}


@pytest.mark.parametrize(("changes", "place"), [
    ({"endpoints": {"d": {**FHIR, "url": "http://dossier.example"}}}, "endpoints.d.url"),
    ({"endpoints": {"d": {**FHIR, "for": []}}}, "endpoints.d.for"),
    ({"endpoints": {"d": {**FHIR, "for": ["LOCAL:1.2:42"]}}}, "endpoints.d.for.0"),
    ({"endpoints": {"d": {**FHIR, "for": ["Cabinet Martin"]}}}, "endpoints.d.for.0"),
    ({"endpoints": {"d": {**FHIR, "kind": "fax"}}}, "endpoints.d.kind"),
    ({"endpoints": {"d": {**FHIR, "adress": "x"}}}, "endpoints.d.adress"),
    ({"endpoints": {"d": {**FHIR, "secret": "env:S"}}}, "endpoints.d.secret"),
    ({"endpoints": {"d": {**FHIR, "dialect": "canonical"}}}, "endpoints.d.dialect"),
    ({"endpoints": {"d": {**FHIR, "attempt": "15m"}}}, "endpoints.d.attempt"),
    ({"endpoints": {"d": {**FHIR, "allow_networks": ["10.0.0.1/8"]}}}, "endpoints.d.allow_networks.0"),
    ({"endpoints": {"d": FHIR, "e": FHIR}}, "endpoints.e.for"),
    ({"endpoints": {"p": {name: CALLBACK[name] for name in ("kind", "url", "for")}}}, "endpoints.p.secret"),
    ({"endpoints": {"p": {**CALLBACK, "secret": []}}}, "endpoints.p.secret"),
    ({"endpoints": {"p": {**CALLBACK, "secret": "hunter2"}}}, "endpoints.p.secret.0"),
    (clients(callback="https://x.example"), "tenants.cpts.clients.logimed.secret"),
    (clients(secret="env:S"), "tenants.cpts.clients.logimed.secret"),
    (clients(callback="ftp://x.example", secret="env:S"), "tenants.cpts.clients.logimed.callback"),
    (clients(folder="drop"), "tenants.cpts.clients.logimed.folder"),
    ({"mailboxes": [{"address": "a@b.fr", "operator": "a", "certificate": "p", "client": "x"}]}, "mailboxes.0.client"),
    ({"documents": {"pdf": "print"}}, "documents.pdf"),
    ({"documents": {"pdf": "convert", "convert_within": "15m"}}, "documents.convert_within"),
])  # fmt: skip
def test_what_does_not_fit_is_named_with_its_line_and_never_its_secret(
    changes: dict[str, Any], place: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings) as wrong:
        told(tmp_path, **changes)
    assert any(f": {place}: " in problem for problem in wrong.value.problems), wrong.value.problems
    assert all(problem.startswith(f"{tmp_path / 'passerelle.yaml'}:") for problem in wrong.value.problems)
    assert "hunter2" not in str(wrong.value)


def test_one_structure_may_have_an_endpoint_of_each_kind(tmp_path: Path) -> None:
    both = told(tmp_path, endpoints={"d": FHIR, "p": {**CALLBACK, "for": FHIR["for"]}})
    assert len(both.endpoints) == 2
