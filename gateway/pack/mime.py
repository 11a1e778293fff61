"""A received message, opened without trusting it: sizes and depth are bounded before anything is parsed.

Iterative and linear on purpose: the standard library's parser recurses on nested parts and takes seconds on some
hostile headers. What is damaged is read as far as it goes; only what passes a limit is refused.
RFC 5322, 2045–2047, 2231.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

MAX_BYTES = 50_000_000  # a 25 MB mail returned whole inside its receipt, and its base64
MAX_DEPTH = 8
MAX_PARTS = 200
MAX_HEADER_BYTES = 200_000
MAX_HEADERS = 1_000
MAX_VALUE = 20_000  # characters of one header that are looked at

_BLANK = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]{0,500})\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,40})(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))')
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,253}")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


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
        name = parameter(self.first("content-disposition"), "filename") or parameter(self.first("content-type"), "name")
        return re.split(r"[/\\]", decoded(name))[-1]

    def payload(self) -> bytes:
        """The body without its transfer encoding; damaged base64 gives what can be decoded."""
        # some senders of the field misspell the header's name
        encoding = (self.first("content-transfer-encoding") or self.first("content-transfert-encoding")).strip().lower()
        if encoding == "base64":
            return _base64(self.body)
        return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body

    def text(self) -> str:
        """The payload as text in its own character set, else UTF-8, else Latin-1; line ends are `\\n`."""
        charset = parameter(self.first("content-type"), "charset") or "utf-8"
        return _in_charset(self.payload(), charset).replace("\r\n", "\n")

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
    boundary = parameter(part.first("content-type"), "boundary")
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
    return tuple((name, _in_charset(b" ".join(rows)[: 4 * MAX_VALUE], "utf-8")[:MAX_VALUE]) for name, rows in found)


def _split(body: bytes, boundary: str) -> list[bytes]:
    mark = b"--" + boundary.encode("utf-8", "replace")
    edge = re.compile(rb"(?:\A|\r?\n)" + re.escape(mark) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    pieces, start = [], -1
    for found in edge.finditer(body):
        if start >= 0:
            pieces.append(body[start : found.start()])
        start = found.end()
        if found[1] or len(pieces) > MAX_PARTS:
            break
    else:
        if start >= 0:
            pieces.append(body[start:])  # the closing boundary is missing: keep what there is
    return [piece[2:] if piece.startswith(b"\r\n") else piece[1:] for piece in pieces]


def parameter(value: str, name: str) -> str:
    """A parameter of a header (`boundary`, `filename`), plain or by RFC 2231 and its continuations; else empty."""
    plain, pieces = "", {}
    for found in _PARAMETER.finditer(value):
        if found[1].lower() == name:
            word = re.sub(r"\\(.)", r"\1", found[4]) if found[4] is not None else found[5]
            if found[2] or found[3]:
                pieces[int((found[2] or "*0")[1:])] = (word, bool(found[3]))
            else:
                plain = plain or word
    if 0 not in pieces:
        return plain
    charset, _, rest = pieces[0][0].partition("'") if pieces[0][1] else ("utf-8", "", "'" + pieces[0][0])
    pieces[0] = (rest.partition("'")[2], pieces[0][1])
    raw = b"".join(unquote_to_bytes(word) if coded else word.encode() for _, (word, coded) in sorted(pieces.items()))
    return _in_charset(raw, charset or "utf-8")


def decoded(value: str) -> str:
    """A header as people read it: its encoded-words decoded (RFC 2047); those that cannot be stay as they are."""
    value = re.sub(r"(\?=)\s+(?==\?)", r"\1", value[:MAX_VALUE])

    def word(found: re.Match[str]) -> str:
        raw = found[3].encode("utf-8", "replace")
        raw = _base64(raw) if found[2] in "bB" else quopri.decodestring(raw, header=True)
        return _in_charset(raw, found[1])

    return _ENCODED_WORD.sub(word, value)


def addresses(value: str) -> tuple[str, ...]:
    """The addresses of a From or To, lower-cased. Names are left out, and whatever is not plainly an address."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*(?:"|\Z)', "", value, flags=re.DOTALL)
    found = []
    for one in re.split(r"[,;]", bare):
        one = re.sub(r"\([^()]*\)\s*\Z", "", one)  # Postfix: MAILER-DAEMON@host (Mail Delivery System)
        angled = re.fullmatch(r"[^<>]*<([^<>]*)>\s*", one)
        word = (angled[1] if angled else one).strip().lower()
        if _ADDRESS.fullmatch(word):
            found.append(word)
    return tuple(found)


def only_address(part: Part, name: str) -> str | None:
    """The address of a header that must name exactly one; None when it is absent, repeated, several or unclear."""
    values = part.all(name)
    found = addresses(values[0]) if len(values) == 1 else ()
    unclear = re.search(r">.*<|,|;", re.sub(r'"[^"]*"', "", values[0])) if found else None
    return found[0] if len(found) == 1 and not unclear else None


def message_id_in(value: str) -> str | None:
    """A Message-ID without its brackets; None when there is none."""
    found = re.search(r"<\s*([^<>\s]{1,250})\s*>", value) or re.fullmatch(
        r"\s*([^<>\s]{1,200}@[^<>\s]{1,200})\s*", value
    )
    return found[1] if found else None


def _base64(raw: bytes) -> bytes:
    clean = raw.translate(None, _NOT_BASE64)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


def _in_charset(raw: bytes, charset: str) -> str:
    for name in (charset.lower() if charset.lower() in _CHARSETS else "utf-8", "utf-8"):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
