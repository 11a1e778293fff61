"""Free ports on loopback, and waiting until something listens there."""

from __future__ import annotations

import socket
import time


def free_ports(count: int) -> list[int]:
    """That many ports nobody listens on now; all different."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


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
