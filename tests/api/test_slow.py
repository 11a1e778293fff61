"""Clients that trickle: each is cut, and whoever speaks at a normal pace hardly notices them."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from gateway.api import Limits
from tests.api.conftest import House, served, visit
from tests.api.test_intake import head, raw

SLOW = 500

Example = Callable[..., dict[str, Any]]


class Trickle:
    """Lines on which a byte is sent every so often; `cut` says after how long each was closed."""

    def __init__(self, lines: list[tuple[socket.socket, Iterator[bytes]]], every: float) -> None:
        self._lines, self._every, self._over = lines, every, Event()
        self.cut: list[float] = []
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Trickle:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for line, _ in self._lines:
            line.close()

    def all_cut(self, within: float) -> bool:
        """Wait until every line was closed."""
        end = time.monotonic() + within
        while time.monotonic() < end and len(self.cut) < len(self._lines):
            time.sleep(0.05)
        return len(self.cut) == len(self._lines)

    def _run(self) -> None:
        began, open_ = time.monotonic(), list(self._lines)
        while open_ and not self._over.wait(self._every):
            open_ = [line for line in open_ if self._is_open(*line) or self.cut.append(time.monotonic() - began)]

    def _is_open(self, line: socket.socket, more: Iterator[bytes]) -> bool:
        line.setblocking(False)
        try:
            with suppress(BlockingIOError):
                if line.recv(4000) == b"":
                    return False
            line.send(next(more))
        except OSError:
            return False
        return True


@contextmanager
def trickling(*lines: tuple[socket.socket, Iterator[bytes]], every: float = 0.1) -> Iterator[Trickle]:
    with Trickle(list(lines), every) as trickle:
        yield trickle


def spaces() -> Iterator[bytes]:
    return cycle([b" "])


def test_a_head_that_trickles_is_cut(house: House) -> None:
    with (
        served(house, Limits(), headers_within=0.5) as address,
        trickling((raw(address, "GET /health/live HTTP/1.1\nX: "), cycle([b"x"]))) as slow,
    ):
        assert slow.all_cut(10.0)


def test_line_ends_between_two_requests_do_not_keep_a_line_open(house: House) -> None:
    whole = "GET /health/live HTTP/1.1\nHost: x\n\n"
    with (
        served(house, Limits(), headers_within=0.5) as address,
        trickling((raw(address, whole), cycle([b"\r\n"]))) as slow,
    ):
        assert slow.all_cut(10.0)


@pytest.mark.parametrize("way", ["an event", "a stranger", "an upload", "nobody asked for"])
def test_a_body_that_trickles_is_cut_whoever_sends_it_where(way: str, house: House) -> None:
    heads = {
        "an event": head(house, 50_000),
        "a stranger": "POST /v1/events HTTP/1.1\nHost: x\nContent-Length: 50000\n\n",
        "an upload": head(house, 50_000).replace("POST /v1/events", f"PUT /v1/contents/sha256:{'0' * 64}"),
        "nobody asked for": "GET /health/live HTTP/1.1\nHost: x\nContent-Length: 50000\n\n",
    }
    with (
        served(house, Limits(), body_within=0.5) as address,
        trickling((raw(address, heads[way]), spaces())) as slow,
    ):
        assert slow.all_cut(10.0)


def test_a_body_on_a_slow_line_is_waited_for(house: House, example: Example) -> None:
    """Two kilobytes a second are twice what is asked of a line."""
    with served(house, Limits(), body_within=0.5) as address, raw(address, head(house, 4000)) as line:
        for _ in range(20):
            line.sendall(b" " * 200)
            time.sleep(0.1)
        assert line.recv(100).startswith(b"HTTP/1.1 422")


def test_five_hundred_slow_lines_hardly_slow_the_others_and_are_all_cut(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    """Another test may take the machine meanwhile: it is tried three times at most, and once must do."""
    tries: list[tuple[float, float]] = []
    while len(tries) < 3 and not any(beside < 2 * alone for alone, beside in tries):
        tries.append(alone_and_beside_slow_lines(house))
    figure = f"p95 of a request, ms, and beside {SLOW} slow lines: " + ", ".join(f"{a:.1f} {b:.1f}" for a, b in tries)
    record_property("figure", figure)
    assert any(beside < 2 * alone for alone, beside in tries), figure


def alone_and_beside_slow_lines(house: House) -> tuple[float, float]:
    heads = ["GET /v1/exchanges HTTP/1.1\nX: ", head(house, 50_000)]
    with (
        served(house, Limits(), headers_within=6.0, body_within=6.0) as address,
        visit(address, house.bearer()) as http,
        ExitStack() as lines,
    ):
        alone = percentile_95_ms(http)
        opened = [(lines.enter_context(raw(address, heads[n % 2])), spaces()) for n in range(SLOW)]
        time.sleep(1.0)  # their arrival is over
        with trickling(*opened, every=1.0) as slow:
            beside = percentile_95_ms(http)
            assert slow.all_cut(60.0)
    return alone, beside


def percentile_95_ms(http: httpx.Client) -> float:
    """Milliseconds within which 95 of 100 requests are answered."""
    took = []
    for _ in range(100):
        began = time.perf_counter()
        assert http.get("/v1/exchanges").status_code == 200
        took.append(time.perf_counter() - began)
    return 1000 * statistics.quantiles(took, n=20)[-1]
