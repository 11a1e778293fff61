"""What was lately opened: a value whose sealed bytes are still the same is not opened and read again.

Teams change several times within minutes when a software tells them member by member. What is sealed is sealed with
a new nonce each time, so equal sealed bytes are the same value. Nothing is given before its key has been read from
the database: what was erased is not found here. It lives in memory only, in one process.
"""

from __future__ import annotations

from typing import Any

ROOM = 8 * 1024 * 1024  # sealed bytes remembered at once; what they open to takes some times as much

Where = tuple[str, ...]
"""Tenant, client, kind and id."""


class Lately:
    """Values by where they are kept; any thread may ask. When there is no room left, all is forgotten."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = self._left = room
        self._values: dict[Where, tuple[bytes, Any]] = {}

    def find(self, where: Where, sealed: bytes) -> Any | None:
        """The value there, if these are the bytes it was sealed in."""
        kept, value = self._values.get(where, (b"", None))
        return value if kept == sealed else None

    def keep(self, where: Where, sealed: bytes, value: Any) -> None:
        """Remember it; a value that is never stored after all is never found either."""
        self._left -= len(sealed)  # also what it takes the place of: room is a bound, not an account
        if self._left < 0:
            self._values, self._left = {}, self._room - len(sealed)
        if len(sealed) <= self._room:
            self._values[where] = (sealed, value)
