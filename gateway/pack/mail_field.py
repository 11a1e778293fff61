"""One header field of a mail, written so that it can never become two.

Every field this gateway writes passes `checked`: no line break, no control character, no bidirectional override, not
even inside an encoded-word that somebody else would decode and write again (CVE-2024-6923). RFC 5322 §2.2, RFC 2047,
RFC 2231.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from urllib.parse import quote

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import MailAddress

MAX_TEXT = 1_000  # characters of one field's text; a name or a title is never near it

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?([bBqQ])\?([^?]*)\?=")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,120}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9._,-]{1,200}", re.ASCII)
_WORD = 64  # longest word left as it is; an encoded-word may have 75 (RFC 2047 §2)
_LINE = 78  # RFC 5322 §2.1.1


def checked(text: str, field: str) -> str:
    """The text itself, when it can stand in a header. `field` names its place in the fault, never its value.

    Raises Rejected `control-character` for C0 and C1 controls, line and paragraph separators, bidirectional
    overrides and lone surrogates, as they stand or inside an encoded-word; `text-too-long` above MAX_TEXT.
    """
    if len(text) > MAX_TEXT:
        raise Rejected([Fault("text-too-long", (field,), str(MAX_TEXT))])
    if _FORBIDDEN.search(text) or any(_FORBIDDEN.search(inside) for inside in _decoded(text)):
        raise Rejected([Fault("control-character", (field,))])
    return text


def _decoded(text: str) -> list[str]:
    found = []
    for encoding, word in _ENCODED_WORD.findall(text):
        raw = word.encode("utf-8", "replace")
        try:
            if encoding in "bB":
                raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
            else:
                raw = quopri.decodestring(raw, header=True)
        except binascii.Error:
            continue  # nobody can decode it either
        found.append(raw.decode(errors="ignore"))
    return found


def line(name: str, value: str) -> bytes:
    """A field whose value is already in its final, ASCII form."""
    return f"{name}: {checked(value, name)}\r\n".encode("ascii")


def token(name: str, value: str) -> bytes:
    """A field holding a code or a comma list of codes. Raises Rejected `identifier-form` for anything else."""
    if not _TOKEN.fullmatch(checked(value, name)):
        raise Rejected([Fault("identifier-form", (name,), name)])
    return line(name, value)


def message_id(name: str, value: str) -> bytes:
    """A Message-ID, given without its angle brackets. Raises Rejected `identifier-form` when it is none."""
    if not _MESSAGE_ID.fullmatch(checked(value, name)) or "=?" in value:
        raise Rejected([Fault("identifier-form", (name,), name)])
    return line(name, f"<{value}>")


def text(name: str, value: str) -> bytes:
    """A field people read (Subject): ASCII words stay plain, lines fold at 78, runs of space become one."""
    return _folded(name, _words(" ".join(checked(value, name).split())))


def mailbox(name: str, address: MailAddress, display: str = "") -> bytes:
    """`Display name <address>`. ECO.2.2.7: `<`, `>`, `"`, CR and LF are taken out of the display name, not refused."""
    if "=?" in checked(address.text, name):  # nobody may read another address into it
        raise Rejected([Fault("address-form", (name,))])
    shown = " ".join(checked(re.sub(r'[<>"\r\n]', " ", display), name).split())
    if not shown:
        return line(name, f"<{address.text}>")
    if shown.isascii() and len(shown) <= _WORD and "=?" not in shown:
        escaped = shown.replace("\\", "\\\\")
        return _folded(name, [f'"{escaped}"', f"<{address.text}>"])
    return _folded(name, [*_encoded(shown), f"<{address.text}>"])


def parameter(name: str, value: str) -> str:
    """`name*=UTF-8''…` (RFC 2231), cut into numbered pieces when a line would pass 998 octets (RFC 5322 §2.1.1)."""
    encoded = quote(checked(value, name), safe="")
    if len(encoded) <= 800:
        return f"{name}*=UTF-8''{encoded}"
    pieces = ["UTF-8''", *re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", encoded)]
    pieces[:2] = [pieces[0] + pieces[1]]
    return ";\r\n ".join(f"{name}*{n}*={piece}" for n, piece in enumerate(pieces))


def _words(value: str) -> list[str]:
    """Words to write: plain ones before and after, encoded ones from the first that needs it to the last."""
    words = value.split(" ")
    hard = [n for n, word in enumerate(words) if not word.isascii() or "=?" in word or len(word) > _WORD]
    if not hard:
        return words
    first, last = hard[0], hard[-1] + 1
    return words[:first] + _encoded(" ".join(words[first:last])) + words[last:]


def _encoded(value: str) -> list[str]:
    """Encoded-words, each a whole number of characters (RFC 2047 §5), in base64, safe in a phrase and in a text."""
    pieces, size = [""], 0
    for character in value:
        width = len(character.encode())
        if size + width > 42:  # 56 base64 characters and the 12 around them: `Subject: ` and one still fit in a line
            pieces.append("")
            size = 0
        pieces[-1] += character
        size += width
    return [f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces]


def _folded(name: str, words: list[str]) -> bytes:
    lines, current = [], f"{name}:"
    for n, word in enumerate(words):
        if n and len(current) + 1 + len(word) > _LINE:
            lines.append(current)
            current = ""
        current += " " + word
    return "\r\n".join([*lines, current, ""]).encode("ascii")
