"""`python -m gateway.sandbox ROOT`: run the sandbox until it is told to stop (SIGTERM, SIGINT)."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from gateway.sandbox import Sandbox


def main(root: Path) -> int:
    """Print what `sandbox.json` says on one line once every port listens, then wait."""
    told = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, told)  # in every thread begun from here on: they wait until asked for
    sandbox = Sandbox(root)
    sys.stdout.write(json.dumps(sandbox.start(), ensure_ascii=False) + "\n")
    sys.stdout.flush()
    signal.sigwait(told)
    sandbox.stop()
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m gateway.sandbox ROOT")
    sys.exit(main(Path(sys.argv[1])))
