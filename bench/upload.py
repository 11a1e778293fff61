"""How fast 100 MB are uploaded: a real server over SQLite, beside reading them from a socket, hashing and writing them.

    python -m bench.upload [--rounds 3]

Both are on the disk (fsync) when they answer, and take turns; the ratio is of the medians. `memory_mb` is what the
server's memory grew by at most, over what it held after a small upload.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from accept import furnish  # noqa: E402 (beside this file)
from load import Running, post, running  # noqa: E402

SIZE = 100_000_000
AT_ONCE = 65_536


def bare(data: bytes, folder: Path) -> float:
    """Seconds until the same bytes, sent over a socket, are hashed and on the disk."""

    def send() -> None:
        with socket.create_connection(door.getsockname()) as line:
            line.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as door, (folder / "bare").open("wb") as file:
        began = time.perf_counter()
        sender = Thread(target=send)
        sender.start()
        digest = sha256()
        with door.accept()[0] as line:
            while part := line.recv(AT_ONCE):
                digest.update(part)
                file.write(part)
        file.flush()
        os.fsync(file.fileno())
        digest.hexdigest()
        took = time.perf_counter() - began
        sender.join()
    return took


def upload(server: Running, key: str, data: bytes) -> float:
    """Seconds until the gateway answers 201."""
    head = (
        f"PUT /v1/contents/sha256:{sha256(data).hexdigest()} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        began = time.perf_counter()
        line.sendall(head.encode())
        status = post(line, data)
        took = time.perf_counter() - began
    if status != 201:
        raise SystemExit(f"answered {status}")
    return took


def memory(server: Running, field: str) -> int | None:
    """Bytes the server holds (VmRSS) or has held at most (VmHWM); None where the system does not say."""
    file = Path(f"/proc/{server.pid}/status")
    return int(file.read_text().partition(f"{field}:")[2].split()[0]) * 1024 if file.exists() else None


def measure(*, rounds: int = 3) -> dict[str, Any]:
    """Both take turns; rates are megabytes a second."""
    seconds: dict[str, list[float]] = {"bare": [], "upload": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = furnish(folder)
        with running(HERE / "accept.py", "--serve", name) as server:
            upload(server, key, os.urandom(2_000_000))
            idle = memory(server, "VmRSS")
            for _ in range(rounds):
                data = os.urandom(SIZE)
                seconds["bare"].append(bare(data, folder))
                seconds["upload"].append(upload(server, key, data))
            most = memory(server, "VmHWM")
    rates = {what: round(SIZE / 1_000_000 / median(took), 1) for what, took in seconds.items()}
    return {
        "size": SIZE,
        "mb_per_s": rates,
        "ratio": round(rates["upload"] / rates["bare"], 3),
        "memory_mb": None if idle is None or most is None else round((most - idle) / 1_000_000, 1),
    }


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=3)
    print(json.dumps(measure(rounds=asked.parse_args().rounds), indent=2))


if __name__ == "__main__":
    main()
