"""Keys lately seen: a busy client's key is looked up once a second, not once a request."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from gateway.journey.gateway import Gateway
from gateway.record import Credential

MOST = 10_000  # keys remembered at once


class Keyring:
    """life  seconds a key once found is believed; 0: look every time. `watch` gives seconds that never go back.

    Only keys in use are remembered, by their digest: a stranger's guesses take no room.
    """

    def __init__(self, gateway: Gateway, *, life: float, watch: Callable[[], float]) -> None:
        self._gateway, self._life, self._watch = gateway, life, watch
        self._seen: dict[bytes, tuple[float, Credential]] = {}

    def remembered(self, secret: str) -> Credential | None:
        """Whose key this is, when it was found a moment ago."""
        until, credential = self._seen.get(_digest(secret), (0.0, None))
        return credential if until > self._watch() else None

    def find(self, secret: str) -> Credential | None:
        """Whose key this is by the store; None when it is unknown or revoked. Raises Unreachable."""
        with self._gateway.store.glance() as unit:
            credential = unit.keys.find(secret)
        if credential is not None and self._life > 0:
            if len(self._seen) >= MOST:
                self._seen = {}
            self._seen[_digest(secret)] = (self._watch() + self._life, credential)
        return credential


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
