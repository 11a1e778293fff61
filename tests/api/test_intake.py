"""Bodies coming in: what is too large, too slow or too many at once is refused before it costs much."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from gateway.api import Limits
from tests.api.conftest import House, served, visit
from tests.api.test_events import JSON, problem

Example = Callable[..., dict[str, Any]]


def chunks(total: int, size: int = 65_536) -> Iterator[bytes]:
    for _ in range(total // size):
        yield b" " * size


def test_a_body_beyond_the_limit_is_refused_however_it_is_sent(http: httpx.Client) -> None:
    for content in (b" " * 350_000, chunks(400_000), b" " * 900_000, chunks(1_000_000)):
        problem(http.post("/v1/events", content=content, headers=JSON), 413, "too-large")
    assert http.get("/v1/exchanges").status_code == 200


def test_twenty_five_megabytes_are_refused_in_flat_memory(house: House) -> None:
    with served(house, Limits()) as address, visit(address, house.bearer()) as http:
        http.post("/v1/events", content=b"{}", headers=JSON)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(3):
            problem(http.post("/v1/events", content=chunks(25_000_000), headers=JSON), 413, "too-large")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB: one body, not three


def test_a_body_at_the_limit_is_read(http: httpx.Client, example: Example) -> None:
    body = json.dumps(example("team.created")).encode()
    body += b" " * (300_000 - len(body))
    assert http.post("/v1/events", content=body, headers=JSON).status_code == 202
    problem(http.post("/v1/events", content=body + b" ", headers=JSON), 413, "too-large")


def raw(address: str, head: str, *parts: bytes) -> socket.socket:
    """A connection on which that much has been sent."""
    host, _, port = address.removeprefix("http://").partition(":")
    line = socket.create_connection((host, int(port)), timeout=10)
    line.sendall(head.encode().replace(b"\n", b"\r\n"))
    for part in parts:
        line.sendall(part)
    return line


def head(house: House, length: int) -> str:
    key = house.key()
    return (
        f"POST /v1/events HTTP/1.1\nHost: x\nAuthorization: Bearer {key}\nContent-Type: application/json\n"
        f"Content-Length: {length}\n\n"
    )


def test_a_sender_who_never_ends_is_given_up(house: House) -> None:
    with served(house, Limits(receive_within=0.3)) as address, raw(address, head(house, 5000), b"{") as line:
        assert line.recv(100).startswith(b"HTTP/1.1 408")


def test_a_sender_who_leaves_half_way_stores_nothing(house: House) -> None:
    with served(house, Limits()) as address, visit(address, house.bearer()) as http:
        raw(address, head(house, 5000), b'{"id": ').close()
        assert http.get("/v1/exchanges").json()["items"] == []
        assert house.log("event-rejected") == []


def test_memory_taken_by_some_bodies_makes_others_wait_and_comes_back(house: House, example: Example) -> None:
    body = json.dumps(example("team.created")).encode()
    limits = Limits(body=300_000, in_flight=350_000, receive_within=5.0)
    with served(house, limits) as address, visit(address, house.bearer()) as http:
        for _ in range(20):  # the slow one first, alone: it could be the one that is refused otherwise
            slow = raw(address, head(house, 300_000), b" " * 200_000)
            time.sleep(0.2)
            answer = http.post("/v1/events", content=b" " * 200_000, headers=JSON)
            if answer.status_code == 503:
                break
            slow.close()
        problem(answer, 503, "too-busy")
        assert int(answer.headers["retry-after"]) > 0
        assert http.post("/v1/events", content=body, headers=JSON).status_code == 202  # small ones still pass
        slow.close()
        end = time.monotonic() + 20
        while (answer := http.post("/v1/events", content=b" " * 200_000, headers=JSON)).status_code == 503:
            assert time.monotonic() < end
        assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/v1/events", "/v1/objections"])
def test_a_stranger_is_refused_before_the_body_is_read(path: str, house: House) -> None:
    with served(house, Limits()) as address:
        line = raw(address, f"POST {path} HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 900\n\n")
        assert line.recv(100).startswith(b"HTTP/1.1 401")
        line.close()


def test_slow_senders_do_not_keep_others_from_being_served(house: House, example: Example) -> None:
    with served(house, Limits(receive_within=3.0)) as address:
        slow = [raw(address, head(house, 5000), b"{") for _ in range(200)]
        with visit(address, house.bearer()) as http:
            answers: list[int] = []
            sender = Thread(
                target=lambda: answers.append(http.post("/v1/events", json=example("team.created")).status_code)
            )
            sender.start()
            sender.join(timeout=2.0)
            assert answers == [202]
        for line in slow:
            line.close()
