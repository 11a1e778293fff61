"""What an Attachment says of its content: is it so? The content stands in it, or in a Binary of the same Bundle.

The hash is the SHA-1 of the bytes. FHIR R4 §2.24.0.9 writes the digest in base64; the examples of IHE MHD write the
base64 of its hexadecimal digits: both are taken.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha1
from typing import Any

from gateway.validate.finding import Severity
from gateway.validate.hold.references import resolve
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

_LENGTHS = (20, 40)
"""Bytes of a SHA-1, and of its hexadecimal digits."""


def check_attachment(run: Run, scope: Scope, place: Place, value: dict[str, Any]) -> None:
    """Tell a size or hash that is not that of the content; of a hash whose content is not at hand, that it is none."""
    size, digest = value.get("size"), value.get("hash")
    if size is None and digest is None:
        return
    here = value.get("data")
    content = _bytes(here if here is not None else _elsewhere(run, scope, value.get("url")))
    if content is None:
        if isinstance(digest, str) and len(_bytes(digest) or bytes(20)) not in _LENGTHS:
            run.tell((place, "hash", "hash"), "attachment-hash-form")
        return
    run.step(len(content) // 200)
    severity: Severity | None = None if here is not None else "warning"
    if isinstance(size, int) and size != len(content):
        run.tell(place, "attachment-size", severity=severity, found=len(content))
    if isinstance(digest, str) and _stripped(digest) not in _digests(content):
        run.tell(place, "attachment-hash", severity=severity)


def _elsewhere(run: Run, scope: Scope, url: Any) -> Any:
    target = resolve(run, scope, url) if isinstance(url, str) and url and not url.startswith("#") else None
    if target is None or target.scope is None or target.type != "Binary":
        return None
    return target.scope.resource.get("data")


def _bytes(text: Any) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        return b64decode(_stripped(text), validate=True)
    except (binascii.Error, ValueError):
        return None


def _digests(content: bytes) -> set[str]:
    made = sha1(content, usedforsecurity=False)
    return {b64encode(made.digest()).decode(), b64encode(made.hexdigest().encode()).decode()}


def _stripped(text: str) -> str:
    return "".join(text.split())
