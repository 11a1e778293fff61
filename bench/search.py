"""How fast exchanges are found among many: by date, partner, patient, state, reason, event id and any two of them.

Prints JSON for each engine: milliseconds of a page as the list shows it (exchanges with their legs), first pages and
pages deep inside, over every single condition and every pair; and the slowest questions by name.
Run it from the project's root: `python -m bench.search [EXCHANGES] [ENGINE…]`; 1,000,000 unless told otherwise.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import Any

from bench.many import END, ENGINES, SPAN, TENANT, Filled, databases, fill
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.where import Where

EACH = 12  # questions of one kind, each with other words
NARROW, WIDE = timedelta(days=1), timedelta(days=60)


def conditions(filled: Filled, chance: random.Random) -> dict[str, Callable[[], dict[str, Any]]]:
    """Kind of condition → a way to draw one."""

    def span(length: timedelta) -> dict[str, Any]:
        since = END - SPAN + chance.random() * (SPAN - length)
        return {"since": since, "until": since + length}

    states = [*(state for state in ExchangeState if state != "accepted"), *LegState]
    reasons = ["no-receipt", "bounced", "no-address", "superseded", "objection", "no-route", "sign-in-needed"]
    return {
        "day": lambda: span(NARROW),
        "two months": lambda: span(WIDE),
        "partner": lambda: {"partner": chance.choice([*filled.partners[:20], *filled.partners[::40]])},
        "patient": lambda: {"patient": chance.choice(filled.patients)},
        "state": lambda: {"state": chance.choice(states)},
        "reason": lambda: {"reason": chance.choice(reasons)},
        "event id": lambda: {"event_id": chance.choice(filled.event_ids)},
    }


def ask(filled: Filled, where: Where, cursor: str | None) -> float:
    """Milliseconds of one page, as `GET /v1/exchanges` reads it."""
    began = time.perf_counter()
    with filled.store.glance() as unit:
        page = unit.exchanges.search(TENANT, where, cursor=cursor, limit=50)
        unit.legs.of_many(TENANT, [one.id for one in page.items])
    return (time.perf_counter() - began) * 1000


def measure(engine: str, number: int) -> dict[str, Any]:
    """Fill one, ask everything."""
    chance = random.Random(7)
    with databases(engine) as make:
        began = time.perf_counter()
        filled = fill(make(), number)
        filled_s = time.perf_counter() - began
        drawers = conditions(filled, chance)
        kinds = [*((one,) for one in drawers), *(two for two in combinations(drawers, 2) if two[1] != "two months")]
        ask(filled, Where(), None)
        times: dict[str, list[float]] = {}
        for names in kinds:
            for deep in (False, True):
                for _ in range(EACH):
                    said = {name: value for drawer in names for name, value in drawers[drawer]().items()}
                    cursor = chance.choice(filled.ids) if deep else None
                    kind = f"{' + '.join(names)}{', deep' if deep else ''}"
                    times.setdefault(kind, []).append(ask(filled, Where(**said), cursor))
        filled.store.close()
    every = sorted(one for some in times.values() for one in some)
    slowest = sorted(times, key=lambda kind: -max(times[kind]))[:5]
    return {
        "exchanges": filled.exchanges,
        "legs": filled.legs,
        "filled_s": round(filled_s, 1),
        "questions": len(every),
        "p50_ms": round(every[len(every) // 2], 1),
        "p95_ms": round(every[int(len(every) * 0.95)], 1),
        "p99_ms": round(every[int(len(every) * 0.99)], 1),
        "worst_ms": round(every[-1], 1),
        "slowest": {kind: round(max(times[kind]), 1) for kind in slowest},
    }


def main() -> None:
    """Both engines, or those named."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(json.dumps({"search": {engine: measure(engine, number) for engine in sys.argv[2:] or ENGINES}}, indent=2))


if __name__ == "__main__":
    main()
