"""Free ports on loopback, and waiting until something listens there."""

from __future__ import annotations

import random
import socket
import time

_RANGE = range(20_000, 32_000)  # below what Linux gives to outgoing lines: nobody takes one between two starts


def free_ports(count: int) -> list[int]:
    """That many ports nobody listens on now; all different, and others than a neighbouring run would choose."""
    free: list[int] = []
    while len(free) < count:
        port = random.SystemRandom().choice(_RANGE)
        if port not in free and _is_free(port):
            free.append(port)
    return free


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_for(port: int, *, within_s: float) -> None:
    """Return once the port answers. Raises TimeoutError."""
    until = time.monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError(f"nothing listens on port {port}") from None
            time.sleep(0.02)
        else:
            return
