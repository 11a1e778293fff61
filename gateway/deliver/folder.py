"""ADAPTER folder: one file per parcel. For demos, tests and air-gapped sites.

`out/` holds what left, `in/` what someone put there for us; both are made when missing. A file is whole and on the
disk before its name appears.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.deliver import Collected, DeliveryReport, LeftBehind, Outcome, Parcel
from gateway.deliver.mailboxes import MEGABYTE
from gateway.deliver.whole import make_durable, write_whole
from gateway.model.errors import Broken, Unreachable

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9@._+=-]{0,199}", re.ASCII)


class Folder:
    """A Transport over a directory. A message larger than `collect_max_bytes` is left behind in `in/`."""

    kind = "folder"

    def __init__(self, path: Path, *, collect_max_bytes: int = 30 * MEGABYTE) -> None:
        self._path, self._out, self._in = path, path / "out", path / "in"
        self._collect_max_bytes = collect_max_bytes
        self._left: tuple[LeftBehind, ...] = ()

    def ready(self, origin: str) -> str | None:
        """A folder is always worth trying."""
        return None

    def send(self, parcel: Parcel) -> DeliveryReport:
        """Write `out/<message_id>.eml`; an id that makes no safe file name is replaced by its digest.

        The same parcel again changes nothing. Other bytes under the same id are refused (`other-bytes`).
        """
        target = self._out / f"{_file_name(parcel.message_id)}.eml"
        with self._reachable():
            if target.exists() and target.read_bytes() != parcel.body:
                return DeliveryReport(Outcome.NEVER, code="other-bytes", detail=target.name)
            write_whole(target, parcel.body)
        return DeliveryReport(Outcome.ARRIVED, code="written", detail=target.name)

    def collect(self) -> Iterator[Collected]:
        """Every `*.eml` of `in/`, by name."""
        left: list[LeftBehind] = []
        with self._reachable():
            waiting = sorted(file for file in self._in.glob("*.eml") if file.name[0] != "." and file.is_file())
        for file in waiting:
            with self._reachable():
                try:
                    size = file.stat().st_size
                    raw = file.read_bytes() if size <= self._collect_max_bytes else None
                except FileNotFoundError:
                    continue  # someone took it meanwhile
            if raw is None:
                left.append(LeftBehind(self._path.name, file.name, "too-large", size))
            else:
                yield Collected(self._path.name, file.name, raw)
        self._left = tuple(left)

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """Files of `in/` over the cap, as the last whole `collect` saw them."""
        return self._left

    def forget(self, mailbox: str, handles: Collection[str]) -> None:
        """Delete the files: their content is in our store, encrypted, and nowhere else. Raises Broken, Unreachable."""
        for handle in handles:
            if handle != Path(handle).name or not handle.endswith(".eml") or handle[0] == "." or "\0" in handle:
                raise Broken("That handle names no file of this folder", advice="Pass the handle collect gave")
        with self._reachable():
            for handle in handles:
                (self._in / handle).unlink(missing_ok=True)
            make_durable(self._in)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            self._out.mkdir(parents=True, exist_ok=True)
            self._in.mkdir(exist_ok=True)
            yield
        except OSError:
            raise Unreachable("The folder cannot be used", advice="Check the mount, its rights and its space") from None


def _file_name(message_id: str) -> str:
    if _PLAIN_NAME.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()
