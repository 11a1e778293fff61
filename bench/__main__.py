"""`make bench`: every measure in turn, one JSON object. Quote the ratios; absolute rates are this machine's, today."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MEASURES = {
    "accept": "accept.py",
    "translate": "translate.py",
    "pack": "pack.py",
    "memory": "memory.py",
    "read": "read.py",
    "documents": "documents.py",
    "deliver": "deliver.py",
    "callback": "callback.py",
    "upload": "upload.py",
    "validate": "validate.py",
    "workers": "workers.py",
    "search": "search.py",
    "restart": "restart.py",
    "balance": "balance.py",
    "claim": "claim.py",
}


def measured(script: str) -> Any:
    """What one measure prints, in a process of its own; its complaint when it cannot run here."""
    command = [sys.executable, "-m", f"bench.{script.removesuffix('.py')}"]
    ran = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if ran.returncode:
        return {"not measured": (ran.stderr or ran.stdout).strip().splitlines()[-1:]}
    told = json.loads(ran.stdout)
    return told.get(script.removesuffix(".py"), told) if isinstance(told, dict) else told


def main() -> None:
    """Print everything."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "machine": platform.machine()}
    print(json.dumps({"machine": machine, **{name: measured(script) for name, script in MEASURES.items()}}, indent=2))


if __name__ == "__main__":
    main()
