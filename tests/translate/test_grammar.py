"""The published grammar of tables is the loader's own: what it takes is valid, what is not valid it refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.translate import Dialects, MappingFault, mapping_schema
from gateway.translate.yaml_tree import read_yaml
from tests.strategies import terms

ROOT = Path(__file__).parents[2]
TABLES = sorted([*(ROOT / "mappings").glob("*.yaml"), *Path(__file__).parent.glob("*/*.yaml")])
SCHEMA = Draft202012Validator(mapping_schema())


def plain(file: Path) -> Any:
    return json.loads(json.dumps(read_yaml(file.read_text("utf-8"))))


SMALL = [plain(file) for file in TABLES if "tests" in file.parts]


def test_it_is_a_json_schema_and_the_published_file_is_it() -> None:
    Draft202012Validator.check_schema(mapping_schema())
    published = json.loads((ROOT / "mappings" / "mapping.schema.json").read_text("utf-8"))
    assert published == mapping_schema(), "python -m gateway.translate.grammar > mappings/mapping.schema.json"


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.stem)
def test_every_table_is_valid(file: Path) -> None:
    assert [(list(one.absolute_path), one.message) for one in SCHEMA.iter_errors(plain(file))] == []


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for key, value in inner for place in places(value, (*at, key)))]


MORE = ["or", "only", "list", "path", "x", "is", "value", "blank", "rows", "where", "default", "split", "paths", "join"]
JUNK = [None, 0, -3, 1.5, True, "", "x", "/x", "text", [], ["x"], ["/x", 3], {}, {"x": 1}, {"path": "/x"}, [[]]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data(), table=st.sampled_from(SMALL), new=st.booleans())
def test_a_table_that_is_not_valid_is_refused_by_the_loader(*, data: st.DataObject, table: Any, new: bool) -> None:
    tree = deepcopy(table)
    place = data.draw(st.sampled_from([at for at in places(tree) if at]))
    junk = data.draw(st.sampled_from(JUNK))
    inner = tree
    for step in place[:-1]:
        inner = inner[step]
    if new and isinstance(inner, dict):
        inner[data.draw(st.sampled_from(MORE))] = junk
    else:
        inner[place[-1]] = junk
    assume(not SCHEMA.is_valid(tree))
    with TemporaryDirectory() as folder:
        (Path(folder) / "t.yaml").write_text(json.dumps(tree), "utf-8")
        with pytest.raises(MappingFault):
            Dialects.load([Path(folder)], terms())
