"""ZIP: written the same each time, and nothing hostile unpacked."""

from __future__ import annotations

import base64
import io
import random
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.pack.zips import Part, read_zip, write_zip

AT = datetime(2026, 11, 20, 9, 30, 15)  # noqa: DTZ001 (a DOS time has no zone)


@given(st.dictionaries(st.from_regex(r"[A-Z]{1,8}\.TXT", fullmatch=True), st.binary(max_size=3000)), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back(contents: dict[str, bytes], encoded: bool) -> None:
    data = write_zip([Part(name, content, encoded) for name, content in contents.items()], AT)
    assert read_zip(data) == contents
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def test_the_archive_carries_the_time_it_was_given() -> None:
    with zipfile.ZipFile(io.BytesIO(write_zip([Part("A.TXT", b"a")], AT))) as archive:
        assert archive.infolist()[0].date_time == (2026, 11, 20, 9, 30, 14)  # DOS counts two seconds


def test_base64_is_packed_smaller_than_by_the_default_strategy() -> None:
    content = base64.b64encode(random.Random(1).randbytes(100_000))
    assert len(write_zip([Part("D.XML", content, encoded=True)], AT)) < len(zlib.compress(content, 9))


def test_a_large_document_is_held_once_beside_its_archive_and_once_when_read() -> None:
    content = base64.b64encode(random.Random(1).randbytes(9_000_000))
    tracemalloc.start()
    data = write_zip([Part("D.XML", content, encoded=True)], AT)
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    kept = tracemalloc.get_traced_memory()[0]
    assert read_zip(data)["D.XML"] == content
    read = tracemalloc.get_traced_memory()[1] - kept
    tracemalloc.stop()
    assert written < 1.2 * len(content)
    assert read < 1.2 * len(content)


# — archives of others


class Stream(io.BytesIO):
    """A place that cannot be gone back in: sizes are then said after the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: int) -> int:
        raise OSError


@pytest.mark.parametrize("place", [io.BytesIO, Stream])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_ordinary_tools_are_read(place: type[io.BytesIO], method: int) -> None:
    out = place()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.mkdir("IHE_XDM")
        archive.writestr("IHE_XDM/Compte rendu né.xml", b"<a/>" * 500)
        archive.writestr("EMPTY.TXT", b"")
        archive.comment = b"made by another tool"
    assert read_zip(out.getvalue()) == {"IHE_XDM/Compte rendu né.xml": b"<a/>" * 500, "EMPTY.TXT": b""}


# — archives made by hand, to lie in


@dataclass
class Line:
    """One file: what its own header says, and what the directory says where that is something else."""

    name: bytes = b"A.TXT"
    data: bytes = b"abc" * 100
    flags: int = 0
    method: int = 8
    says: dict[str, object] = field(default_factory=dict)  # in the directory
    before: bytes = b""
    descriptor: bytes = b""
    extra: bytes = b""
    mode: int = 0


def by_hand(
    *lines: Line, head: bytes = b"", gap: bytes = b"", end: dict[str, int] | None = None, tail: bytes = b""
) -> bytes:
    out, listed = bytearray(head), bytearray()
    for line in lines:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(line.data) + packer.flush() if line.method == 8 else line.data
        out += line.before
        true = {"crc": zlib.crc32(line.data), "packed": len(packed), "size": len(line.data), "offset": len(out)}
        told = {"name": line.name, "flags": line.flags, "method": line.method, "extra": line.extra, **true, **line.says}
        sizes = (0, 0, 0) if line.flags & 8 else (true["crc"], true["packed"], true["size"])
        head_of = (line.flags, line.method, 0, 0, *sizes, len(line.name), len(line.extra))
        out += (
            struct.pack("<4s2B4HL2L2H", b"PK\3\4", 20, 0, *head_of) + line.name + line.extra + packed + line.descriptor
        )
        name, extra = told["name"], told["extra"]
        assert isinstance(name, bytes)
        assert isinstance(extra, bytes)
        numbers = (told["flags"], told["method"], 0, 0, told["crc"], told["packed"], told["size"])
        rest = (len(name), len(extra), 0, 0, 0, line.mode << 16, told["offset"])
        listed += struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, *numbers, *rest) + name + extra
    out += gap
    said = {"disk": 0, "here": len(lines), "count": len(lines), "length": len(listed), "start": len(out), "comment": 0}
    said |= end or {}
    last = (said["disk"], 0, said["here"], said["count"], said["length"], said["start"], said["comment"])
    return bytes(out + listed + struct.pack("<4s4H2LH", b"PK\5\6", *last) + tail)


def named(*names: str) -> bytes:
    return by_hand(*(Line(name.encode(), flags=0x800, method=0, data=b"x") for name in names))


def described(*sizes: int) -> bytes:
    """A file whose sizes are said after its data."""
    return by_hand(Line(flags=8, descriptor=b"PK\7\x08" + struct.pack("<3L", *sizes)))


def one_said(**said: object) -> bytes:
    """A file of which the directory says something else than its own header."""
    return by_hand(Line(says=said))


CRC, SIZE = zlib.crc32(b"abc" * 100), 300
PACKED = len(by_hand(Line())) - len(by_hand(Line(data=b"", method=0)))
UNICODE_NAME = struct.pack("<2HBL", 0x7075, 5 + 5, 1, zlib.crc32(b"A.TXT"))
ZEROS = Line(b"Z.TXT", bytes(1_000_000))


@cache
def bomb() -> bytes:
    return by_hand(Line(data=bytes(60_000_000)))


def kernels(many: int) -> bytes:
    """The "better" bomb: one stretch of data that every line of the directory calls its own."""
    data = bytearray(by_hand(ZEROS, Line()))
    start = data.index(b"PK\1\2")
    line = bytes(data[start : start + 46 + 5])
    listed = b"".join(line[:46] + b"%05d" % number for number in range(many))
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, many, many, len(listed), start, 0)
    return bytes(data[:start]) + listed + last


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    # names
    "path above": (lambda: named("../evil.txt"), "name"),
    "path above inside": (lambda: named("IHE_XDM/../../evil.txt"), "name"),
    "here": (lambda: named("./A.TXT"), "name"),
    "empty name": (lambda: named(""), "name"),
    "absolute path": (lambda: named("/etc/cron.d/evil"), "name"),
    "empty folder name": (lambda: named("A//B.TXT"), "name"),
    "drive": (lambda: named("C:evil.txt"), "name"),
    "stream of a file": (lambda: named("A.TXT:hidden"), "name"),
    "backslash": (lambda: named("..\\evil.txt"), "name"),
    "share": (lambda: named("\\\\host\\share\\evil.txt"), "name"),
    "control in name": (lambda: named("a\nb.txt"), "name"),
    "name cut by a NUL": (lambda: named("good.txt\0evil"), "name"),
    "long name": (lambda: named("A" * 300), "name"),
    "two cases of one name": (lambda: named("A.TXT", "a.txt"), "duplicate"),
    "one name twice": (lambda: named("A.TXT", "A.TXT"), "duplicate"),
    "two spellings of one name": (lambda: named("é.txt", "e\u0301.txt"), "duplicate"),
    "compatible spellings of one name": (lambda: named("ﬁ.txt", "fi.txt"), "duplicate"),
    "another name in the directory": (lambda: one_said(name=b"B.TXT"), "header"),
    "another name in the extra fields": (lambda: by_hand(Line(extra=UNICODE_NAME + b"B.TXT")), "name"),
    "another name in its own extra fields": (
        lambda: by_hand(Line(extra=UNICODE_NAME + b"B.TXT", says={"extra": b""})),
        "header",
    ),
    "name that is no UTF-8": (lambda: by_hand(Line(b"\xff.TXT", flags=0x800)), "ZIP"),
    # kinds
    "symbolic link": (lambda: by_hand(Line(mode=stat.S_IFLNK | 0o777)), "link"),
    "device": (lambda: by_hand(Line(mode=stat.S_IFBLK | 0o666)), "link"),
    "encrypted": (lambda: by_hand(Line(flags=1)), "encryption"),
    "strongly encrypted": (lambda: by_hand(Line(flags=0x41)), "encryption"),
    "hidden headers": (lambda: by_hand(Line(flags=0x2000)), "encryption"),
    "encrypted in its own header alone": (lambda: by_hand(Line(flags=1, says={"flags": 0})), "header"),
    "unknown method": (lambda: by_hand(Line(method=97)), "method"),
    "lzma": (lambda: by_hand(Line(method=14)), "method"),
    "another method in the directory": (lambda: one_said(method=0, size=PACKED), "header"),
    # sizes
    "bomb": (bomb, "ratio"),
    "many small bombs": (lambda: by_hand(*(Line(b"%d.TXT" % n, ZEROS.data) for n in range(30))), "ratio"),
    "beyond all sizes": (lambda: one_said(size=3_000_000_000), "size"),
    "too many": (lambda: by_hand(*(Line(b"%d.TXT" % n, b"") for n in range(1001))), "count"),
    "a size too small": (lambda: one_said(size=1), "header"),
    "a size too small, said twice": (lambda: by_hand(_lying(size=1)), "ZIP"),
    "a size too large, said twice": (lambda: by_hand(_lying(size=301)), "ZIP"),
    "a large file, its size said too small": (lambda: by_hand(_lying(ZEROS.data * 2, size=1_999_999)), "ZIP"),
    "a large file, its size said too large": (lambda: by_hand(_lying(ZEROS.data * 2, size=2_000_001)), "ZIP"),
    "a large file and something after it": (lambda: by_hand(_lying(ZEROS.data * 2, after=b"evil")), "ZIP"),
    "something after the data": (lambda: by_hand(_lying(after=b"evil")), "ZIP"),
    "stored, of two sizes": (lambda: by_hand(_lying(method=0, size=299)), "ZIP"),
    "wrong CRC": (lambda: by_hand(_lying(crc=1)), "ZIP"),
    "wrong CRC in the directory": (lambda: one_said(crc=1), "header"),
    "sizes said after the data, wrong": (lambda: described(CRC, PACKED, 1), "header"),
    "sizes said nowhere": (lambda: by_hand(Line(flags=8)), "header"),
    "zip64 sizes": (lambda: one_said(size=0xFFFFFFFF, extra=struct.pack("<2HQ", 1, 8, 300)), "zip64"),
    "zip64 count": (lambda: by_hand(Line(), end={"here": 0xFFFF, "count": 0xFFFF}), "zip64"),
    "zip64 end": (lambda: by_hand(Line(), gap=b"").replace(b"PK\5\6", b"PK\6\7" + bytes(16) + b"PK\5\6"), "zip64"),
    # layout
    "overlap": (lambda: by_hand(Line(), Line(b"B.TXT", says={"offset": 0})), "overlap"),
    "better bomb": (lambda: kernels(900), "ratio"),
    "one stretch of data under two names": (lambda: kernels(2), "header"),
    "a file quoted by another": (
        lambda: by_hand(Line(method=0, data=by_hand(Line(b"B.TXT"))[:-73]), Line(b"B.TXT", says={"offset": 35})),
        "overlap",
    ),
    "data into the directory": (lambda: one_said(packed=5000), "overlap"),
    "offset beyond the end": (lambda: one_said(offset=9_999_999), "gap"),
    "bytes in front": (lambda: by_hand(Line(), head=b"#!/bin/sh\n"), "gap"),
    "bytes in front, offsets not counting them": (lambda: b"#!/bin/sh\n" + by_hand(Line()), "gap"),
    "bytes between": (lambda: by_hand(Line(), Line(b"B.TXT", before=b"hidden")), "gap"),
    "bytes before the directory": (lambda: by_hand(Line(), gap=b"hidden"), "gap"),
    "bytes behind": (lambda: by_hand(Line(), tail=b"hidden"), "gap"),
    "a file the directory leaves out": (lambda: by_hand(Line(), head=by_hand(Line(b"B.TXT"))[:-73]), "gap"),
    "a comment that ends early": (lambda: by_hand(Line(), end={"comment": 5}, tail=b"123456"), "gap"),
    "two ends": (lambda: by_hand(Line(), end={"comment": 22}, tail=by_hand()), "gap"),
    "two archives": (lambda: by_hand(Line()) + by_hand(Line(b"B.TXT")), "gap"),
    "several disks": (lambda: by_hand(Line(), end={"disk": 1}), "header"),
    "fewer files than lines": (lambda: by_hand(Line(), Line(b"B.TXT"), end={"here": 1, "count": 1}), "ZIP"),
    "more files than lines": (lambda: by_hand(Line(), end={"here": 2, "count": 2}), "ZIP"),
    # damage
    "not a zip": (lambda: b"PK\3\4 rubbish", "ZIP"),
    "empty": (lambda: b"", "ZIP"),
    "broken data": (lambda: _flipped(by_hand(Line()), 38), "ZIP"),
    "cut": (lambda: by_hand(Line())[:-10], "ZIP"),
    "cut in front": (lambda: by_hand(Line())[10:], "gap"),
}


def _lying(
    data: bytes = b"abc" * 100, *, name: bytes = b"A.TXT", method: int = 8, after: bytes = b"", **said: int
) -> Line:
    """A file that says wrong sizes of itself, everywhere the same: after its data, so that nothing disagrees."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = (packer.compress(data) + packer.flush() if method == 8 else data) + after
    told = {"crc": zlib.crc32(data), "packed": len(packed), "size": len(data), **said}
    return Line(
        name=name,
        data=data,
        flags=8,
        method=method,
        says=dict(told),
        descriptor=after + struct.pack("<3L", told["crc"], told["packed"], told["size"]),
    )


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_with_its_reason(name: str) -> None:
    build, reason = HOSTILE[name]
    data = build()
    before = time.process_time()
    with pytest.raises(Rejected) as refusal:
        read_zip(data)
    assert time.process_time() - before < 0.3
    assert reason in {fault.about for fault in refusal.value.faults}


def test_the_honest_one_among_them_is_read() -> None:
    assert read_zip(by_hand(Line())) == read_zip(described(CRC, PACKED, SIZE)) == {"A.TXT": b"abc" * 100}
    assert read_zip(by_hand(_lying())) == read_zip(by_hand(Line(extra=UNICODE_NAME + b"A.TXT")))
    assert read_zip(by_hand(_lying(ZEROS.data * 2))) == {"A.TXT": ZEROS.data * 2}
    assert read_zip(by_hand(Line(flags=2, says={"flags": 4}))) == {"A.TXT": b"abc" * 100}  # how hard it was packed


def test_every_reason_stands_at_once() -> None:
    data = by_hand(Line(b"../A.TXT", flags=1), Line(b"../a.txt", method=97))
    with pytest.raises(Rejected) as refusal:
        read_zip(data)
    assert {fault.about for fault in refusal.value.faults} == {"name", "duplicate", "encryption", "method"}


@pytest.mark.parametrize("build", [bomb, lambda: kernels(900), lambda: by_hand(_lying(ZEROS.data * 5, size=1))])
def test_a_bomb_costs_no_memory(build: Callable[[], bytes]) -> None:
    data = build()
    tracemalloc.start()
    with pytest.raises(Rejected):
        read_zip(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


WHOLE = by_hand(Line(), Line(b"B/", b"", method=0), _lying(b"0123456789" * 9, name=b"B/C.TXT"))


def test_ten_thousand_damaged_archives_raise_nothing_but_a_refusal() -> None:
    chance = random.Random(20261120)
    refused = 0
    for _ in range(10_000):
        data = bytearray(WHOLE)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        refused += not _read(bytes(data))
    assert refused > 5_000


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=40)), max_size=5))
@settings(max_examples=300, deadline=None)
def test_cut_grown_and_spliced_archives_raise_nothing_but_a_refusal(edits: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE
    for at, gone, new in edits:
        data = data[:at] + new + data[at + gone :]
    assert _read(data) or data != WHOLE


def _read(data: bytes) -> bool:
    try:
        read_zip(data)
    except Rejected:
        return False
    return True


def test_what_is_read_is_what_the_ordinary_reader_reads() -> None:
    """Whatever damage still passes, nobody is shown other bytes than these."""
    chance = random.Random(7)
    compared = 0
    for _ in range(3_000):
        data = bytearray(WHOLE)
        data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            mine = read_zip(bytes(data))
        except Rejected:
            continue
        with suppress(NotImplementedError), zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
            assert mine == _files(archive, archive.namelist())
            compared += 1
    assert compared > 100


def _files(archive: zipfile.ZipFile, names: Iterable[str]) -> dict[str, bytes]:
    return {name: archive.read(name) for name in names if not name.endswith("/")}
