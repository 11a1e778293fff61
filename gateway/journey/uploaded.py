"""uploaded: the content an event names by its digest, looked for and read piece by piece."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.upload import LIFE
from gateway.model.errors import Broken
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.record import CHUNK

if TYPE_CHECKING:
    from gateway.record import Upload

PIECES_AT_HAND = 4


def named_content(event: Event) -> str | None:
    """The uploaded content an event names, `sha256:…`; None when it names none."""
    document = event.report.document if isinstance(event, ReportShared | ReportReplaced) else None
    return document.content if document else None


def find_upload(gateway: Gateway, caller: Caller, content: str) -> Upload | None:
    """The caller's own upload of that name, when it still waits; another software's does not exist."""
    kind, _, digest = content.partition(":")
    if kind != "sha256":
        return None
    with gateway.store.glance() as unit:
        return unit.uploads.find(caller.tenant, caller.client, digest.lower(), gateway.clock() - LIFE)


def open_content(gateway: Gateway, upload: Upload) -> io.BufferedReader:
    """An upload to be read like a file, from any place."""
    return io.BufferedReader(_Content(gateway, upload))


class _Content(io.RawIOBase):
    """Only a few pieces are in memory, and none on the disk in clear."""

    def __init__(self, gateway: Gateway, upload: Upload) -> None:
        super().__init__()
        self._gateway, self._upload, self._at = gateway, upload, 0
        self._piece: Callable[[int], bytes] = lru_cache(PIECES_AT_HAND)(self._open)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; returns the place from the start."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._upload.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """What follows, at most to the end of a piece."""
        n, start = divmod(self._at, CHUNK)
        if self._at >= self._upload.size:
            return 0
        data = self._piece(n)[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _open(self, n: int) -> bytes:
        with self._gateway.store.glance() as unit:
            return unit.uploads.chunk(self._upload, n)


def taken_upload(gateway: Gateway, tenant: str, exchange: str) -> Upload:
    """The upload an exchange took. Raises Broken when it has none any more."""
    with gateway.store.glance() as unit:
        upload = unit.uploads.of(tenant, exchange)
    if upload is None:
        raise Broken("An exchange has lost its content", advice="Look whether it was purged")
    return upload


def with_content(gateway: Gateway, event: Event, upload: Upload) -> Event:
    """The event bringing the bytes of the upload it names. Raises Broken when they cannot be opened."""
    assert isinstance(event, ReportShared | ReportReplaced)
    assert event.report.document is not None
    with open_content(gateway, upload) as file:
        document = replace(event.report.document, data=file.read(), content=None)
    return replace(event, report=replace(event.report, document=document))


def document_size(event: Event, upload: Upload | None) -> int:
    """Bytes of the document an event brings or names; 0 for none, or when what it names is not here."""
    if upload is not None:
        return upload.size
    document = event.report.document if isinstance(event, ReportShared | ReportReplaced) else None
    return len(document.data or b"") if document else 0
