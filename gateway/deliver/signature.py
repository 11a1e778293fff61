"""Standard Webhooks signatures: symmetric, version `v1` (HMAC-SHA256 over `id.timestamp.body`), made and verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from gateway.model.errors import Broken

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_MOST_SIGNATURES = 16


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys a written secret stands for, the likeliest first.

    After `whsec_` stands base64. Without the prefix the letters themselves are the key; when they can also be read as
    base64 that is a second key, for the published libraries read every secret so.

    Raises Broken for an empty secret, or `whsec_` without base64.
    """
    try:
        decoded = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    said = () if secret.startswith(_PREFIX) else (secret.encode(),)
    keys = tuple(key for key in (*said, decoded) if key)
    if not keys:
        raise Broken("A callback's secret is no secret", advice="Write whsec_ and 24 to 64 random bytes in base64")
    return keys


def sign(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one attempt, signed with every secret in their order.

    message_id  the same at every attempt: by it the receiver knows a repeat.
    at          the time of this attempt, aware.
    """
    timestamp = str(int(at.timestamp()))
    head = f"{message_id}.{timestamp}.".encode()
    signatures = (_signature(key, head, body) for secret in secrets for key in keys_of(secret))
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: datetime) -> str | None:
    """The message's id when one of our secrets signed it within five minutes of `now`, else None.

    headers  with lower-case names. Compared in constant time.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not message_id or not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return None
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return None
    head = f"{message_id}.{timestamp}.".encode("utf-8", "replace")
    shown = [each.encode("utf-8", "replace") for each in headers.get(SIGNATURE, "").split(" ")[:_MOST_SIGNATURES]]
    ours = [_signature(key, head, body).encode() for secret in secrets for key in keys_of(secret)]
    matches = [hmac.compare_digest(one, other) for one in ours for other in shown]
    return message_id if any(matches) else None


def _signature(key: bytes, head: bytes, body: bytes) -> str:
    mac = hmac.new(key, head, hashlib.sha256)
    mac.update(body)  # large ones are not copied
    return "v1," + base64.b64encode(mac.digest()).decode("ascii")
