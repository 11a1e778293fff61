"""Load on a local HTTP server: clients that send prepared requests on kept connections and time each answer."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn

from gateway.cli import YOUNG

PROCESSES = 4


def serve(server: uvicorn.Server) -> None:
    """Run a server and say its port once it answers; it looks for rings of objects as seldom as `passerelle serve`."""
    gc.set_threshold(YOUNG)

    def tell() -> None:
        while not server.started:
            time.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)

    Thread(target=tell, daemon=True).start()
    server.run()


@dataclass(frozen=True)
class Running:
    """A server in another process."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Processor seconds used so far; 0.0 where the system does not say."""
        file = Path(f"/proc/{self.pid}/stat")
        if not file.exists():
            return 0.0
        ticks = file.read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(script: Path, *arguments: str) -> Iterator[Running]:
    """Another process that serves."""
    process = subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Running(int(process.stdout.readline()), process.pid)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Measured:
    """What all clients together saw."""

    rate: float
    p50_ms: float
    p99_ms: float
    sent: int
    server_cpu_ms: float | None  # processor time of the server for each answer; None where it cannot be read


def request(path: str, body: bytes, key: str) -> bytes:
    """One POST, ready to send."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def post(line: socket.socket, message: bytes) -> int:
    """Send one and read its whole answer; gives the status."""
    line.sendall(message)
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += line.recv(65536)
    length = int(answer[: end + 2].lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(answer) < end + 4 + length:
        answer += line.recv(65536)
    return int(answer[9:12])


def load(server: Running, make: Callable[[int, int], bytes], *, clients: int, seconds: float) -> Measured:
    """Every client sends one after another for that long. `make(client, n)` gives its n-th request; it must pickle."""
    before = server.cpu_s()
    per_process = clients // PROCESSES
    start = time.time() + 1.0
    with ProcessPoolExecutor(PROCESSES) as pool:
        runs = [
            pool.submit(_some, server.port, make, range(first * per_process, (first + 1) * per_process), start, seconds)
            for first in range(PROCESSES)
        ]
        times = sorted(one for run in runs for one in run.result())
    return Measured(
        rate=round(len(times) / seconds, 1),
        p50_ms=round(times[len(times) // 2] * 1000, 2),
        p99_ms=round(times[int(len(times) * 0.99)] * 1000, 2),
        sent=len(times),
        server_cpu_ms=round((server.cpu_s() - before) / len(times) * 1000, 2) if before else None,
    )


def _some(
    port: int, make: Callable[[int, int], bytes], clients: Sequence[int], start: float, seconds: float
) -> list[float]:
    with ThreadPoolExecutor(len(clients)) as pool:
        return [
            one for times in pool.map(lambda client: _one(port, make, client, start, seconds), clients) for one in times
        ]


def _one(port: int, make: Callable[[int, int], bytes], client: int, start: float, seconds: float) -> list[float]:
    times = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        time.sleep(max(0.0, start - time.time()))
        n = 0
        while time.time() < start + seconds:
            message = make(client, n)
            began = time.perf_counter()
            status = post(line, message)
            times.append(time.perf_counter() - began)
            if status != 202:
                raise SystemExit(f"answered {status}")
            n += 1
    return times
