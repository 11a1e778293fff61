"""The parts of a message, opened without trusting it, and written.

Sizes and depth are bounded before anything is parsed. Linear on purpose: the standard library's parser recurses on
nested parts and takes seconds on some hostile headers. What is damaged is read as far as it goes; only what passes a
limit is refused.
RFC 5322, 2045–2047, 2231.
"""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from hashlib import sha256

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.pack.mail_field import MAX_VALUE, decoded, in_charset, lenient_base64, parameter_in

MAX_BYTES = 50_000_000  # a 25 MB mail returned whole inside its receipt, and its base64
MAX_DEPTH = 8
MAX_PARTS = 200
MAX_HEADER_BYTES = 200_000
MAX_HEADERS = 1_000

_BARE = re.compile(rb"\r(?!\n)|\0")
_OVERLONG = re.compile(rb"[^\r\n]{999,}")
_BLANK = re.compile(rb"\r?\n\r?\n|\A\r?\n")


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """A message or one of its parts. `headers` are (lower-case name, unfolded value) in order; `body` is undecoded."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    parts: tuple[Part, ...] = ()

    def __repr__(self) -> str:
        return f"Part({self.type}, {len(self.body)} bytes)"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that header, undecoded, each cut at MAX_VALUE characters."""
        return tuple(value for key, value in self.headers if key == name.lower())

    def first(self, name: str) -> str:
        """The first value of that header, or an empty text."""
        return next(iter(self.all(name)), "")

    @property
    def type(self) -> str:
        """`text/plain` and so on, in lower case; what is unreadable counts as text/plain (RFC 2045 §5.2)."""
        word = self.first("content-type").partition(";")[0].strip().lower()
        return word if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", word) else "text/plain"

    @property
    def filename(self) -> str:
        """Its name as an attachment, without any folder; empty when it has none."""
        name = parameter_in(self.first("content-disposition"), "filename")
        return re.split(r"[/\\]", decoded(name or parameter_in(self.first("content-type"), "name")))[-1]

    def payload(self) -> bytes:
        """The body without its transfer encoding; damaged base64 gives what can be decoded."""
        # some senders of the field misspell the header's name
        encoding = (self.first("content-transfer-encoding") or self.first("content-transfert-encoding")).strip().lower()
        if encoding == "base64":
            return lenient_base64(self.body)
        return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body

    def text(self) -> str:
        """The payload as text in its own character set, else UTF-8, else Latin-1; line ends are `\\n`."""
        charset = parameter_in(self.first("content-type"), "charset") or "utf-8"
        return in_charset(self.payload(), charset).replace("\r\n", "\n")

    def walk(self) -> list[Part]:
        """This part and all below it, in order; an attached message is one part and is not opened."""
        found, todo = [], [self]
        while todo:
            part = todo.pop()
            found.append(part)
            todo.extend(reversed(part.parts))
        return found


def open_message(raw: bytes) -> Part:
    """Read a message. Raises Rejected `too-large`, `too-deep` or `too-many`; any other damage is read around."""
    if len(raw) > MAX_BYTES:
        raise Rejected([Fault("too-large", about=f"{MAX_BYTES} bytes")])
    return _part(raw, 0, [0])


def _part(raw: bytes, depth: int, count: list[int]) -> Part:
    count[0] += 1
    if count[0] > MAX_PARTS:
        raise Rejected([Fault("too-many", about=f"{MAX_PARTS} parts")])
    blank = _BLANK.search(raw, 0, MAX_HEADER_BYTES)
    if blank is None and len(raw) > MAX_HEADER_BYTES:
        raise Rejected([Fault("too-large", about=f"{MAX_HEADER_BYTES} bytes of header")])
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    part = Part(_headers(head), body)
    boundary = parameter_in(part.first("content-type"), "boundary")
    if not part.type.startswith("multipart/") or not boundary or len(boundary) > 200:
        return part
    if depth == MAX_DEPTH:
        raise Rejected([Fault("too-deep", about=str(MAX_DEPTH))])
    return Part(part.headers, body, tuple(_part(piece, depth + 1, count) for piece in _split(body, boundary)))


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, list[bytes]]] = []
    for row in head.split(b"\n"):
        row = row.rstrip(b"\r")
        if row[:1] in (b" ", b"\t") and found:
            found[-1][1].append(row.strip())
        elif (colon := row.find(b":")) > 0 and re.fullmatch(rb"[!-9;-~]{1,100}[ \t]*", row[:colon]):
            found.append((row[:colon].strip().lower().decode("ascii"), [row[colon + 1 :].strip()]))
        if len(found) > MAX_HEADERS:
            raise Rejected([Fault("too-many", about=f"{MAX_HEADERS} headers")])
    return tuple((name, in_charset(b" ".join(rows)[: 4 * MAX_VALUE], "utf-8")[:MAX_VALUE]) for name, rows in found)


def _split(body: bytes, boundary: str) -> list[bytes]:
    """The pieces between lines that hold the boundary alone (RFC 2046 §5.1.1); a missing closing one is done without.

    Searched in one pass: a body made of almost-boundaries costs no more than another.
    """
    mark = re.escape(b"--" + boundary.encode("utf-8", "replace"))
    edge = re.compile(rb"\n" + mark + rb"[ \t\r\f\v]{0,200}+(--)?+[ \t\r\f\v]{0,200}+(?=\n|\Z)")
    text = b"\n" + body
    pieces: list[bytes] = []
    start = -1
    for found in edge.finditer(text):
        if start >= 0:
            pieces.append(text[start : found.start()].removesuffix(b"\r"))
        start = found.end() + 1
        if found[1] or len(pieces) > MAX_PARTS:
            return pieces
    return pieces if start < 0 else [*pieces, text[start:]]


def boundary_for(message_id: str) -> str:
    """The boundary of a message, from its Message-ID. It holds `=_`, which no encoding of ours ever writes."""
    return "=_" + sha256(message_id.encode()).hexdigest()[:40]


def text_part(text: str) -> bytes:
    """A body part of plain UTF-8 text, quoted-printable, with CRLF."""
    body = quopri.encodestring(text.replace("\r\n", "\n").replace("\r", "\n").encode()).replace(b"\n", b"\r\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + body + (b"" if body.endswith(b"\n") else b"\r\n")


def attachment(kind: str, filename: str, content: bytes) -> bytes:
    """An attached file in base64; `filename` is the whole parameter, already safe."""
    encoded = base64.b64encode(content)
    rows = [encoded[start : start + 76] for start in range(0, len(encoded), 76)]
    head = (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {filename}\r\n\r\n"
    )
    return b"\r\n".join([head.encode("ascii") + (rows[0] if rows else b""), *rows[1:], b""])


def multipart(kind: str, message_id: str, parts: list[bytes]) -> bytes:
    """The end of a header (MIME-Version, Content-Type) and the body of a multipart; `kind` as in `mixed`."""
    boundary = boundary_for(message_id)
    tail = b"".join(parts[-1:])
    while boundary.encode() in tail:  # a returned message may hold anything, our own boundaries included
        boundary = boundary_for(boundary)
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    edge = f"--{boundary}\r\n".encode()
    return head.encode("ascii") + b"".join(edge + part for part in parts) + f"--{boundary}--\r\n".encode()


def fields_of(part: Part) -> list[Part]:
    """The groups of fields in a part made for machines, split at blank lines (RFC 3464 §2.1, RFC 8098 §3)."""
    groups = re.split(rb"\r?\n(?:[ \t]*\r?\n)+", part.payload()[:MAX_HEADER_BYTES].strip())
    return [Part(_headers(group), b"") for group in groups if group.strip()]


def heading_of(part: Part) -> Part:
    """The header of a mail attached or returned in a part, whose body stays closed."""
    head = re.split(rb"\r?\n[ \t]*\r?\n", part.payload()[:MAX_HEADER_BYTES].lstrip(), maxsplit=1)[0]
    return Part(_headers(head), b"")


def returned(original: bytes, *, headers_only: bool = False, filename: str = "") -> bytes:
    """The mail a report speaks of, as its last part: whole, or its headers alone (RFC 3461 §4.3, RET=HDRS).

    Byte for byte, save what may not stand on an SMTP line: a bare CR or a NUL becomes a space, a line over 998 octets
    is folded (RFC 5322 §2.1.1, RFC 5321 §2.3.8).
    """
    kind, content = "message/rfc822", re.sub(rb"\r?\n", b"\r\n", original)
    content = _BARE.sub(b" ", content)
    content = _OVERLONG.sub(lambda line: b"\r\n ".join(_pieces(line[0])), content)
    if headers_only:
        kind, content = "text/rfc822-headers", content.partition(b"\r\n\r\n")[0] + b"\r\n"
    encoding = "7bit" if content.isascii() else "8bit"
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode("ascii")
    if filename:
        head += f'Content-Disposition: attachment; filename="{filename}"\r\n'.encode("ascii")
    return head + b"\r\n" + content + b"\r\n"  # that line end belongs to the boundary (RFC 2046 §5.1.1)


def _pieces(line: bytes) -> list[bytes]:
    return [line[start : start + 900] for start in range(0, len(line), 900)]
