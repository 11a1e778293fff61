"""What comes around an event: content type, idempotency key, and CloudEvents 1.0 (binary and structured).

The event's own bytes are cut out of a structured CloudEvent unchanged, so that whoever reads them sees what was sent.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from starlette.datastructures import Headers

from gateway.api.problem import Refused
from gateway.model.errors import Rejected
from gateway.model.faults import Fault

JSON, CLOUDEVENT = "application/json", "application/cloudevents+json"

_VISIBLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)
_CHARSET = re.compile(r"charset=(\"?)([A-Za-z0-9._:-]{1,40})\1", re.ASCII | re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it was sent: its bytes, its idempotency key if any, and where it stood in a larger body.

    before  the text of that body up to the event
    """

    body: bytes
    key: str | None = None
    within: str = ""
    before: str = ""

    def place(self, fault: Fault) -> Fault:
        """The fault with its place seen from the whole body."""
        if not self.within:
            return fault
        line, column = self._spot(fault.line, fault.column)
        return replace(fault, pointer=self.within + fault.pointer, line=line, column=column)

    def place_traced(self, traced: dict[str, Any]) -> dict[str, Any]:
        """The same for the source of a field."""
        if not self.within or not traced["body_line"]:
            return traced
        line, column = self._spot(traced["body_line"], traced["body_column"])
        return {**traced, "pointer": self.within + traced["pointer"], "body_line": line, "body_column": column}

    def _spot(self, line: int, column: int) -> tuple[int, int]:
        lines = self.before.split("\n")
        if line > 1 or not line:
            return line and line + len(lines) - 1, column
        return len(lines), column + len(lines[-1])


def media_type(headers: Headers, *allowed: str, encoding: str = "utf-8") -> str:
    """The body's type. Raises Refused 415 unless it is one of `allowed`, in that encoding and uncompressed."""
    said = headers.getlist("content-type")
    name, *parameters = (part.strip() for part in (said[0] if len(said) == 1 else "").split(";"))
    right_charset = all(_is(encoding, one) for one in parameters if one.lower().startswith("charset"))
    plain = headers.get("content-encoding", "identity").strip().lower() == "identity"
    if name.lower() not in allowed or not right_charset or not plain:
        raise Refused(415, "unsupported-media-type", headers={"Accept-Post": ", ".join(allowed)})
    return name.lower()


def _is(encoding: str, parameter: str) -> bool:
    """True when a `charset=` names that encoding, under whatever name it has there."""
    named = _CHARSET.fullmatch(parameter)
    try:
        return named is not None and codecs.lookup(named[2]).name == codecs.lookup(encoding).name
    except LookupError:
        return False


def open_envelope(headers: Headers, body: bytes, media_types: Sequence[str] = (JSON,), encoding: str = "utf-8") -> Sent:
    """Find the event and its key: `Idempotency-Key` > CloudEvents source and id > (the event's own id, later).

    `media_types` are those of the event itself, in its dialect. An event in JSON may come in a structured CloudEvent.
    Raises Refused 415 or 400, or Rejected when a structured CloudEvent is malformed.
    """
    structured = (CLOUDEVENT,) if JSON in media_types else ()
    kind = media_type(headers, *media_types, *structured, encoding=encoding)
    header = _one(headers, "idempotency-key")
    if kind == CLOUDEVENT:
        attributes, data, before = _structured(body)
        key = header or _cloud_key(attributes["source"], attributes["id"])
        return Sent(data, key, "/data", before)
    source, id = _one(headers, "ce-source"), _one(headers, "ce-id")
    if (source is None) != (id is None):
        raise Refused(400, "bad-header", about="ce-source, ce-id")
    return Sent(body, header or (_cloud_key(source, id) if source and id else None))


def idempotency_key(headers: Headers) -> str | None:
    """The key a request names itself by. Raises Refused 400 when it is malformed."""
    return _one(headers, "idempotency-key")


def _one(headers: Headers, name: str) -> str | None:
    """A header's only value: 1 to 255 visible ASCII characters."""
    said = headers.getlist(name)
    if not said:
        return None
    if len(said) > 1 or not _VISIBLE.fullmatch(said[0].strip()):
        raise Refused(400, "bad-header", about=name)
    return ("h:" if name == "idempotency-key" else "") + said[0].strip()


def _cloud_key(source: str, id: str) -> str:
    """CloudEvents 1.0 §3.1: source and id together are unique. Hashed: a source may be a long URI."""
    return "ce:" + sha256(json.dumps([source, id]).encode()).hexdigest()


def _structured(body: bytes) -> tuple[Mapping[str, str], bytes, str]:
    """The attributes of a structured CloudEvent, the bytes of its `data`, and the text before these."""
    members = _members(body)
    faults = [
        Fault("missing-field", (name,), name) for name in ("specversion", "id", "source", "data") if name not in members
    ]
    for name in ("specversion", "id", "source"):
        value = members.get(name, ("x", 0, ""))[0]
        if not isinstance(value, str) or not 0 < len(value) <= 500:
            faults.append(Fault("wrong-type", (name,), "text"))
    if not faults and members["specversion"][0] != "1.0":
        faults.append(Fault("unknown-code", ("specversion",), "1.0"))
    if faults:
        raise Rejected(Fault(fault.code, fault.at, fault.about, f"/{fault.at[0]}") for fault in faults)
    _, start, data = members["data"]
    return {name: members[name][0] for name in ("source", "id")}, data.encode(), body.decode()[:start]


def _members(body: bytes) -> dict[str, tuple[Any, int, str]]:
    """The members of the outermost object: name → (value, where its text begins, its text). Raises Rejected."""
    members: dict[str, tuple[Any, int, str]] = {}
    decode = json.JSONDecoder().raw_decode
    try:
        text = body.decode("utf-8")
        at = _expect(text, 0, "{")
        while text[_skip(text, at) : _skip(text, at) + 1] != "}":
            at = _expect(text, at, '"')
            name, at = scanstring(text, at, True)
            if name in members:
                raise Rejected([Fault("duplicate-key", (), pointer="/" + name)])
            at = _skip(text, _expect(text, at, ":"))
            value, end = decode(text, at)
            members[name] = (value if name != "data" else None, at, text[at:end])
            at = _skip(text, end)
            if text[at : at + 1] != "}":
                at = _skip(text, _expect(text, at, ","))
                if text[at : at + 1] == "}":
                    raise ValueError("a comma too many")
        if _skip(text, _expect(text, at, "}")) != len(text):
            raise ValueError("more than one value")
    except (UnicodeDecodeError, JSONDecodeError, ValueError):
        raise Rejected([Fault("not-json")]) from None
    except RecursionError:
        raise Rejected([Fault("too-deep", about="100")]) from None
    return members


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _expect(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark} expected")
    return at + 1
