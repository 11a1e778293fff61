"""How fast parcels leave: a worker's delivery beside bare smtplib, into the same real Postfix, in the same run.

Needs root, Postfix and Dovecot (tests/places/packages.txt). Prints JSON: messages a second and the ratio; run it from
the project's root: `python -m bench.deliver [SECONDS]`.

bare      one smtplib connection for all, STARTTLS with the client certificate, no DSN: the fastest way in.
reconnect the same with a connection a message: what smtplib does when one mail is one attempt.
mssante   our transport, delivery reports off, one thread; `threads` the same from two.
journey   whole deliveries with that transport, by a worker's four threads over SQLite: claimed, the gate asked, the
          parcel opened, sent, and its outcome written down as the next is claimed; `journey 1` from one thread.
"""

from __future__ import annotations

import itertools
import json
import smtplib
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.workers import ROUTES, Queue
from gateway.cli.box import write_settings
from gateway.config import load
from gateway.deliver import Outcome, Parcel
from gateway.deliver.mssante import Mssante
from gateway.deliver.tls import client_context
from gateway.journey.clocks import look
from gateway.journey.gateway import Gateway
from gateway.journey.send import send
from gateway.sandbox import Sandbox
from gateway.wiring import open_gateway, prepare_if_empty
from tests.places.operator import OperatorPlace, open_operator

DOMAIN = "a.mssante.test"
FROM, TO = f"app@{DOMAIN}", f"reader@{DOMAIN}"


class NoTokens:
    """An application mailbox needs none."""

    def token(self, address: str) -> str | None:
        return None


def _parcel(number: int, size: int) -> Parcel:
    id = f"bench{number}@{DOMAIN}"
    head = f"From: <{FROM}>\r\nTo: <{TO}>\r\nMessage-ID: <{id}>\r\nSubject: bench\r\n\r\n".encode()
    line = b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFi\r\n"
    return Parcel(id, FROM, TO, head + line * max(1, (size - len(head)) // len(line)))


def _rate(send: Callable[[Parcel], Any], size: int, seconds: float, numbers: itertools.count[int]) -> float:
    for _ in range(5):
        send(_parcel(next(numbers), size))
    started, sent = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        send(_parcel(next(numbers), size))
        sent += 1
    return sent / (time.perf_counter() - started)


def _connected(place: OperatorPlace, context: ssl.SSLContext) -> smtplib.SMTP:
    client = smtplib.SMTP("localhost", place.postfix.smtp_port, local_hostname=DOMAIN, timeout=30)
    client.starttls(context=context)
    client.ehlo()
    return client


@contextmanager
def _journey(transport: Mssante) -> Iterator[tuple[Gateway, Queue]]:
    """A gateway over SQLite that sends by that transport, and its queue.

    The legs are those of a callback, so that the gate knows their recipient; what carries them is the transport.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, Sandbox(Path(name) / "box") as box:
        facts = json.loads((box.root / "sandbox.json").read_text("utf-8"))
        settings = load(write_settings(Path(name), facts, ROUTES, database=f"sqlite:///{name}/passerelle.db"))
        prepare_if_empty(settings)
        opened = open_gateway(settings)
        gateway = replace(opened, transports={**opened.transports, "callback": transport})
        yield gateway, Queue(gateway)
        gateway.store.close()


def _delivered(gateway: Gateway, queue: Queue, size: int, number: int, threads: int) -> float:
    """Deliveries a second of that many legs, by that many threads."""
    queue.add(number, _parcel(0, size).body, origin=FROM, destination=TO)
    look(gateway, "bench")  # at the clock, as a worker does every second
    done: list[bool] = []

    def more() -> bool:
        done.append(True)
        return len(done) < number

    def work() -> None:
        while len(done) < number:
            if not send(gateway, "bench", more):  # the server has as many threads as it earned
                time.sleep(0.002)

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for one in [pool.submit(work) for _ in range(threads)]:
            one.result()
    took = time.perf_counter() - started
    with gateway.store.glance() as unit:
        states = {state for _, _, state in unit.legs.tally()} - {"cancelled"}
    if states != {"handed-over"}:
        raise RuntimeError(f"not all of {number} left: {states}")
    return number / took


def _bare(client: smtplib.SMTP, parcel: Parcel) -> None:
    client.sendmail(FROM, [TO], parcel.body)


def measure(seconds: float) -> dict[str, Any]:
    """Rates for each way and size."""
    numbers = itertools.count()
    found: dict[str, Any] = {}
    with open_operator(DOMAIN, ["app", "reader"]) as place:
        mailbox = place.application("app", operator=place.operator(dsn=False))
        context = client_context(place.authority.ca_file, mailbox.certificate, None)
        ours = Mssante([mailbox], NoTokens())

        def carry(parcel: Parcel) -> None:
            if ours.send(parcel).outcome is not Outcome.HANDED_OVER:
                raise RuntimeError("the place refused a parcel")

        def reconnect(parcel: Parcel) -> None:
            client = _connected(place, context)
            client.sendmail(FROM, [TO], parcel.body)
            client.close()

        for name, size in (("3 KB", 3_000), ("100 KB", 100_000)):
            client = _connected(place, context)
            ways: dict[str, Callable[[Parcel], None]] = {
                "bare": partial(_bare, client),
                "reconnect": reconnect,
                "mssante": carry,
            }
            rounds: dict[str, list[float]] = {way: [] for way in (*ways, "journey", "journey 1")}
            with _journey(ours) as (gateway, queue):
                for _ in range(3):  # in turns: what else the machine does falls on all of them
                    for way, go in ways.items():
                        place.postfix.wait_until_idle(within_s=120)  # what it took from one is no burden of the next
                        rounds[way].append(_rate(go, size, seconds / 3, numbers))
                    number = max(20, int(rounds["bare"][-1] * seconds / 3))
                    for way, threads in (("journey", 4), ("journey 1", 1)):
                        place.postfix.wait_until_idle(within_s=120)
                        rounds[way].append(_delivered(gateway, queue, size, number, threads))
            rates = {way: sum(each) / 3 for way, each in rounds.items()}
            client.close()
            with ThreadPoolExecutor(2) as pool:
                rates["threads"] = sum(pool.map(lambda _, size=size: _rate(carry, size, seconds, numbers), range(2)))
            place.postfix.wait_until_idle(within_s=120)
            found[name] = {way: round(rate, 1) for way, rate in rates.items()}
            found[name]["journey / bare"] = round(rates["journey"] / rates["bare"], 2)
            found[name]["mssante / bare"] = round(rates["mssante"] / rates["bare"], 2)
            found[name]["mssante / reconnect"] = round(rates["mssante"] / rates["reconnect"], 2)

        ours.close()
    return found


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0), indent=2))
