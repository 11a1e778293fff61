"""Package archives (.tgz) unpacked, never trusted: npm packs files under `package/`, others pack what they like.

An archive is refused, whole, that holds a link, a device, a name that leads out of its folder, or more than the caps.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from threading import get_ident
from typing import BinaryIO

from gateway.model.errors import Broken
from gateway.validate.packages.cache import Cache
from gateway.validate.packages.package import Package, packages_in

MOST_BYTES = 2_000_000_000  # unpacked, all files together
MOST_FILES = 100_000
LARGEST = 300_000_000  # bytes of one file, unpacked
_FOLDER = "package"
_CHUNK = 1 << 20


class ArchiveRefused(Broken):
    """An archive that is no package, or that is not safe to unpack; `why` says it without naming the archive."""

    code = "package-refused"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be unpacked: {why}", advice="Fetch it again from its publisher")
        self.why = why


def unpack(archive: Path, into: Path) -> None:
    """Unpack the `package/` folder of an archive into a new folder, which is there only when all of it is.

    Raises ArchiveRefused; nothing is left behind then.
    """
    half = into.with_name(f"{into.name}.{os.getpid()}-{get_ident()}.half")  # another process may be at the same one
    try:
        half.mkdir(parents=True)
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as unzipped:
            source = _Measured(unzipped)
            _write_all(source, half, archive.name)
            while source.read(_CHUNK):  # to its end, where the checksum stands
                pass
        if not (half / _FOLDER / "package.json").is_file():
            raise ArchiveRefused(archive.name, "it holds no package/package.json")
        half.replace(into)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError, ValueError) as error:
        raise ArchiveRefused(archive.name, "it is no whole .tgz") from error
    except _TooMuch as error:
        raise ArchiveRefused(archive.name, f"it holds more than {MOST_BYTES // 1_000_000} MB") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def unpacked(archive: Path, cache: Cache) -> Package:
    """The package of an archive, unpacked in the cache once.

    Raises ArchiveRefused, or Broken when it cannot be read.
    """
    try:
        held = archive.stat()
        name = sha256(f"{archive.resolve()} {held.st_size} {held.st_mtime_ns}".encode()).hexdigest()[:32]
        folder = cache.room() / f"{name}-unpacked"
        if not folder.is_dir():
            try:
                unpack(archive, folder)
            except OSError:
                if not folder.is_dir():  # else another process was quicker
                    raise
    except OSError as error:
        raise Broken(f"{archive} cannot be read or unpacked", advice="Check its rights and the room left") from error
    (package,) = (one for one in packages_in(folder) if isinstance(one, Package))
    return package


class _TooMuch(Exception):
    """More bytes than may be unpacked."""


class _Measured(io.RawIOBase):
    """What is unzipped, no further than the cap and never in one piece too large for memory."""

    def __init__(self, source: BinaryIO | gzip.GzipFile) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """As of a file; raises _TooMuch beyond the caps."""
        if size < 0 or size > LARGEST:
            raise _TooMuch
        data: bytes = self._source.read(size)
        if self._source.tell() > MOST_BYTES:
            raise _TooMuch
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of a file; raises _TooMuch beyond the caps."""
        if offset > MOST_BYTES:
            raise _TooMuch
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """How much was unzipped."""
        return self._source.tell()


def _write_all(source: _Measured, into: Path, name: str) -> None:
    with tarfile.open(fileobj=source, mode="r:") as held:
        for member, path in _members(held, name):
            target = into.joinpath(*path.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = held.extractfile(member)
            assert content is not None
            with target.open("wb") as out:
                shutil.copyfileobj(content, out, _CHUNK)


def _members(held: tarfile.TarFile, name: str) -> Iterator[tuple[tarfile.TarInfo, PurePosixPath]]:
    """The files to write, each where it may be written. Raises ArchiveRefused."""
    for number, member in enumerate(held):
        path = PurePosixPath(member.name)
        if number >= MOST_FILES:
            raise ArchiveRefused(name, f"it holds more than {MOST_FILES} files")
        if member.isdir():
            continue
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise ArchiveRefused(name, "it holds something else than files")
        if (
            path.is_absolute()
            or ".." in path.parts
            or "\\" in member.name
            or "\0" in member.name
            or len(path.parts) > 12
        ):
            raise ArchiveRefused(name, "a name in it leads out of its folder")
        if member.size > LARGEST:
            raise ArchiveRefused(name, f"a file in it has more than {LARGEST // 1_000_000} MB")
        if path.parts and path.parts[0] == _FOLDER and len(path.parts) > 1:
            yield member, path
