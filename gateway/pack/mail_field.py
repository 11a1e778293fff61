"""One header field of a mail: written so that it can never become two, and read back leniently.

Every field this gateway writes passes `checked`: no line break, no control character, no bidirectional override, not
even inside an encoded-word that somebody else would decode and write again (CVE-2024-6923). RFC 5322 §2.2, RFC 2047,
RFC 2231.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote_to_bytes

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.hidden import FORBIDDEN, hides_controls
from gateway.model.identity import MailAddress

MAX_TEXT = 2_000  # characters of one field: two names of 500 and a label stay below

_MESSAGE_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,120}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9._,-]{1,900}", re.ASCII)  # a hundred documents have a hundred codes
_WORD = 64  # longest word left as it is; an encoded-word may have 75 (RFC 2047 §2)
_LINE = 78  # RFC 5322 §2.1.1
_IN_PHRASE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5 (3)
_IN_TEXT = _IN_PHRASE | frozenset(".,:;()'")  # so that the prefix of a subject stays readable byte for byte

# — reading
MAX_VALUE = 20_000  # characters of one received field that are looked at
_RECEIVED_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]{0,500})\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,40})(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))')
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,253}")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def checked(text: str, field: str) -> str:
    """The text, when it can stand in a header. `field` names its place in the fault, never its value.

    An encoded-word that hides a control is broken apart (`= ?`), so that nobody decodes it: events that bring one are
    refused, but two harmless names beside each other, or one in capitals, can still make one.

    Raises Rejected `control-character` for C0 and C1 controls, line and paragraph separators, bidirectional
    overrides and lone surrogates; `text-too-long` above MAX_TEXT.
    """
    if len(text) > MAX_TEXT:
        raise Rejected([Fault("text-too-long", (field,), str(MAX_TEXT))])
    if FORBIDDEN.search(text):
        raise Rejected([Fault("control-character", (field,))])
    return text.replace("=?", "= ?") if hides_controls(text) else text


def line(name: str, value: str) -> bytes:
    """A field whose value is already in its final form. Raises Rejected `identifier-form` when it is not ASCII."""
    if not value.isascii():
        raise Rejected([Fault("identifier-form", (name,), name)])
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


def message_ids(name: str, values: Sequence[str]) -> bytes:
    """In-Reply-To or References: ids as `repeatable_ids` gives them, folded at 78."""
    return _folded(name, [f"<{checked(value, name)}>" for value in values])


def text(name: str, value: str) -> bytes:
    """A field people read (Subject): ASCII words stay plain, lines fold at 78, runs of space become one."""
    return _folded(name, _words(" ".join(checked(value, name).split())))


def mailbox(name: str, address: MailAddress, display: str = "") -> bytes:
    """`Display name <address>`. ECO.2.2.7: `<`, `>`, `"`, CR and LF are taken out of the display name, not refused."""
    shown = " ".join(checked(re.sub(r'[<>"\r\n]', " ", display), name).split())
    if not shown:
        return line(name, f"<{address.text}>")
    if shown.isascii() and len(shown) <= _WORD and "=?" not in shown:
        escaped = shown.replace("\\", "\\\\")
        return _folded(name, [f'"{escaped}"', f"<{address.text}>"])
    return _folded(name, [*_encoded(shown, _IN_PHRASE), f"<{address.text}>"])


def parameter(name: str, value: str) -> str:
    """`name*=UTF-8''…` (RFC 2231), cut into numbered pieces when a line would pass 998 octets (RFC 5322 §2.1.1)."""
    characters = [quote(character, safe="") for character in checked(value, name)]
    if sum(map(len, characters)) <= 800:
        return f"{name}*=UTF-8''{''.join(characters)}"
    pieces = ["UTF-8''"]
    for character in characters:  # whole ones: some readers decode each piece by itself
        if len(pieces[-1]) + len(character) > 60:
            pieces.append("")
        pieces[-1] += character
    return ";\r\n ".join(f"{name}*{n}*={piece}" for n, piece in enumerate(pieces))


def _words(value: str) -> list[str]:
    """Words to write: plain ones before and after, encoded ones from the first that needs it to the last."""
    words = value.split(" ")
    hard = [n for n, word in enumerate(words) if not word.isascii() or "=?" in word or len(word) > _WORD]
    if not hard:
        return words
    first, last = hard[0], hard[-1] + 1
    return words[:first] + _encoded(" ".join(words[first:last]), _IN_TEXT) + words[last:]


def _encoded(value: str, plain: frozenset[str]) -> list[str]:
    """Encoded-words, each a whole number of characters (RFC 2047 §5), in whichever of the two encodings is shorter.

    plain  the signs that Q may leave as they are there: fewer in a phrase than in a text
    """
    signs = ["_" if sign == " " else sign if sign in plain else _escaped(sign) for sign in value]
    if sum(map(len, signs)) <= 4 * len(value.encode()) / 3:
        return [f"=?utf-8?Q?{piece}?=" for piece in _pieces(signs, 54)]
    return [f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in _pieces(value, 42)]


def _escaped(sign: str) -> str:
    return "".join(f"={byte:02X}" for byte in sign.encode())


def _pieces(signs: Iterable[str], most: int) -> list[str]:
    """The signs joined to pieces of at most so many bytes: with the 12 around it and `Subject: ` a word fits a line."""
    pieces, size = [""], 0
    for sign in signs:
        width = len(sign.encode())
        if size + width > most:
            pieces.append("")
            size = 0
        pieces[-1] += sign
        size += width
    return pieces


def _folded(name: str, words: list[str]) -> bytes:
    lines, current = [], f"{name}:"
    for n, word in enumerate(words):
        if n and len(current) + 1 + len(word) > _LINE:
            lines.append(current)
            current = ""
        current += " " + word
    return "\r\n".join([*lines, current, ""]).encode("ascii")


def decoded(value: str) -> str:
    """A header as people read it: its encoded-words decoded (RFC 2047); those that cannot be stay as they are."""
    value = re.sub(r"(\?=)\s+(?==\?)", r"\1", value[:MAX_VALUE])

    def _plain(found: re.Match[str]) -> str:
        raw = found[3].encode("utf-8", "replace")
        raw = lenient_base64(raw) if found[2] in "bB" else quopri.decodestring(raw, header=True)
        return in_charset(raw, found[1])

    return _RECEIVED_WORD.sub(_plain, value)


def parameter_in(value: str, name: str) -> str:
    """A parameter of a field's value (`boundary`, `filename`), plain or by RFC 2231 in pieces; empty when absent."""
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
    return in_charset(raw, charset or "utf-8")


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


def only_address(values: tuple[str, ...]) -> str | None:
    """The address of a field that must name exactly one; None when it is absent, repeated, several or unclear."""
    found = addresses(values[0]) if len(values) == 1 else ()
    unclear = re.search(r">.*<|,|;", re.sub(r'"[^"]*"', "", values[0])) if found else None
    return found[0] if len(found) == 1 and not unclear else None


def message_id_in(value: str) -> str | None:
    """A Message-ID without its brackets; None when there is none."""
    found = re.search(r"<\s*([^<>\s]{1,250})\s*>", value) or re.fullmatch(
        r"\s*([^<>\s]{1,200}@[^<>\s]{1,200})\s*", value
    )
    return found[1] if found else None


def repeatable_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a received field that may be written again: plain ASCII, nothing a reader would decode."""
    found = re.findall(r"<\s*([^<>\s]{1,250})\s*>", value)
    return tuple(one for one in found if one.isascii() and one.isprintable() and "=?" not in one)


def recipient_in(value: str) -> str | None:
    """The address of `rfc822; name@domain` (Final-Recipient and its like, RFC 3464 §2.3); None when there is none."""
    kind, _, address = value.partition(";")
    found = addresses(address) if kind.strip().lower() in ("rfc822", "utf-8") else ()
    return found[0] if len(found) == 1 else None


def cleaned(text: str) -> str:
    """A received text made fit to be written again: whatever `checked` would refuse is left out."""
    return checked(" ".join(FORBIDDEN.sub(" ", text[:MAX_TEXT]).split()), "")


def lenient_base64(raw: bytes) -> bytes:
    """Base64 as found in the field: foreign characters are skipped, a cut tail is dropped."""
    clean = raw.translate(None, _NOT_BASE64)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


def in_charset(raw: bytes, charset: str) -> str:
    """Bytes as text in that character set when we know it, else UTF-8, else Latin-1, which reads anything."""
    for name in (charset.lower() if charset.lower() in _CHARSETS else "utf-8", "utf-8"):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
