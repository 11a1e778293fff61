"""A little FHIR package registry: lists versions, serves archives, goes on with a part, and misbehaves as told."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


def archive_of(folder: Path) -> bytes:
    """A package's `package/` folder as a .tgz; the same folder always gives the same bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as held:
        for file in sorted(folder.glob("*.json")):
            member = tarfile.TarInfo(f"package/{file.name}")
            body = file.read_bytes()
            member.size = len(body)
            held.addfile(member, io.BytesIO(body))
    return out.getvalue()


def made(id: str, version: str, *definitions: dict[str, Any], **manifest: Any) -> bytes:
    """A package made of a manifest and definitions."""
    out = io.BytesIO()
    told = {"package.json": {"name": id, "version": version, **manifest}}
    told |= {f"{one['resourceType']}-{one['id']}.json": one for one in definitions}
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as held:
        for name, body in ((name, json.dumps(one).encode()) for name, one in told.items()):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(body)
            held.addfile(member, io.BytesIO(body))
    return out.getvalue()


@dataclass
class LittleRegistry:
    """`archives`: (id, version) → bytes. Faults are switched on by their fields.

    cuts     of each archive asked, the answer stops after so many bytes, as often as the list is long
    sha1     False: it tells no checksum · wrong_sha1: it tells a wrong one
    ranges   False: it does not know Range · etag: False: it tells no ETag
    moved    it answers archives with a redirection to this address
    status   HTTP status of every answer, 0 for the right one
    body     what it answers instead of a list
    pause_s  it waits so long before each of ten pieces of an archive
    dist     False: it lists versions without saying where archives are
    """

    archives: dict[tuple[str, str], bytes]
    cuts: list[int] = field(default_factory=list)
    sha1: bool = True
    wrong_sha1: bool = False
    ranges: bool = True
    etag: bool = True
    moved: str = ""
    status: int = 0
    body: bytes | None = None
    dist: bool = True
    pause_s: float = 0.0
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        place = self

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                place.asked.append((self.path, {name.lower(): told for name, told in self.headers.items()}))
                place.answer(self)

            def log_message(self, *_: object) -> None:
                """Tests are silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._server.daemon_threads = True
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fetched(self) -> list[str]:
        """The archives that were asked for, in order."""
        return [path for path, _ in self.asked if path.startswith("/archives/")]

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        """One request."""
        parts = asked.path.strip("/").split("/")
        versions = [version for id, version in self.archives if id == parts[0]]
        if self.status:
            self._say(asked, self.status, b"")
        elif parts[0] == "archives" or (len(parts) == 2 and not self.dist):
            self._archive(asked, self.archives.get((parts[-2], parts[-1])))
        elif len(parts) == 1 and self.body is not None:
            self._say(asked, 200, self.body)
        elif len(parts) == 1 and versions:
            self._say(asked, 200, json.dumps(self._list(parts[0], versions)).encode())
        else:
            self._say(asked, 404, b"{}")

    def _list(self, id: str, versions: list[str]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for version in versions:
            told[version] = {"name": id, "version": version}
            if self.dist:
                told[version]["dist"] = {"tarball": f"{self.url}/archives/{id}/{version}"}
                if self.sha1:
                    body = b"wrong" if self.wrong_sha1 else self.archives[id, version]
                    told[version]["dist"]["shasum"] = hashlib.sha1(body).hexdigest()
        return {"_id": id, "name": id, "dist-tags": {"latest": versions[-1]}, "versions": told}

    def _archive(self, asked: BaseHTTPRequestHandler, body: bytes | None) -> None:
        if body is None:
            return self._say(asked, 404, b"")
        if self.moved:
            return self._say(asked, 302, b"", {"Location": self.moved + asked.path})
        headers = {"ETag": f'"{hashlib.sha1(body).hexdigest()}"'} if self.etag else {}
        asked_range = re.match(r"bytes=(\d+)-$", asked.headers.get("Range", "")) if self.ranges else None
        same = asked.headers.get("If-Range", headers.get("ETag")) == headers.get("ETag")
        if asked_range is None or not same:
            return self._say(asked, 200, body, headers)
        begin = int(asked_range[1])
        if begin >= len(body):
            return self._say(asked, 416, b"", {"Content-Range": f"bytes */{len(body)}"})
        headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        return self._say(asked, 206, body[begin:], headers)

    def _say(
        self, asked: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        asked.send_response(status)
        for name, told in {**(headers or {}), "Content-Length": str(len(body))}.items():
            asked.send_header(name, told)
        asked.end_headers()
        if self.cuts and asked.path.startswith("/archives/"):
            body = body[: self.cuts.pop(0)]
            asked.close_connection = True
        if self.pause_s and asked.path.startswith("/archives/"):
            return self._slowly(asked, body)
        asked.wfile.write(body)
        return None

    def _slowly(self, asked: BaseHTTPRequestHandler, body: bytes) -> None:
        size = len(body) // 10 + 1
        with suppress(OSError):  # the caller lost patience
            for start in range(0, len(body), size):
                if self._closing.wait(self.pause_s):
                    return
                asked.wfile.write(body[start : start + size])
