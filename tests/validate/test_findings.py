"""Findings name places, rules and definitions: nothing a file holds comes back in them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.validate import MATTERS, Finding, Validator, open_library
from tests.conftest import SHARED

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "profiles"
PACKAGES = SHARED / "fhir-packages"
SECRET = "Zq9secret"
FORMS: list[Callable[[str], str]] = [
    lambda old: SECRET,
    lambda old: old + SECRET,
    lambda old: f"https://{SECRET}.example.org/x",
    lambda old: f"Patient/{SECRET}",
    lambda old: f"{SECRET}/1",
    lambda old: f"#{SECRET}",
    lambda old: f"urn:uuid:{SECRET}",
    lambda old: f"Patient?identifier={SECRET}",
    lambda old: f"<b>{SECRET}</b>",
    lambda old: f'<div xmlns="http://www.w3.org/1999/xhtml"><{SECRET} {SECRET}="{SECRET}"/></div>',
]
NAMED = {
    "profile-unknown", "profile-other-version", "profile-not-found", "base-unknown", "extension-unknown",
    "extension-other-version", "modifier-extension-unknown", "unknown-system", "system-is-value-set",
    "system-is-supplement", "extension-of-no-guide",
}  # fmt: skip
"""Rules that name the profile, extension or code system a file asks for: else nobody would know what to install."""


@cache
def validator() -> Validator:
    return Validator(open_library(packages=[PACKAGES] if PACKAGES.exists() else [], own=PROFILES))


def samples() -> list[Path]:
    cases = sorted((SHARED / "samples" / "fhir-test-cases").rglob("*.json"))
    return [*sorted((PROFILES / "examples").glob("*.good.json")), *sorted(PACKAGES.glob("*/examples/*.json")), *cases]


def texts(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each text of a tree."""
    if isinstance(value, str):
        yield above
    else:
        for key, held in (
            value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
        ):
            yield from texts(held, (*above, key))


def changed(tree: Any, way: tuple[str | int, ...], form: Callable[[str], str]) -> Any:
    tree = here = deepcopy(tree)
    for key in way[:-1]:
        here = here[key]
    here[way[-1]] = form(here[way[-1]])
    return tree


def gives_away(finding: Finding) -> bool:
    said = [finding.path, finding.rule]
    if finding.rule not in NAMED:
        said += [finding.profile, finding.fr, finding.en]
    return SECRET.lower() in " ".join(said).lower()


@pytest.mark.parametrize("seed", range(6))
def test_no_text_of_a_file_is_repeated_in_a_finding(seed: int) -> None:
    chance = random.Random(seed)
    for file in chance.sample(samples(), min(10, len(samples()))):
        tree = json.loads(file.read_bytes())
        if not isinstance(tree, dict):
            continue
        ways = list(texts(tree))
        for way in chance.sample(ways, min(5, len(ways))):
            for form in FORMS:
                found = validator().check_tree(changed(tree, way, form)).findings
                assert not [one for one in found if gives_away(one)], (file.name, way)


def test_nothing_of_a_file_that_cannot_be_read_is_repeated() -> None:
    for data in (
        f'{{"resourceType": "Patient", "{SECRET}',
        f'{{"resourceType": "Patient", "birthDate": {SECRET}}}',
        f'{{"resourceType": "{SECRET}"}}',
        f"<{SECRET}/>",
        f'<Patient xmlns="http://hl7.org/fhir"><birthDate value="{SECRET}"',
        f'<Patient xmlns="{SECRET}"><active value="true"/></Patient>',
        f'<!DOCTYPE x [<!ENTITY a "{SECRET}">]><Patient xmlns="http://hl7.org/fhir">&a;</Patient>',
        f'<Patient xmlns="http://hl7.org/fhir">{SECRET}<active value="{SECRET}"/><gender>{SECRET}</gender></Patient>',
    ):
        found = validator().check(data.encode()).findings
        assert any(one.severity in ("error", "fatal") for one in found)
        assert not [one for one in found if gives_away(one)], data


def test_what_a_finding_names_is_one_line_of_what_can_be_read() -> None:
    tree = {
        "resourceType": "Patient",
        "extension": [{"url": "https://x.example.org/\x1b[31m\n", "valueBoolean": True}],
        "\x1b[2J\n": 1,
    }
    found = validator().check_tree(tree).findings
    assert {"extension-unknown", "unknown-element"} <= {one.rule for one in found}
    for one in found:
        assert not set("\x1b\n\r") & set(one.path + one.profile + one.fr + one.en)


def test_every_rule_that_says_what_was_not_judged_is_listed_for_readers() -> None:
    listed = (
        (ROOT / "docs" / "howto" / "validate.md").read_text(encoding="utf-8").partition("## What is not checked")[2]
    )
    rules = {name for matter in MATTERS.values() for name, rule in matter.items() if rule.code == "not-supported"}
    assert {name for name in rules if f"`{name}`" not in listed} == set()
