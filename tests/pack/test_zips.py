"""ZIP: written the same each time, and nothing hostile unpacked."""

from __future__ import annotations

import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime

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


def made(build: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        build(archive)
    return out.getvalue()


def named(*names: str) -> bytes:
    def build(archive: zipfile.ZipFile) -> None:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"x")

    return made(build)


def symlink() -> bytes:
    def build(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")

    return made(build)


def overlapping() -> bytes:
    """Two entries of the directory over one stretch of data."""
    one = write_zip([Part("A.TXT", bytes(5000)), Part("B.TXT", bytes(5000))], AT)
    start = one.index(b"PK\1\2")
    second = one.index(b"PK\1\2", start + 4)
    return one[: second + 42] + struct.pack("<L", 0) + one[second + 46 :]


def encrypted() -> bytes:
    data = bytearray(write_zip([Part("A.TXT", b"secret")], AT))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def lying_size() -> bytes:
    """The directory says one byte; the data hold a million."""
    data = write_zip([Part("A.TXT", bytes(1_000_000))], AT)
    at = data.index(b"PK\1\2") + 24
    return data[:at] + struct.pack("<L", 1) + data[at + 4 :]


def bomb() -> bytes:
    return made(lambda archive: archive.writestr("A.TXT", bytes(150_000_000)))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "path above": (lambda: named("../evil.txt"), "name"),
    "path above inside": (lambda: named("IHE_XDM/../../evil.txt"), "name"),
    "absolute path": (lambda: named("/etc/cron.d/evil"), "name"),
    "drive": (lambda: named("C:evil.txt"), "name"),
    "backslash": (lambda: named("..\\evil.txt"), "name"),
    "control in name": (lambda: named("a\nb.txt"), "name"),
    "name cut by a NUL": (lambda: named("good.txtXevil").replace(b"X", b"\0"), "name"),
    "two cases of one name": (lambda: named("A.TXT", "a.txt"), "duplicate"),
    "too many": (lambda: named(*(f"{n}.TXT" for n in range(1001))), "count"),
    "symbolic link": (symlink, "link"),
    "overlap": (overlapping, "overlap"),
    "encrypted": (encrypted, "encryption"),
    "bomb": (bomb, "ratio"),
    "lzma": (lambda: _method(zipfile.ZIP_LZMA), "method"),
    "not a zip": (lambda: b"PK\3\4 rubbish", "ZIP"),
    "empty": (lambda: b"", "ZIP"),
    "lying size": (lying_size, "ZIP"),
    "broken data": (lambda: _flipped(write_zip([Part("A.TXT", b"abc" * 500)], AT), 40), "ZIP"),
    "cut": (lambda: write_zip([Part("A.TXT", b"abc" * 500)], AT)[:-10], "ZIP"),
}


def _method(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("A.TXT", b"x")
    return out.getvalue()


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


def test_a_bomb_costs_no_memory() -> None:
    data = bomb()
    tracemalloc.start()
    with pytest.raises(Rejected):
        read_zip(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_ten_thousand_damaged_archives_raise_nothing_but_a_refusal() -> None:
    whole = write_zip([Part("A.TXT", b"abc" * 50), Part("B/"), Part("B/C.TXT", b"0123456789" * 9)], AT)
    chance = random.Random(20261120)
    refused = 0
    for _ in range(10_000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_zip(bytes(data))
        except Rejected:
            refused += 1
    assert refused > 5_000


def test_base64_is_packed_smaller_than_by_the_default_strategy() -> None:
    import base64

    content = base64.b64encode(random.Random(1).randbytes(100_000))
    assert len(write_zip([Part("D.XML", content, encoded=True)], AT)) < len(zlib.compress(content, 9))
