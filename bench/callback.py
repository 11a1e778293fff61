"""How fast signed callbacks leave: `Callback.send` beside a bare httpx loop, to the same local TLS server, in one run.

Prints JSON: callbacks a second, their ratio, and memory; run it from the project's root:
`python -m bench.callback [SECONDS]`.

bare      httpx.Client, one kept connection, the same body and as many headers, no signature.
callback  our adapter, one thread; `threads` the same from four, each on a connection of its own.
anew      both with a connection for every message, as to an endpoint that hears from us once a minute.
grown_kb  what the process grew by while the adapter sent all of these.
"""

from __future__ import annotations

import base64
import itertools
import json
import multiprocessing
import resource
import secrets
import socket
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Network
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from gateway.deliver import Outcome, Parcel
from gateway.deliver.callback import Callback
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.tls import client_context
from tests.places.authority import Authority

SIZES = {"1 KB": 1_000, "20 KB": 20_000}
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
LAST = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


def _serve(chain: str, key: str, told: Connection) -> None:
    """The least a server can do: read a request, say 204; `/last` ends the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    told.send(listening.getsockname()[1])
    while True:
        threading.Thread(target=_answer, args=(listening.accept()[0], context), daemon=True).start()


def _answer(plain: socket.socket, context: ssl.SSLContext) -> None:
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    unread = b""
    try:
        with context.wrap_socket(plain, server_side=True) as line:
            while True:
                while (end := unread.find(b"\r\n\r\n")) < 0:
                    if not (chunk := line.recv(65536)):
                        return
                    unread += chunk
                head = unread[:end].lower()
                whole = end + 4 + int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                while len(unread) < whole:
                    unread += line.recv(65536)
                unread = unread[whole:]
                line.sendall(LAST if b" /last " in head else ANSWER)
                if b" /last " in head:
                    return
    except OSError:
        return


@contextmanager
def _server(certificate: tuple[Path, Path]) -> Iterator[int]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(*map(str, certificate), theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _rate(send: Callable[[], Any], seconds: float) -> float:
    for _ in range(20):
        send()
    started, sent = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        send()
        sent += 1
    return sent / (time.perf_counter() - started)


def _rates(port: int, authority: Authority, size: int, path: str, seconds: float) -> dict[str, float]:
    url, numbers = f"https://localhost:{port}{path}", itertools.count()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    endpoint = Endpoint(
        name="bench",
        kind="callback",
        url=url,
        ca=authority.ca_file,
        secrets=(secret,),
        allow_networks=(IPv4Network("127.0.0.0/8"),),
    )
    ours = Callback([endpoint], now=lambda: datetime.now(UTC), resolve=lambda host: ["127.0.0.1"])
    client = httpx.Client(verify=client_context(authority.ca_file, None, None), trust_env=False)
    body = json.dumps({"specversion": "1.0", "data_base64": base64.b64encode(bytes(size * 3 // 4)).decode()}).encode()

    def callback() -> None:
        if ours.send(Parcel(f"bench{next(numbers)}@a.test", "", "bench", body)).outcome is not Outcome.ARRIVED:
            raise RuntimeError("the server refused a callback")

    def bare() -> None:
        headers = {
            "content-type": "application/cloudevents+json",
            "webhook-id": f"bench{next(numbers)}@a.test",
            "webhook-timestamp": "1795262400",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        client.post(url, content=body, headers=headers).raise_for_status()

    rounds: dict[str, list[float]] = {"bare": [], "callback": []}
    for _ in range(3):  # in turns: what else the machine does falls on both
        rounds["bare"].append(_rate(bare, seconds / 3))
        rounds["callback"].append(_rate(callback, seconds / 3))
    rates = {way: sum(each) / 3 for way, each in rounds.items()}
    with ThreadPoolExecutor(4) as pool:
        rates["threads"] = sum(pool.map(lambda _: _rate(callback, seconds), range(4)))
    ours.close()
    client.close()
    found = {way: round(rate, 1) for way, rate in rates.items()}
    return {**found, "callback / bare": round(rates["callback"] / rates["bare"], 2)}


def measure(seconds: float) -> dict[str, Any]:
    """Rates for each size and way."""
    with tempfile.TemporaryDirectory() as directory:
        authority = Authority(Path(directory))
        with _server(authority.server()) as port:
            _rates(port, authority, 1_000, "/hook", 0.3)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found: dict[str, Any] = {
                name: _rates(port, authority, size, "/hook", seconds) for name, size in SIZES.items()
            }
            found["1 KB, anew"] = _rates(port, authority, SIZES["1 KB"], "/last", seconds)
            found["grown_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return found


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0), indent=2))
