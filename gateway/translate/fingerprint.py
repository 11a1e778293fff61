"""The fingerprint of a body: two writings of the same JSON have the same one."""

from __future__ import annotations

from hashlib import sha256

import rfc8785

from gateway.model.errors import Rejected
from gateway.translate.body import read_json


def fingerprint(body: bytes) -> str:
    """SHA-256, in hex, of the body's RFC 8785 form; of its bytes as they are when it is not JSON that has one."""
    try:
        canonical = rfc8785.dumps(read_json(body))
    except (Rejected, rfc8785.CanonicalizationError):
        canonical = body
    return sha256(canonical).hexdigest()
