"""python -m soak --events 10000 --kills 200 --engine sqlite: progress on stderr, the answer as one JSON line on stdout.

Exit code 0: every promise was kept. 1: one was not, or not all that was asked for was done. 2: it could not begin.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from soak.plan import CannotBegin, Plan
from soak.run import run
from soak.verdict import Verdict


def main() -> None:
    """Run, tell, and leave with the verdict."""
    plan, keep = _asked()
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {line}", file=sys.stderr, flush=True)

    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # what was started is stopped all the same
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            verdict = run(plan, folder, tell)
        except CannotBegin as why:
            tell(f"it cannot begin: {why}")
            raise SystemExit(2) from None
    broken = _broken(plan, verdict)
    tell(broken or "every promise was kept")
    print(json.dumps(asdict(verdict)), flush=True)
    raise SystemExit(bool(broken))


def _asked() -> tuple[Plan, Path | None]:
    asked = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--victims", choices=["processes", "door", "database"], default="processes")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", default="soak", help="another one kills others at other moments")
    asked.add_argument("--keep", type=Path, help="work in this empty folder, and leave everything there")
    options = vars(asked.parse_args())
    keep: Path | None = options.pop("keep")
    if options["victims"] == "database" and options["engine"] == "sqlite":
        asked.error("SQLite has no server to stop: --engine postgresql")
    if options["events"] < 1 or options["workers"] < 1 or options["kills"] < 0:
        asked.error("there is at least one event and one worker, and no kill is undone")
    if keep is not None and keep.exists() and any(keep.iterdir()):
        asked.error(f"{keep} is not empty")
    return Plan(**options), keep


def _broken(plan: Plan, verdict: Verdict) -> str:
    """What is wrong, in words; nothing holds of a run in which not everything happened."""
    if not verdict.holds:
        return "A PROMISE WAS NOT KEPT"
    if (verdict.acknowledged, verdict.kills) != (plan.events, plan.kills):
        return "NOT ALL THAT WAS ASKED FOR WAS DONE"
    return ""


if __name__ == "__main__":
    main()
