"""How fast documents are looked into and made, beside lxml or typst alone on the same bytes, in one run; prints JSON.

For each: milliseconds a document, and (where something bare stands beside it) the ratio bare / ours in documents a
second. The documents are the bench's own: a level-1 document around a 100 KB PDF, a 100 KB level-3 one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

from lxml import etree

from bench.ccda import french
from bench.pack import MINTED, SOFTWARE, packed_with, report_with
from gateway.cli.inspect import look_into_archive
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.pack import Enclosed, check_cda, pack, read_archive, write_archive
from gateway.wiring import open_words

ROUNDS, SIZE = 9, 100_000


def main() -> None:
    """Measure each in turn and print the medians."""
    words, event = open_words(), report_with(SIZE)
    terms = words.terms
    packed = packed_with(SIZE)
    level_3 = french(packed_with(1_000).cda, SIZE)
    given = replace(event, report=replace(event.report, document=Document(content_type="text/xml", data=level_3)))
    works: dict[str, tuple[Callable[[], object], Callable[[], object] | None]] = {
        "xdm build": (lambda: write_archive([Enclosed(packed.cda)], MINTED, SOFTWARE, terms), None),
        "xdm read": (lambda: read_archive(packed.archive), None),
        "cda check, level 1": (lambda: check_cda(packed.cda, terms), lambda: etree.fromstring(packed.cda)),
        "cda check, level 3": (lambda: check_cda(level_3, terms), lambda: etree.fromstring(level_3)),
        "level 3 packed, with its page made": (lambda: pack(given, Known(), terms, MINTED, SOFTWARE), None),
        "inspect an archive": (lambda: look_into_archive(packed.archive, words), None),
    }
    found: dict[str, Any] = {}
    for name, (work, bare) in works.items():
        work()
        ours = _milliseconds(work)
        found[name] = {"ms": round(ours, 2)}
        if bare is not None:
            found[name]["ratio to lxml alone"] = round(_milliseconds(bare) / ours, 3)
    print(json.dumps({"documents": found}))


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times) * 1000


if __name__ == "__main__":
    main()
