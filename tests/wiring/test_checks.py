"""What `passerelle check` finds out about endpoints, in front of real https servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.cli.box import write_settings
from gateway.config import BadSettings, Settings, load
from gateway.sandbox import Sandbox
from gateway.wiring import (
    check_certificates,
    check_converter,
    check_dialects,
    check_endpoints,
    data,
    open_gateway,
    open_words,
)

Changed = Callable[[Callable[[dict[str, Any]], object]], Settings]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("mssante")) as running:
        yield running


@pytest.fixture
def changed(sandbox: Sandbox, tmp_path: Path) -> Changed:
    """Settings beside the sandbox, after somebody changed them."""
    facts = json.loads((sandbox.root / "sandbox.json").read_text())
    routes = (data("examples") / "routes.yaml").read_bytes()
    file = write_settings(tmp_path, facts, routes, called=True)

    def change(how: Callable[[dict[str, Any]], object]) -> Settings:
        tree = YAML(typ="safe").load(file.read_text("utf-8"))
        how(tree)
        with file.open("w", encoding="utf-8") as out:
            YAML(typ="safe").dump(tree, out)
        return load(file)

    return change


def test_endpoints_that_answer_and_prove_their_name_are_in_order_and_hear_nothing(
    changed: Changed, sandbox: Sandbox
) -> None:
    check_endpoints(changed(lambda _: None))
    assert list((sandbox.root / "fhir").iterdir()) == []
    assert list((sandbox.root / "practice").iterdir()) == []


@pytest.mark.parametrize("change", [
    {"url": "https://127.0.0.1:1/x"}, {"ca": None}, {"allow_networks": None}, {"url": "https://does-not-exist.invalid/"},
])  # fmt: skip
def test_an_endpoint_nobody_answers_at_or_that_may_not_be_reached_is_named(
    changed: Changed, change: dict[str, Any]
) -> None:
    def how(tree: dict[str, Any]) -> None:
        told = tree["endpoints"]["dossier-de-la-cpts"] | change
        tree["endpoints"]["dossier-de-la-cpts"] = {name: value for name, value in told.items() if value is not None}

    with pytest.raises(BadSettings) as wrong:
        check_endpoints(changed(how))
    (problem,) = wrong.value.problems
    assert problem.startswith("endpoints.dossier-de-la-cpts: ")


def test_a_dialect_nobody_knows_is_named_and_no_gateway_opens_with_it(changed: Changed) -> None:
    settings = changed(lambda tree: tree["endpoints"]["plateforme-territoriale"].update(dialect="klingon"))
    with pytest.raises(BadSettings, match=r"plateforme-territoriale\.dialect: no table tells klingon"):
        check_dialects(settings, open_words())
    with pytest.raises(BadSettings):
        open_gateway(settings)


def test_an_endpoints_client_certificate_is_looked_at_too(changed: Changed, tmp_path: Path) -> None:
    (tmp_path / "bad.p12").write_bytes(b"no certificate")
    settings = changed(lambda tree: tree["endpoints"]["dossier-de-la-cpts"].update(certificate="bad.p12"))
    with pytest.raises(BadSettings, match=r"bad\.p12: not a PKCS#12"):
        check_certificates(settings)


def test_a_converter_that_is_missed_is_named_and_one_nobody_asks_for_is_not(changed: Changed) -> None:
    documents = {"pdf": "convert", "converter": "no-such-program", "convert_within": "5s"}
    with pytest.raises(BadSettings, match=r"documents\.converter: not installed"):
        check_converter(changed(lambda tree: tree.update(documents=documents)))
    check_converter(changed(lambda tree: tree.update(documents={**documents, "converter": "/bin/sh"})))
    check_converter(changed(lambda tree: tree.update(documents={**documents, "pdf": "warn"})))
