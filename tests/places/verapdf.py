"""A real validator of PDF/A: veraPDF, the one the industry refers to, in a run of its own over many files.

`tests/places/install` fetches it. It takes two seconds to start, so ask about all files at once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

JAR = Path(sys.prefix) / "places" / "verapdf-1.28.2.jar"
UNREADABLE = "not read as a PDF"


def verapdf(paths: Sequence[Path], flavour: str = "claimed") -> dict[Path, list[str]]:
    """For each file the clauses it breaks, `6.1.3-1 …`: none for a file that is what it claims to be.

    flavour  `1b`, `1a`…: held against that part and level whatever it claims; a file that claims none is held
             against 1b. Files must be named `*.pdf`.

    Skips the test where veraPDF or Java is not installed.
    """
    java = shutil.which("java")
    if java is None or not JAR.exists():
        pytest.skip("veraPDF is not installed (tests/places/install)")
    with tempfile.TemporaryDirectory() as home:  # it writes settings into the home of whoever runs it
        done = subprocess.run(
            [
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                f"-Duser.home={home}",
                "-cp",
                str(JAR),
                "org.verapdf.apps.GreenfieldCliWrapper",
            ]
            + ["--format", "json", "--loglevel", "0", "--flavour", "0" if flavour == "claimed" else flavour]
            + [str(path.resolve()) for path in paths],
            capture_output=True,
            timeout=120,
            check=False,  # its exit code says that some file is not valid: the report says which
        )
    jobs = {Path(job["itemDetails"]["name"]): job for job in json.loads(done.stdout)["report"]["jobs"]}
    return {path: _broken(jobs[path.resolve()]) for path in paths}


def _broken(job: dict[str, Any]) -> list[str]:
    if "validationResult" not in job:
        return [UNREADABLE]
    return [
        f"{rule['clause']}-{rule['testNumber']} {rule['description']}"
        for result in job["validationResult"]
        for rule in result["details"]["ruleSummaries"]
    ]
