"""python -m soak --events 10000 --kills 200 --engine sqlite: progress on stderr, the answer as one JSON line on stdout.

Exit code 0: every promise was kept. 1: one was not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from soak.plan import Plan
from soak.run import run


def main() -> None:
    """Run, tell, and leave with the verdict."""
    asked = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--victims", choices=["processes", "door", "database"], default="processes")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", default="soak", help="another one kills others at other moments")
    asked.add_argument("--keep", type=Path, help="work in this empty folder, and leave everything there")
    options = asked.parse_args()
    if options.victims == "database" and options.engine == "sqlite":
        asked.error("SQLite has no server to stop: --engine postgresql")
    plan = Plan(
        engine=options.engine,
        events=options.events,
        kills=options.kills,
        victims=options.victims,
        workers=options.workers,
        seed=options.seed,
    )
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {line}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        verdict = run(plan, folder, tell)
    tell("every promise was kept" if verdict.holds else "A PROMISE WAS NOT KEPT")
    print(json.dumps(asdict(verdict)), flush=True)
    raise SystemExit(not verdict.holds)


if __name__ == "__main__":
    main()
