"""How fast an event becomes a Bundle, and is read in, beside json alone on the same bytes, in one run; prints JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from gateway import translate
from gateway.journey.recall import Replayed
from gateway.wiring import open_words

ROOT = Path(__file__).resolve().parents[1]
STORY = ("team.created", "report.shared", "team.member-joined", "plan.created")
ROUNDS, BATCH = 9, 20


def rate(work: Callable[[], object]) -> float:
    """Times a second, the median of several rounds."""
    rates = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(BATCH):
            work()
        rates.append(BATCH / (time.perf_counter() - begin))
    return median(rates)


def measure() -> dict[str, Any]:
    """Event type → reads and translations a second, and each as a ratio to json."""
    words = open_words()
    dialect = words.dialects.get("canonical")
    memory, found = Replayed([]), {}
    for kind in STORY:
        body = (ROOT / "examples" / f"{kind}.json").read_bytes()
        event = translate.read_vendor(body, dialect)
        _, known, _ = memory.count(event)
        bundle = translate.to_bundle(event, known, words.terms)
        text = json.dumps(bundle)
        rates = {
            "read": rate(lambda body=body: translate.read_vendor(body, dialect)),  # type: ignore[misc]
            "json.loads": rate(lambda body=body: json.loads(body)),  # type: ignore[misc]
            "to_bundle": rate(lambda event=event, known=known: translate.to_bundle(event, known, words.terms)),  # type: ignore[misc]
            "json round trip of the bundle": rate(lambda text=text: json.dumps(json.loads(text))),  # type: ignore[misc]
        }
        found[kind] = {name: round(value, 1) for name, value in rates.items()}
        found[kind]["read / json"] = round(rates["read"] / rates["json.loads"], 3)
        found[kind]["to_bundle / json"] = round(rates["to_bundle"] / rates["json round trip of the bundle"], 3)
    return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
