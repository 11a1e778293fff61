"""The fingerprint of a body: two writings of the same JSON have the same one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
import rfc8785

from gateway.model.errors import Rejected
from gateway.translate.body import read_json


def fingerprint(body: bytes) -> str:
    """SHA-256, in hex, of the body's RFC 8785 form; of its bytes as they are when it is not JSON that has one."""
    try:
        return fingerprint_of(read_json(body), body)
    except Rejected:
        return sha256(body).hexdigest()


def fingerprint_of(tree: dict[str, Any], body: bytes) -> str:
    """The same of a body whose tree has been read already."""
    try:
        canonical = orjson.dumps(tree, option=orjson.OPT_SORT_KEYS) if _simple(tree) else rfc8785.dumps(tree)
    except (rfc8785.CanonicalizationError, orjson.JSONEncodeError):
        canonical = body
    return sha256(canonical).hexdigest()


def _simple(tree: Any) -> bool:
    """True when the fast encoder writes RFC 8785: ASCII names, which sort alike by any measure, and no fractions."""
    inner = tree
    if isinstance(tree, dict):
        if not "".join(tree).isascii():
            return False
        inner = tree.values()
    elif not isinstance(tree, list):
        return not isinstance(tree, float)
    for value in inner:  # noqa: SIM110 (three times as fast as `all`, on the way of every event)
        if type(value) is not str and not _simple(value):
            return False
    return True
