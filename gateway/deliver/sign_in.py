"""Signing in with a person's Pro Santé Connect token: where it comes from and how it is shown (XOAUTH2)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)  # b64token, RFC 6750 §2.1
_LONGEST = 16 * 1024
GOOD_FOR_S = 60.0  # what TokenSource promises


def xoauth2(address: str, token: str) -> bytes:
    """The SASL answer, not yet in base64: `user=<address>^Aauth=Bearer <token>^A^A` (XOAUTH2, ECO.1.2.1)."""
    return f"user={address}\x01auth=Bearer {token}\x01\x01".encode("ascii")


class FileTokenSource:
    """Tokens that something else (a sign-in page, a person) keeps fresh in files, one per mailbox.

    files          mailbox address → file holding nothing but the access token.
    opaque_life_s  how long a token that does not carry its own end (not a JWT with `exp`) lives after its file was
                   written, seconds; Pro Santé Connect's live two to five minutes.
    now            the wall clock.
    """

    def __init__(self, files: Mapping[str, Path], *, opaque_life_s: float, now: Callable[[], datetime]) -> None:
        self._files = {address.lower(): file for address, file in files.items()}
        self._opaque_life_s, self._now = opaque_life_s, now

    def token(self, address: str) -> str | None:
        """The mailbox's token, or None when there is none that lasts another minute."""
        file = self._files.get(address.lower())
        if file is None:
            return None
        try:
            with file.open("rb") as opened:
                token = opened.read(_LONGEST + 1).decode("ascii").strip()
            written = file.stat().st_mtime
        except (OSError, UnicodeDecodeError):
            return None
        if len(token) > _LONGEST or not _TOKEN.fullmatch(token):
            return None
        ends = _said_end(token)
        if ends is None:
            ends = written + self._opaque_life_s
        return token if ends - self._now().astimezone(UTC).timestamp() >= GOOD_FOR_S else None


def _said_end(token: str) -> float | None:
    """`exp` of a JWT, seconds since 1970. Not verified: the token is ours to show, the operator's to check."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
