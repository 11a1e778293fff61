"""The index of a package is worked out once, and again whenever a file changed or the cache is not to be trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.validate.packages.cache import Cache, default_cache
from gateway.validate.packages.index import Index, index_of

RESOURCE = {"resourceType": "CodeSystem", "url": "https://exemple.invalid/un", "version": "1", "content": "fragment"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "un.json").write_text(json.dumps(RESOURCE), "utf-8")
    (folder / "faulty.json").write_text("{", "utf-8")
    (folder / "no-url.json").write_text('{"resourceType": "Patient"}', "utf-8")
    (folder / "list.json").write_text("[]", "utf-8")
    (folder / ".index.json").write_text('{"resourceType": "ValueSet", "url": "https://exemple.invalid/no"}', "utf-8")
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def only(kept: Path) -> Path:
    (file,) = kept.iterdir()
    return file


def test_rows_say_what_a_definition_is_and_files_that_are_no_json_are_named(folder: Path, kept: Path) -> None:
    index = index_of(folder, Cache(kept))
    assert [tuple(row) for row in index.rows] == [
        ("CodeSystem", "https://exemple.invalid/un", "1", "un.json", "", "fragment", "")
    ]
    assert index.unreadable == ("faulty.json",)


def test_what_is_kept_is_the_same_and_no_other_user_can_read_it(folder: Path, kept: Path) -> None:
    first = index_of(folder, Cache(kept))
    os.chmod(folder / "un.json", 0o600)
    told = json.loads(only(kept).read_bytes())
    told["rows"][0][2] = "from the cache"
    only(kept).write_text(json.dumps(told))
    assert index_of(folder, Cache(kept)).rows == (first.rows[0]._replace(version="from the cache"),)
    assert kept.stat().st_mode & 0o777 == 0o700
    assert only(kept).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_a_changed_package_is_indexed_again(folder: Path, kept: Path, change: str) -> None:
    index_of(folder, Cache(kept))
    if change == "edited":
        (folder / "un.json").write_text(json.dumps(RESOURCE | {"version": "2"}), "utf-8")
    elif change == "added":
        (folder / "deux.json").write_text(json.dumps(RESOURCE | {"version": "2"}), "utf-8")
    else:
        (folder / "un.json").unlink()
    versions = {"edited": ["2"], "added": ["2", "1"], "removed": []}[change]
    assert [row.version for row in index_of(folder, Cache(kept)).rows] == versions


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: "{",
        lambda told: "[]",
        lambda told: json.dumps(told | {"format": 0}),
        lambda told: json.dumps(told | {"rows": 3}),
        lambda told: json.dumps(told | {"rows": [["CodeSystem"]]}),
        lambda told: json.dumps(told | {"rows": [[1, 2, 3, "un.json", 5, 6, 7]]}),
        lambda told: json.dumps(told | {"rows": [["ValueSet", "u", "", "../../etc/passwd", "", "", ""]]}),
        lambda told: json.dumps(told | {"unreadable": [3]}),
        lambda told: json.dumps({"seal": told["seal"]}),
    ],
    ids=["cut", "list", "format", "no rows", "narrow", "numbers", "elsewhere", "unreadable", "bare"],
)
def test_a_cache_that_is_broken_or_points_elsewhere_is_not_believed(folder: Path, kept: Path, spoil: object) -> None:
    right = index_of(folder, Cache(kept))
    assert callable(spoil)
    only(kept).write_text(spoil(json.loads(only(kept).read_bytes())))
    assert index_of(folder, Cache(kept)) == right


def test_a_cache_others_can_write_to_is_neither_read_nor_written(folder: Path, kept: Path) -> None:
    kept.mkdir()
    kept.chmod(0o777)
    assert Cache(kept).folder is None
    assert isinstance(index_of(folder, Cache(kept)), Index)
    assert list(kept.iterdir()) == []


def test_without_a_cache_nothing_is_kept(folder: Path) -> None:
    assert index_of(folder, Cache(None)).rows == index_of(folder, Cache(None)).rows


def test_a_cache_that_cannot_be_made_is_no_fault(folder: Path) -> None:
    assert Cache(folder / "un.json" / "cache").folder is None


def test_the_users_cache_is_where_the_system_keeps_such_things() -> None:
    assert default_cache({"XDG_CACHE_HOME": "/c"}) == Path("/c/passerelle")
    home = default_cache({"HOME": "/h"})
    assert home in {Path("/h/.cache/passerelle"), Path("/h/Library/Caches/passerelle")}
    assert default_cache({}) is None
