from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.deliver import Outcome, Parcel
from gateway.deliver.folder import Folder
from gateway.model.errors import Unreachable
from tests.deliver.conftest import DOMAIN, letter

TO = f"reader@{DOMAIN}"


def test_a_parcel_is_a_file_named_by_its_message_id(tmp_path: Path) -> None:
    parcel = letter(TO, id=f"abc@{DOMAIN}")
    report = Folder(tmp_path / "box").send(parcel)
    assert (report.outcome, report.code, report.detail) == (Outcome.ARRIVED, "written", f"abc@{DOMAIN}.eml")
    assert (tmp_path / "box" / "out" / f"abc@{DOMAIN}.eml").read_bytes() == parcel.body


@pytest.mark.parametrize(
    "id", ["../../up", "/etc/cron.d/x", ".hidden", "a/b", "", "x" * 300, "nul\0", "été", "\ud800", "."]
)
def test_no_message_id_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    Folder(tmp_path / "box").send(_with_id(id))
    [written] = (tmp_path / "box" / "out").iterdir()
    assert written.name.endswith(".eml")
    assert written.name[0] not in "."
    assert [each.name for each in tmp_path.iterdir()] == ["box"]


def _with_id(id: str) -> Parcel:
    return replace(letter(TO), message_id=id)


def test_two_ids_never_share_a_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for id in ("a/b", "a_b", "A/B", "a\\b"):
        folder.send(_with_id(id))
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_other_bytes_under_the_same_id_are_refused(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    first = letter(TO, id="one", text=b"first\r\n")
    folder.send(first)
    report = folder.send(letter(TO, id="one", text=b"second\r\n"))
    assert (report.outcome, report.code) == (Outcome.NEVER, "other-bytes")
    assert (tmp_path / "out" / "one.eml").read_bytes() == first.body


def test_no_half_written_file_is_left_when_the_disk_says_no(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "out" / "one.eml").mkdir(parents=True)
    with pytest.raises(Unreachable):
        folder.send(letter(TO, id="one"))
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["one.eml"]


def test_only_whole_visible_mails_are_collected(tmp_path: Path) -> None:
    incoming = tmp_path / "in"
    incoming.mkdir()
    for name in (".hidden.eml", "a.eml.part", "note.txt", "b.eml", "a.eml"):
        (incoming / name).write_bytes(b"x\r\n")
    (incoming / "directory.eml").mkdir()
    os.mkfifo(incoming / "pipe.eml")
    assert [each.handle for each in Folder(tmp_path).collect()] == ["a.eml", "b.eml"]
