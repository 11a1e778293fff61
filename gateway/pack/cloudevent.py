"""A CloudEvents 1.0 envelope in JSON: what callbacks carry and what the inbox shows, written and read back.

The body of JSON data stands in `data` as it is; a body of text (XML, CSV) as one string. CloudEvents 1.0.2, JSON event
format 1.0.2 §3.1.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

MEDIA_TYPE = "application/cloudevents+json"
JSON = "application/json"

_OURS = frozenset({"specversion", "id", "source", "type", "time", "datacontenttype", "data", "data_base64"})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CloudEvent:
    """One event in its envelope. `source` and `id` together name it for good.

    time        aware
    media_type  of `data`, with its charset when it is text that is not UTF-8
    extensions  further attributes: names of lower-case letters and digits, short words
    """

    id: str
    source: str
    type: str
    time: datetime
    data: bytes
    media_type: str = JSON
    extensions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("an event needs an aware time")
        for name in self.extensions:
            if not (name.isascii() and name.isalnum() and name == name.lower()) or name in _OURS:
                raise ValueError(f"no such extension attribute: {name}")

    def __repr__(self) -> str:
        return f"CloudEvent({self.type}, {len(self.data)} bytes)"


def write_cloudevent(event: CloudEvent) -> bytes:
    """The envelope, UTF-8, the same bytes for the same event. ValueError for JSON data that is not JSON."""
    head = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time.isoformat().replace("+00:00", "Z"),
        "datacontenttype": event.media_type.partition(";")[0].strip(),
        **event.extensions,
    }
    if _is_json(head["datacontenttype"]):
        return _json({**head, "data": json.loads(event.data)})
    charset = _charset(event.media_type)
    if "xml" not in event.media_type or charset == "utf-8":  # XML in another encoding says so itself: bytes it stays
        with suppress(UnicodeDecodeError, LookupError):
            return _json({**head, "data": event.data.decode(charset)})
    return _json({**head, "datacontenttype": event.media_type, "data_base64": b64encode(event.data).decode("ascii")})


def read_cloudevent(body: bytes) -> CloudEvent:
    """The event of an envelope; text comes back in UTF-8. Raises Rejected `not-json`, `missing-field`, `wrong-type`."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        raise Rejected([Fault("not-json")]) from None
    if not isinstance(tree, dict):
        raise Rejected([Fault("wrong-type", about="object")])
    words = {name: tree.get(name) for name in ("id", "source", "type", "time")}
    faults = [
        Fault("missing-field" if word is None else "wrong-type", (name,))
        for name, word in words.items()
        if not isinstance(word, str) or not word
    ]
    if tree.get("specversion") != "1.0":
        faults.append(Fault("unknown-code", ("specversion",), "1.0"))
    if faults:
        raise Rejected(faults)
    media_type = tree.get("datacontenttype") or JSON
    try:
        return CloudEvent(
            id=tree["id"],
            source=tree["source"],
            type=tree["type"],
            time=datetime.fromisoformat(tree["time"]),
            data=_data(tree, media_type),
            media_type=media_type,
            extensions={name: value for name, value in tree.items() if name not in _OURS and isinstance(value, str)},
        )
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise Rejected([Fault("wrong-type", about="CloudEvent")]) from None


def _data(tree: dict[str, object], media_type: str) -> bytes:
    encoded, data = tree.get("data_base64"), tree.get("data")
    if isinstance(encoded, str):
        return b64decode(encoded, validate=True)
    if isinstance(data, str) and not _is_json(media_type):
        return data.encode("utf-8")
    return _json(data)


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name == JSON or name.endswith("+json")


def _charset(media_type: str) -> str:
    return media_type.partition("charset=")[2].strip(' "').lower() or "utf-8"


def _json(tree: object) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
