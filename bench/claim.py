"""How long a worker looks for its next leg among many that wait.

Twenty servers, most legs at one of them; lanes of two, and one lane of ten thousand whose first leg is not due yet.
Prints JSON for each engine: milliseconds to find a leg (`look`), and to find, begin and commit it (`claim`), each while
every server is open and while the one with most legs is closed.
Run it from the project's root: `python -m bench.claim [LEGS] [ENGINE…]`; 1,000,000 unless told otherwise.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from bench.many import END, ENGINES, EXCHANGE, LEG, TENANT, bulk, databases, opened
from gateway.model.audit import Entry
from gateway.record import Front, Store

SERVERS, LONG, TIMES = 20, 10_000, 150
TRANSPORTS = ("mssante", "folder", "callback", "fhir_server")
LEASE = timedelta(seconds=40)


def identity(place: int) -> str:
    """An exchange's id, in order."""
    return f"0190a000-0000-7000-8000-{place:012x}"


def exchanges(number: int) -> Iterator[tuple[Any, ...]]:
    """One for each two legs."""
    for place in range(1, number + 1):
        yield (
            place, TENANT, identity(place), "logimed", "report.shared", f"E-{place}", "canonical", f"{place:032x}",
            "prepared", END, None,
        )  # fmt: skip


def legs(number: int) -> Iterator[tuple[Any, ...]]:
    """Two of one lane for each exchange; the first LONG exchanges share the lane of a leg that is not due."""
    for place in range(1, number + 1):
        long = place <= LONG // 2
        server = f"server-{place // 10 % SERVERS if place % 10 == 0 and not long else 0}"
        for n in (1, 2):
            first = n == 1 and (place == 1 or not long)
            due = END + timedelta(days=1) if long and first else END - timedelta(seconds=number - place)
            row = (
                TENANT, identity(place), n, place, f"lane-{0 if long else place}", "mssante", "app@a.mssante.test",
                "dr@b.mssante.test", "professional", "RPPS:1", "Luc DURAND", "route 1", "{}", "waiting", END,
                f"{place}.{n}@a.mssante.test", None, due, 0, "b.mssante.test", server, None, None,
            )  # fmt: skip
            yield (*row, 0 if first else 1)


def look(store: Store, *, begin: bool, closed: frozenset[str]) -> float:
    """Milliseconds to find a leg, the way `send` does."""
    began = time.perf_counter()
    with store.unit() as unit:
        fronts: tuple[Front, ...] = unit.legs.fronts(END, TRANSPORTS)
        unit.servers.all()
        open_ones = (unit.legs.first(END, front) for front in fronts if front.server not in closed)
        leg = next(one for one in open_ones if one)
        found = time.perf_counter()
        if begin:
            unit.legs.start(leg, "bench", END, LEASE)
            unit.audit(
                Entry(
                    kind="attempt-started",
                    at=END,
                    tenant=leg.tenant,
                    actor="worker:bench",
                    exchange=leg.exchange,
                    leg=leg.n,
                    facts={"attempt": 1},
                )
            )
    return ((time.perf_counter() if begin else found) - began) * 1000


def measure(engine: str, number: int) -> dict[str, Any]:
    """Fill one, and claim."""
    with databases(engine) as make:
        url, began = make(), time.perf_counter()
        put = bulk(url)
        put("exchanges", EXCHANGE, exchanges(number // 2))
        put("legs", (*LEG, "behind"), legs(number // 2))
        filled_s, store = time.perf_counter() - began, opened(url)
        told: dict[str, Any] = {"legs": number, "filled_s": round(filled_s, 1)}
        for name, closed in (("all open", frozenset[str]()), ("busiest closed", frozenset({"server-0"}))):
            for begin in (False, True):
                took = sorted(look(store, begin=begin, closed=closed) for _ in range(TIMES))
                what = f"{'claim' if begin else 'look'}_ms, {name}"
                told[what] = {"p50": round(median(took), 2), "p95": round(took[int(TIMES * 0.95)], 2)}
        store.close()
    return told


def main() -> None:
    """Print both engines."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(json.dumps({"claim": {engine: measure(engine, number) for engine in sys.argv[2:] or ENGINES}}, indent=2))


if __name__ == "__main__":
    main()
