"""The page on how to write a dialect is true: its table reads its body."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.translate import Dialects, check_tables, read_vendor, write_vendor
from tests.strategies import terms

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "howto" / "dialect.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_first_dialect_reads_its_export_and_writes_it_back(tmp_path: Path) -> None:
    (tmp_path / "mon-logiciel.yaml").write_text(block("yaml"), "utf-8")
    assert check_tables([ROOT / "mappings" / "canonical.yaml", tmp_path], terms()) == ()
    theirs = Dialects.load([tmp_path], terms()).get("mon-logiciel")
    body = json.loads(block("json"))
    event = read_vendor(json.dumps(body).encode(), theirs)
    assert json.loads(write_vendor(event, theirs)) == {name: said for name, said in body.items() if name != "maj"}


@pytest.mark.parametrize("word", ["or", "blank-read", "items", "prefix", "codes-read", "each-event", "rows", "remove"])
def test_the_reference_knows_the_words_of_the_guide(word: str) -> None:
    assert word in PAGE
    assert f"`{word}" in (ROOT / "docs" / "reference-mappings.md").read_text("utf-8")
