"""A number looked for as somebody would who wants to find it: decoded, unpacked, unfolded, whatever stands between.

`layers` gives every form of some bytes that can be told from them: the parts of a mail, the members of an archive, what
base64 and percent signs hide, other character sets, the text of a PDF.
"""

from __future__ import annotations

import base64
import binascii
import email
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from email import policy
from functools import cache
from shutil import which
from typing import Any
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")
_BETWEEN = re.compile(r"[^0-9A-Z]+")


def says(number: str, data: bytes) -> bool:
    """Whether the number stands in the data in any form, with anything between its characters."""
    return any(number in text for layer in layers(data) for text in _compact(layer))


def _compact(layer: bytes) -> Iterator[str]:
    yield _BETWEEN.sub("", layer.decode("latin-1").upper())
    if b"\x00" in layer:
        yield _BETWEEN.sub("", layer.decode("utf-16-le", "ignore").upper())
        yield _BETWEEN.sub("", layer.decode("utf-16-be", "ignore").upper())


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The data, and everything that can be unpacked from it."""
    yield data
    if depth > 6:
        return
    for inner in (*_members(data), *_parts(data), *_json(data), *_pdf(data)):
        yield from layers(inner, depth + 1)
    if data[:4] == b"%PDF":
        return
    if b"%" in data and (plain := unquote_to_bytes(data)) != data:
        yield plain
    for found in _BASE64.finditer(data):
        try:
            inner = base64.b64decode(b"".join(found[0].split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield from layers(inner, depth + 1)


def _members(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


def _parts(data: bytes) -> Iterator[bytes]:
    if b"\nMIME-Version:" not in data[:20_000]:
        return
    for part in email.message_from_bytes(data, policy=policy.default).walk():
        yield "\n".join(f"{name}: {value}" for name, value in part.items()).encode()
        yield (part.get_filename() or "").encode()
        if not part.is_multipart():
            content: Any = part.get_payload(decode=True)
            yield content


def _json(data: bytes) -> Iterator[bytes]:
    """Words of a JSON body, its escapes undone."""
    if data[:1] in b"{[":
        try:
            yield json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "replace")
        except ValueError:
            return


def _pdf(data: bytes) -> Iterator[bytes]:
    if data[:4] == b"%PDF" and which("pdftotext"):
        yield _pdf_text(data)


@cache
def _pdf_text(data: bytes) -> bytes:
    return subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout
