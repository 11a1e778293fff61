"""pyrofile-validator in its own environment: CPU milliseconds of each file of a folder; prints JSON.

PYTHON bench/validate_peer.py FOLDER [PACKAGES]
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import resource
import sys
import time
from pathlib import Path
from statistics import median


def main() -> None:
    """Open it once, validate each file several times. Its FHIRPath library prints what trace() is given: not here."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = measured(Path(sys.argv[1]), sys.argv[2:])
    print(json.dumps(found))


def measured(folder: Path, packages: list[str]) -> dict[str, object]:
    """CPU milliseconds by file name; CPU seconds to open it; megabytes."""
    from pyrofile_validator import Validator  # type: ignore[import-not-found]
    from pyrofile_validator.config import ValidatorConfig  # type: ignore[import-not-found]

    logging.disable(logging.CRITICAL)
    began = time.process_time()
    folders = [str(one) for packed in packages for one in sorted(Path(packed).glob("*/package"))]
    validator = Validator(ValidatorConfig(local_package_paths=folders))
    found: dict[str, object] = {"opening s": time.process_time() - began}
    for file in sorted(folder.glob("*.json")):
        tree = json.loads(file.read_bytes())
        rounds = []
        for _ in range(4):
            began = time.process_time()
            validator.validate_resource(tree)
            rounds.append((time.process_time() - began) * 1000)
        found[file.stem] = median(rounds[1:])
    found["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


if __name__ == "__main__":
    main()
