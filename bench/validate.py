"""How long a validation takes, what opening the validator costs and whether memory stays flat; prints JSON.

resource, bundle  a Patient, and 30 resources in a Bundle, of those the gateway makes: CPU milliseconds, parsing and all
cold              a process of its own that validates one file with every package at hand: seconds and megabytes, with
                  the index of packages kept from before, and without
memory            megabytes the process grew by over so many validations, after the first thousand
peers             fhir.resources R4B (types and cardinalities only) here, pyrofile-validator in its own environment, on
                  the same bytes with the same packages in the same run

Packages: `--packages DIR`, else those of the user's FHIR cache; without any, our own profiles on base types alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.memory import resident
from gateway import translate
from gateway.journey.recall import Replayed
from gateway.validate import Validator
from gateway.wiring import open_words
from gateway.wiring.conformance import open_validator

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / ".venv" / "bench" / "bin" / "python"
ENTRIES, ROUNDS = 30, 9
GOALS = {"resource ms": 2.0, "bundle ms": 20.0, "cold seconds": 1.5, "cold MB": 250}


def made() -> list[dict[str, Any]]:
    """What the gateway makes of its example events, resource by resource."""
    words, memory, found = open_words(), Replayed([]), []
    dialect = words.dialects.get("canonical")
    for kind in ("team.created", "report.shared", "team.member-joined", "plan.created"):
        event = translate.read_vendor((HERE.parent / "examples" / f"{kind}.json").read_bytes(), dialect)
        _, known, _ = memory.count(event)
        found += [entry["resource"] for entry in translate.to_bundle(event, known, words.terms)["entry"]]
    return found


def files() -> dict[str, bytes]:
    """The two files that are measured."""
    resources = made()
    patient = next(one for one in resources if one["resourceType"] == "Patient")
    entries = [
        {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{n:012}", "resource": resources[n % len(resources)]}
        for n in range(ENTRIES)
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return {"resource": json.dumps(patient).encode(), "bundle": json.dumps(bundle).encode()}


def milliseconds(work: Callable[[], object], batch: int) -> float:
    """CPU milliseconds of one run: the median of several rounds, after one that does not count."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(batch):
            work()
        rounds.append((time.process_time() - began) / batch * 1000)
    return median(rounds)


def ours(validator: Validator, texts: dict[str, bytes]) -> dict[str, float]:
    """Milliseconds of each file."""
    return {
        name: milliseconds(lambda text=text: validator.check(text), 20 if name == "resource" else 3)  # type: ignore[misc]
        for name, text in texts.items()
    }


def types_alone(texts: dict[str, bytes]) -> dict[str, float]:
    """fhir.resources: what pydantic models check, which is no profile, code, reference or invariant."""
    from fhir.resources.R4B.bundle import Bundle
    from fhir.resources.R4B.patient import Patient

    models: dict[str, Any] = {"resource": Patient, "bundle": Bundle}
    found = {}
    for name, text in texts.items():
        model = models[name]
        found[name] = milliseconds(lambda model=model, text=text: model.model_validate_json(text), 5)  # type: ignore[misc]
    return found


def pyrofile(texts: dict[str, bytes], packages: Path | None) -> dict[str, Any]:
    """pyrofile-validator, in its own environment."""
    if not PYTHON.exists():
        return {"not measured": "not installed: make bench"}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / f"{name}.json").write_bytes(text)
        command = [str(PYTHON), str(HERE / "validate_peer.py"), folder, *([str(packages)] if packages else [])]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if ran.returncode:
        return {"not measured": (ran.stderr or ran.stdout).strip().splitlines()[-1:]}
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def cold(text: bytes, packages: Path | None, cache: Path) -> dict[str, float]:
    """Seconds and megabytes of `passerelle validate` on one file, from nothing to its last line."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(text)
        file.flush()
        command = [sys.executable, "-m", "gateway.cli", "validate", "--json", file.name]
        command += ["--packages", str(packages)] if packages else []
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"XDG_CACHE_HOME": str(cache)})
        _, _, used = os.wait4(child.pid, 0)
        return {"seconds": round(time.perf_counter() - began, 2), "MB": round(used.ru_maxrss / 1024)}


def grown(validator: Validator, text: bytes, times: int) -> dict[str, float]:
    """Megabytes more than after the first thousand."""
    for _ in range(min(1000, times)):
        validator.check(text)
    before = resident("VmRSS")
    for _ in range(times):
        validator.check(text)
    return {"validations": times, "MB": round((resident("VmRSS") - before) / 1e6, 1)}


def measure(packages: Path | None, times: int) -> dict[str, Any]:
    """Everything, with ratios."""
    texts = files()
    validator = open_validator([packages] if packages else [])
    figures = ours(validator, texts)
    found: dict[str, Any] = {
        "bytes": {name: len(text) for name, text in texts.items()},
        "findings": {
            name: sum(one.severity in ("error", "fatal") for one in validator.check(text).findings)
            for name, text in texts.items()
        },
        "ours ms": {name: round(value, 2) for name, value in figures.items()},
        "goals": GOALS,
    }
    peers = {"fhir.resources": types_alone(texts), "pyrofile-validator": pyrofile(texts, packages)}
    for name, told in peers.items():
        found[name] = {key: round(value, 2) if isinstance(value, float) else value for key, value in told.items()}
        if set(told) >= set(figures):
            found[name]["ours / peer"] = {key: round(figures[key] / told[key], 2) for key in figures}
    with tempfile.TemporaryDirectory() as cache:
        found["cold, no index kept"] = cold(texts["resource"], packages, Path(cache))
        found["cold"] = cold(texts["resource"], packages, Path(cache))
    found["memory"] = grown(validator, texts["resource"], times)
    return found


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--packages", type=Path, default=_nearby())
    asked.add_argument("--times", type=int, default=100_000)
    options = asked.parse_args()
    print(json.dumps({"validate": measure(options.packages, options.times)}, indent=2))


def _nearby() -> Path | None:
    """The official packages beside the project, when they are there."""
    beside = HERE.parents[1] / "shared" / "fhir-packages"
    return beside if beside.is_dir() else None


if __name__ == "__main__":
    main()
