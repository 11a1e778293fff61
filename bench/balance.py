"""What it costs to keep the books: a turn of the house, and a whole recount from the audit log, as it grows.

Prints JSON for each engine: seconds of the first count (all of the log), of the next ones (nothing new; then 1,000
entries more), and of a whole recount. A turn of the house must not grow with the log: compare two numbers of legs.
Run it from the project's root: `python -m bench.balance [LEGS] [ENGINE…]`; 20,000 unless told otherwise.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.many import ENGINES, databases
from bench.restart import queue
from gateway.cli.box import TENANT, write_settings
from gateway.config import load
from gateway.journey.bookkeeping import keep_books
from gateway.journey.books import balance
from gateway.model.audit import Entry
from gateway.sandbox import Sandbox
from gateway.wiring import data, open_gateway

MORE = 1_000


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def measure(engine: str, number: int) -> dict[str, Any]:
    """One engine."""
    with TemporaryDirectory() as folder, databases(engine) as make, Sandbox(Path(folder) / "sandbox") as sandbox:
        facts = json.loads((sandbox.root / "sandbox.json").read_text())
        url = make()
        settings = write_settings(Path(folder), facts, (data("examples") / "routes.yaml").read_bytes(), database=url)
        gateway = open_gateway(load(settings))
        queue(gateway, url, number)

        def caught_up() -> None:
            while not keep_books(gateway, "bench"):
                pass

        def more() -> None:
            entry = Entry(kind="log-verified", at=gateway.clock(), tenant=TENANT, actor="bench")
            with gateway.store.unit() as unit:
                unit.audit(*[entry] * MORE)

        first, nothing_new = seconds(caught_up), seconds(caught_up)
        more()
        told = {"legs": number, "first_s": first, "nothing_new_s": nothing_new, "more_s": seconds(caught_up)}
        books = balance(gateway, TENANT)
        told |= {"whole_recount_s": seconds(lambda: balance(gateway, TENANT)), "balanced": books.balanced}
        gateway.store.close()
        return told


def main() -> None:
    """Both engines, or those named."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(json.dumps({"balance": {engine: measure(engine, number) for engine in sys.argv[2:] or ENGINES}}, indent=2))


if __name__ == "__main__":
    main()
