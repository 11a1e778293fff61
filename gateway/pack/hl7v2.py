"""HL7 v2 messages in their own separators (ER7): segments, fields, repetitions, components. Read, never written.

Sizes are bounded before anything is split, and the one large field of a message, a document in base64, is copied once.
Sources: HL7 v2.5 and v2.6 §2.5 to 2.7; MLLP, HL7 v2 transport R1.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

MAX_BYTES = 200_000_000  # a CDA of the largest size read here, in base64
MAX_SEGMENTS = 10_000
MAX_FIELDS = 1_000

_START, _END = b"\x0b", b"\x1c"  # MLLP frame
_CHARSETS = {  # HL7 table 0211
    "UNICODE UTF-8": "utf-8",
    "ASCII": "utf-8",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
}
_HEAD = re.compile(r"MSH([^\w\s])([^\w\s])([^\w\s])([^\w\s]?)([^\w\s]?)#?\1")
_ESCAPE = re.compile(r"([FSTRE]|\.br|X(?:[0-9A-Fa-f]{2})+)")


@dataclass(frozen=True, slots=True)
class Marks:
    """The separators a message uses: of fields, components, repetitions and subcomponents, and its escape character."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def plain(self, text: str) -> str:
        """A text without escapes (§2.7); one that is not defined stays as it is."""
        if not self.escape or self.escape not in text:
            return text
        meant = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        parts = text.split(self.escape)
        for n in range(1, len(parts) - 1, 2):
            if not _ESCAPE.fullmatch(parts[n]):
                parts[n] = f"{self.escape}{parts[n]}{self.escape}"
            elif parts[n][0] == "X":
                parts[n] = bytes.fromhex(parts[n][1:]).decode("utf-8", "replace")
            else:
                parts[n] = meant.get(parts[n], "\n")
        if len(parts) % 2 == 0:  # an escape that was never closed
            parts[-1] = self.escape + parts[-1]
        return "".join(parts)


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """One line of a message. Fields count from 1 as in the standard: `PID-3` is `segment.values(3)`."""

    name: str
    fields: tuple[str, ...]
    marks: Marks

    def __repr__(self) -> str:
        return f"Segment({self.name})"

    def field(self, n: int) -> str:
        """A whole field as it stands; empty when it is not there."""
        return self.fields[n - 1] if 0 < n <= len(self.fields) else ""

    def values(self, n: int) -> tuple[tuple[str, ...], ...]:
        """The repetitions of a field, each with its components, escapes kept."""
        said = self.field(n)
        return tuple(tuple(one.split(self.marks.component)) for one in said.split(self.marks.repetition) if one)

    def said(self, n: int, component: int = 1, subcomponent: int = 1) -> str:
        """One component of the first repetition, or a part of it, without escapes; empty when it is not there."""
        parts = next(iter(self.values(n)), ())
        return self.part(parts, component, subcomponent)

    def part(self, parts: tuple[str, ...], component: int, subcomponent: int = 1) -> str:
        """The same of one repetition."""
        whole = parts[component - 1] if component <= len(parts) else ""
        pieces = whole.split(self.marks.subcomponent) if self.marks.subcomponent else [whole]
        return self.marks.plain(pieces[subcomponent - 1]) if subcomponent <= len(pieces) else ""

    def content(self, n: int) -> bytes | None:
        """What an ED field holds, its encoding undone (`^text^XML^Base64^…`); None when it is not base64."""
        parts = next(iter(self.values(n)), ())
        if len(parts) < 5 or parts[3].lower() != "base64":
            return None
        try:
            return base64.b64decode(_padded("".join(parts[4].split())), validate=True)
        except (binascii.Error, ValueError):
            return None


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message; `charset` is what it was read in, which is not what it names when that did not fit."""

    segments: tuple[Segment, ...]
    charset: str

    def __repr__(self) -> str:
        return f"Message({self.type}, {len(self.segments)} segments)"

    @property
    def head(self) -> Segment:
        """MSH, its fields numbered as in the standard: MSH-1 is the field separator."""
        return self.segments[0]

    @property
    def type(self) -> str:
        """`MDM^T02`, `ACK^T02`…"""
        return "^".join(part for part in (self.head.said(9), self.head.said(9, 2)) if part)

    def all(self, name: str) -> tuple[Segment, ...]:
        """Every segment of that name, in order."""
        return tuple(one for one in self.segments if one.name == name)

    def first(self, name: str) -> Segment:
        """The first of them, or one without fields."""
        return next(iter(self.all(name)), Segment(name, (), self.head.marks))


def is_hl7v2(data: bytes) -> bool:
    """True for bytes that begin as a message does, in an MLLP frame or not."""
    return bool(re.match(rb"(?:\xef\xbb\xbf)?[\s\x0b]*MSH[^\w\s]", data[:200]))


def read_hl7v2(data: bytes) -> tuple[Message, ...]:
    """The messages of a file: one after the other, framed or not; segments end in CR, LF or CRLF.

    Raises Rejected `not-hl7v2`, `too-large` or `too-many`.
    """
    if len(data) > MAX_BYTES:
        raise Rejected([Fault("too-large", about=f"{MAX_BYTES // 1_000_000} MB")])
    if not is_hl7v2(data):
        raise Rejected([Fault("not-hl7v2")])
    bare = data.removeprefix(b"\xef\xbb\xbf").replace(_START, b"\r").replace(_END, b"\r")
    lines = re.split(rb"[\r\n]+", bare.strip())
    if len(lines) > MAX_SEGMENTS:
        raise Rejected([Fault("too-many", about=f"{MAX_SEGMENTS} segments")])
    starts = [n for n, line in enumerate(lines) if re.match(rb"MSH[^\w\s]", line)]
    return tuple(_message(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True))


def _message(lines: list[bytes]) -> Message:
    named = lines[0].decode("iso-8859-1").split(chr(lines[0][3]))
    charset = _CHARSETS.get(named[17].partition("~")[0].strip().upper() if len(named) > 17 else "", "utf-8")
    try:
        rows = [line.decode(charset) for line in lines]
    except UnicodeDecodeError:
        charset = "iso-8859-15"  # what older French software writes, whatever it names
        rows = [line.decode(charset, "replace") for line in lines]
    found = _HEAD.match(rows[0])
    if found is None or len(set(found.groups()[:4])) < 4:
        raise Rejected([Fault("not-hl7v2")])
    marks = Marks(*found.groups())
    begins = re.compile(rf"([A-Z][A-Z0-9]{{2}})(?:{re.escape(marks.field)}|$)")
    whole: list[list[str]] = []
    for row in rows:
        if begins.match(row) or not whole:
            whole.append([row])
        else:
            whole[-1].append(row)  # base64 broken into lines on its way
    segments = []
    for pieces in whole:
        name, *fields = "".join(pieces).split(marks.field, MAX_FIELDS)
        segments.append(Segment(name, (marks.field, *fields) if name == "MSH" else tuple(fields), marks))
    return Message(tuple(segments), charset)


def _padded(text: str) -> str:
    """Base64 with the padding that some senders leave out."""
    return text + "=" * (-len(text) % 4)
