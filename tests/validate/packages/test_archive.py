"""A package archive is unpacked whole or refused whole, and nothing of it is ever written outside its folder."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.validate.library import open_library
from gateway.validate.packages import archive
from gateway.validate.packages.archive import ArchiveRefused, unpack, unpacked
from gateway.validate.packages.cache import Cache

MANIFEST = {"name": "exemple.un", "version": "1.0.0"}
VALUES = {"resourceType": "ValueSet", "url": "https://exemple.invalid/ValueSet/un"}


def packed(place: Path, *more: tuple[tarfile.TarInfo, bytes], manifest: bool = True) -> Path:
    """An archive with a manifest, a value set and what is given."""
    file = place / "exemple.un-1.0.0.tgz"
    with tarfile.open(file, "w:gz") as out:
        for name, told in (("package.json", MANIFEST), ("ValueSet-un.json", VALUES)):
            if manifest or name != "package.json":
                body = json.dumps(told).encode()
                out.addfile(entry(f"package/{name}", size=len(body)), io.BytesIO(body))
        for member, body in more:
            out.addfile(member, io.BytesIO(body))
    return file


def entry(name: str, kind: bytes = tarfile.REGTYPE, *, size: int = 0, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, to
    return member


def whole(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*")}


def test_an_archive_is_unpacked_with_its_package_folder_only(tmp_path: Path) -> None:
    file = packed(tmp_path, (entry("openapi/x.json", size=2), b"{}"), (entry("package/example/p.json", size=2), b"{}"))
    unpack(file, tmp_path / "un")
    assert whole(tmp_path / "un") == {
        "package", "package/package.json", "package/ValueSet-un.json", "package/example", "package/example/p.json",
    }  # fmt: skip


HOSTILE = {
    "a name above": entry("package/../../outside.json", size=1),
    "an absolute name": entry("/tmp/outside.json", size=1),
    "a name of Windows": entry("package\\..\\..\\outside.json", size=1),
    "a symbolic link": entry("package/link", tarfile.SYMTYPE, to="/etc"),
    "a hard link": entry("package/link", tarfile.LNKTYPE, to="/etc/passwd"),
    "a device": entry("package/null", tarfile.CHRTYPE),
    "a pipe": entry("package/pipe", tarfile.FIFOTYPE),
    "a sparse file": entry("package/sparse.json", tarfile.GNUTYPE_SPARSE),
    "a folder beyond reason": entry("package/" + "a/" * 40 + "x.json", size=1),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(tmp_path: Path, what: str) -> None:
    member = HOSTILE[what]
    place = tmp_path / "place"
    place.mkdir()
    file = packed(tmp_path, (member, b"x" * member.size))
    with pytest.raises(ArchiveRefused):
        unpack(file, place / "un")
    assert whole(tmp_path) == {"place", file.name}


@pytest.mark.parametrize(
    ("cap", "most"), [("MOST_FILES", 2), ("MOST_BYTES", 9_000), ("LARGEST", 9_999)], ids=["files", "bytes", "one file"]
)
def test_an_archive_beyond_a_cap_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, most: int
) -> None:
    file = packed(tmp_path, (entry("package/big.json", size=10_000), b"0" * 10_000))
    unpack(file, tmp_path / "right")
    monkeypatch.setattr(archive, cap, most)
    with pytest.raises(ArchiveRefused):
        unpack(file, tmp_path / "un")
    assert not (tmp_path / "un").exists()


def bomb(inner: bytes) -> bytes:
    """A header that promises what never comes."""
    return gzip.compress(inner, mtime=0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip at all",
        bomb(b""),
        bomb(b"\x00" * 1024),
        bomb(b"package/package.json" * 100),
        bomb(entry("package/x.json", size=1 << 40).tobuf()),
        bomb(entry("x", tarfile.XHDTYPE, size=1 << 33).tobuf()),
        bomb(entry("x", tarfile.GNUTYPE_LONGNAME, size=1 << 33).tobuf()),
    ],
    ids=["empty", "no gzip", "empty gzip", "no tar", "text", "a huge file", "a huge header", "a huge name"],
)
def test_bytes_that_are_no_archive_are_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "no.tgz").write_bytes(body)
    with pytest.raises(ArchiveRefused):
        unpack(tmp_path / "no.tgz", tmp_path / "un")


@pytest.mark.parametrize("kept", [10, 0.3, 0.6, 0.9, -5])
def test_an_archive_that_is_cut_is_refused(tmp_path: Path, kept: float) -> None:
    file = packed(tmp_path, (entry("package/big.json", size=100_000), bytes(range(250)) * 400))
    body = file.read_bytes()
    file.write_bytes(body[: int(kept) if abs(kept) >= 1 else int(len(body) * kept)])
    with pytest.raises(ArchiveRefused):
        unpack(file, tmp_path / "un")


def test_an_archive_without_a_manifest_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match=r"package\.json"):
        unpack(packed(tmp_path, manifest=False), tmp_path / "un")


def of_cache(place: Path) -> Path | None:
    return place / "cache"


@pytest.mark.parametrize("cache", [of_cache, lambda _: None], ids=["cache", "no cache"])
@pytest.mark.parametrize("by", ["file", "folder"])
def test_a_library_reads_archives(tmp_path: Path, cache: Callable[[Path], Path | None], by: str) -> None:
    file = packed(tmp_path)
    library = open_library(packages=[file if by == "file" else tmp_path], cache=cache(tmp_path))
    assert library.value_set(VALUES["url"]) == VALUES
    assert [one.name for one in library.packages] == ["exemple.un#1.0.0"]


def test_an_archive_is_unpacked_once_and_again_when_it_changed(tmp_path: Path) -> None:
    file = packed(tmp_path)
    for _ in range(2):
        assert archive.unpacked(file, Cache(tmp_path / "cache")).folder.is_dir()
    assert len(list((tmp_path / "cache").iterdir())) == 1
    file.write_bytes(file.read_bytes() + b"\0" * 10)
    archive.unpacked(file, Cache(tmp_path / "cache"))
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_what_was_unpacked_without_a_cache_goes_with_its_user(tmp_path: Path) -> None:
    cache = Cache(None)
    folder = archive.unpacked(packed(tmp_path), cache).folder
    assert folder.is_dir()
    del cache
    assert not folder.exists()


def test_several_may_unpack_the_same_archive_at_once(tmp_path: Path) -> None:
    file = packed(tmp_path, *((entry(f"package/x{n}.json", size=2), b"{}") for n in range(300)))
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: unpacked(file, Cache(tmp_path / "kept")).id, range(6)))
    assert found == [MANIFEST["name"]] * 6
    assert not [one.name for one in (tmp_path / "kept").iterdir() if one.name.endswith(".half")]
