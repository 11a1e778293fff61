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
from gateway.model.event import read_event
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


def dialects() -> dict[str, Any]:
    """Dialect → milliseconds to read and to write one event, a 30th of its values each, and both as a ratio to
    json.loads and the model alone on the same event in canonical words."""
    words, found = open_words(), {}
    ours = words.dialects.get("canonical")
    for name in words.dialects.names:
        folder = ROOT / "examples" / ("" if name == "canonical" else name)
        spoken = words.dialects.get(name)
        body = next(file for file in folder.iterdir() if file.stem == "team.member-joined").read_bytes()
        event = translate.read_vendor(body, spoken)
        plain = translate.write_vendor(event, ours)
        values = len(translate.trace(body, spoken))
        read = 1000 / rate(lambda body=body, spoken=spoken: translate.read_vendor(body, spoken))  # type: ignore[misc]
        write = 1000 / rate(lambda event=event, spoken=spoken: translate.write_vendor(event, spoken))  # type: ignore[misc]
        alone = 1000 / rate(lambda plain=plain: read_event(json.loads(plain)))  # type: ignore[misc]
        found[name] = {
            "format": spoken.format,
            "values": values,
            "read ms": round(read, 3),
            "read ms for 30 values": round(read * 30 / values, 3),
            "write ms": round(write, 3),
            "write ms for 30 values": round(write * 30 / values, 3),
            "read / json and model alone": round(read / alone, 2),
            "write / json and model alone": round(write / alone, 2),
        }
    return found


if __name__ == "__main__":
    print(json.dumps({**measure(), "dialects": dialects()}, indent=2))
