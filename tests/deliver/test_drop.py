"""A drop folder: each file is taken once, whole, never through a link, and lies beside its answer afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.deliver import DropFolder, Dropped
from gateway.model.errors import Unreachable

NOW = datetime.now(UTC) + timedelta(minutes=1)
CAP = 1000


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    """An empty one."""
    drop = DropFolder(tmp_path, max_bytes=CAP)
    assert list(drop.look(NOW)) == []
    return drop


def put(tmp_path: Path, name: str, content: bytes = b"content", *, age_s: float = 60) -> Path:
    path = tmp_path / "in" / name
    path.write_bytes(content)
    touched = NOW.timestamp() - age_s
    os.utime(path, (touched, touched))
    return path


def shelve(folder: DropFolder, *, accepted: bool = True, answer: bytes = b"{}") -> list[Dropped]:
    taken = []
    for dropped in folder.look(NOW):
        folder.shelve(dropped, answer, accepted=accepted)
        taken.append(dropped)
    return taken


def lying(tmp_path: Path) -> set[str]:
    return {
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir() and path.name != ".lock"
    }


def test_a_file_is_taken_once_and_lies_beside_its_answer(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "équipe 12.csv")
    (taken,) = shelve(folder, answer=b"the answer")
    assert (taken.name, taken.raw, taken.why) == ("équipe 12.csv", b"content", "")
    assert lying(tmp_path) == {"done/équipe 12.csv", "done/équipe 12.csv.answer.json"}
    assert (tmp_path / "done" / "équipe 12.csv.answer.json").read_bytes() == b"the answer"
    assert shelve(folder) == []


def test_what_is_refused_lies_apart(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.json")
    shelve(folder, accepted=False)
    assert lying(tmp_path) == {"refused/a.json", "refused/a.json.answer.json"}


@pytest.mark.parametrize("name", [".hidden", "a.part", "a.csv.PART", "b.tmp", "c~", "d.crdownload", "e.csv.filepart"])
def test_a_file_still_bearing_the_name_of_an_unfinished_one_is_left_alone(
    name: str, folder: DropFolder, tmp_path: Path
) -> None:
    put(tmp_path, name)
    assert shelve(folder) == []
    assert lying(tmp_path) == {f"in/{name}"}


def test_a_file_touched_a_moment_ago_may_still_be_growing(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", age_s=1)
    assert shelve(folder) == []
    put(tmp_path, "a.csv", age_s=3)
    assert len(shelve(folder)) == 1


def test_a_clock_that_runs_ahead_over_there_holds_nothing_back(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", age_s=-3600)
    assert len(shelve(folder)) == 1


def test_files_are_taken_oldest_first(folder: DropFolder, tmp_path: Path) -> None:
    for name, age in (("a", 10), ("b", 30), ("c", 20)):
        put(tmp_path, name, name.encode(), age_s=age)
    assert [dropped.name for dropped in shelve(folder)] == ["b", "c", "a"]


def test_what_a_dead_worker_had_taken_is_taken_again_first(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "first.csv")
    looking = folder.look(NOW)
    next(looking)  # … and here the worker dies
    looking.close()
    put(tmp_path, "second.csv", age_s=600)
    assert [dropped.name for dropped in shelve(folder)] == ["first.csv", "second.csv"]


def test_death_between_the_answer_and_the_move_leaves_one_file_and_one_answer(
    folder: DropFolder, tmp_path: Path
) -> None:
    put(tmp_path, "a.csv")
    looking = folder.look(NOW)
    next(looking)
    (tmp_path / "done" / "a.csv.answer.json").write_bytes(b"half-way")
    looking.close()
    shelve(folder, answer=b"whole")
    assert lying(tmp_path) == {"done/a.csv", "done/a.csv.answer.json"}
    assert (tmp_path / "done" / "a.csv.answer.json").read_bytes() == b"whole"


def test_the_same_file_dropped_again_is_answered_in_its_place(folder: DropFolder, tmp_path: Path) -> None:
    for _ in range(2):
        put(tmp_path, "a.csv")
        shelve(folder)
    assert lying(tmp_path) == {"done/a.csv", "done/a.csv.answer.json"}


def test_another_file_of_the_same_name_does_not_hide_the_first(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"monday")
    shelve(folder)
    put(tmp_path, "a.csv", b"tuesday")
    (second,) = shelve(folder)
    assert (tmp_path / "done" / "a.csv").read_bytes() == b"monday"
    assert (tmp_path / "done" / f"{second.digest}.csv").read_bytes() == b"tuesday"
    assert (tmp_path / "done" / f"{second.digest}.csv.answer.json").exists()


def test_a_file_larger_than_the_cap_is_refused_unread(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"x" * (CAP + 1))
    (taken,) = shelve(folder, accepted=False)
    assert (taken.raw, taken.why) == (b"", "too-large")


def _link(path: Path) -> None:
    path.symlink_to(path.parents[1] / "secret")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [_link, _pipe])
def test_what_is_no_plain_file_is_moved_and_never_opened(
    make: Callable[[Path], None], folder: DropFolder, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    make(tmp_path / "in" / "odd.csv")
    (taken,) = shelve(folder, accepted=False)
    assert (taken.raw, taken.why) == (b"", "unreadable-file")
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert lying(tmp_path) == {"secret", "refused/odd.csv", "refused/odd.csv.answer.json"}


def test_a_link_left_in_the_way_of_an_answer_is_replaced_not_followed(folder: DropFolder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "done" / "a.csv.answer.json").symlink_to(tmp_path / "secret")
    (tmp_path / "done" / "a.csv").symlink_to(tmp_path / "secret")
    put(tmp_path, "a.csv")
    shelve(folder)
    assert (tmp_path / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.csv",
        b"a\nb.csv",
        b"\x1b[31m.csv",
        b"n" * 250,
        b"-rf.csv",
        b"a.csv.answer.json",
        "\u202egnp.csv".encode(),
    ],
)
def test_a_name_no_one_could_type_is_replaced_by_the_digest(name: bytes, folder: DropFolder, tmp_path: Path) -> None:
    (tmp_path / "in" / os.fsdecode(name)).write_bytes(b"content")
    (taken,) = shelve(folder)
    assert {file.partition(".")[0] for file in lying(tmp_path)} == {f"done/{taken.digest}"}


def test_a_folder_in_the_folder_is_left_alone(folder: DropFolder, tmp_path: Path) -> None:
    (tmp_path / "in" / "archive").mkdir()
    assert shelve(folder) == []
    assert (tmp_path / "in" / "archive").is_dir()


def test_one_worker_at_a_time_reads_a_folder(folder: DropFolder, tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    looking = folder.look(NOW)
    dropped = next(looking)
    assert list(DropFolder(tmp_path, max_bytes=CAP).look(NOW)) == []
    folder.shelve(dropped, b"{}", accepted=True)
    looking.close()


@pytest.mark.parametrize("shelf", ["in", "taken", "done", "refused"])
def test_a_shelf_that_leads_elsewhere_is_not_used(shelf: str, folder: DropFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    elsewhere.mkdir()
    put(tmp_path, "a.csv")
    (tmp_path / shelf).rename(tmp_path / "old")
    (tmp_path / shelf).symlink_to(elsewhere)
    with pytest.raises(Unreachable):
        shelve(folder)
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unreachable):
        list(DropFolder(tmp_path / "file" / "below", max_bytes=CAP).look(NOW))
