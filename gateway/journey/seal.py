"""seal: the audit log is signed outside the database, often enough that a cut tail is short."""

from __future__ import annotations

from gateway.journey.gateway import Gateway


class Seal:
    """Signs when `sign_every` has passed or `sign_leaves` entries came since the last checkpoint this worker signed."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._at, self._size = gateway.clock(), 0

    def sign_if_due(self) -> bool:
        """Sign if it is time. True when a checkpoint was asked for. Raises Broken when the log does not continue it."""
        gateway, now = self._gateway, self._gateway.clock()
        with gateway.store.glance() as unit:
            size = unit.log.head().size
        if abs(now - self._at) < gateway.pace.sign_every and size - self._size < gateway.pace.sign_leaves:
            return False
        gateway.store.checkpoint(gateway.notary)
        self._at, self._size = now, size
        return True
