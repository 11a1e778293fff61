"""How long a validation takes, what opening the validator costs and whether memory stays flat; prints JSON.

resource, bundle  a Patient, and 30 resources in a Bundle, of those the gateway makes: CPU milliseconds, parsing and all
team, report      a transaction that creates a team; one that shares a document of 100 KB
cold              a process of its own that validates one file with every package at hand: seconds, CPU seconds and
                  megabytes, first with nothing kept (no index of packages, no bytecode of ours), then as it is
                  every next time
memory            megabytes the process grew by over so many validations, after the first thousand: right files and
                  wrong ones, each another, that claim profiles we have and profiles nobody has
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
from base64 import b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count, islice
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


def made() -> dict[str, dict[str, Any]]:
    """The Bundles the gateway makes of its example events."""
    words, memory, found = open_words(), Replayed([]), {}
    dialect = words.dialects.get("canonical")
    for kind in ("team.created", "report.shared", "team.member-joined", "plan.created"):
        event = translate.read_vendor((HERE.parent / "examples" / f"{kind}.json").read_bytes(), dialect)
        _, known, _ = memory.count(event)
        found[kind] = translate.to_bundle(event, known, words.terms)
    return found


def files() -> dict[str, bytes]:
    """The files that are measured."""
    bundles = made()
    resources = [entry["resource"] for bundle in bundles.values() for entry in bundle["entry"]]
    report = deepcopy(bundles["report.shared"])
    binary = next(entry["resource"] for entry in report["entry"] if entry["resource"]["resourceType"] == "Binary")
    binary["data"] = b64encode(bytes(range(256)) * 400).decode()
    patient = next(one for one in resources if one["resourceType"] == "Patient")
    entries = [
        {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{n:012}", "resource": resources[n % len(resources)]}
        for n in range(ENTRIES)
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    trees = {"resource": patient, "bundle": bundle, "team": bundles["team.created"], "report": report}
    return {name: json.dumps(tree).encode() for name, tree in trees.items()}


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

    found = {}
    for name, text in texts.items():
        model: Any = Patient if name == "resource" else Bundle
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
        kept = {"XDG_CACHE_HOME": str(cache), "PYTHONPYCACHEPREFIX": str(cache / "bytecode")}  # as when installed
        around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | kept
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=around)
        _, _, used = os.wait4(child.pid, 0)
        return {
            "seconds": round(time.perf_counter() - began, 2),
            "CPU seconds": round(used.ru_utime + used.ru_stime, 2),
            "MB": round(used.ru_maxrss / 1024),
        }


def varied(text: bytes) -> Iterator[bytes]:
    """A resource again and again, each time another: its id, what is wrong with it, what it claims to be."""
    for number in count():
        tree = json.loads(text)
        tree["id"] = f"one-{number}"
        match number % 4:
            case 1:
                tree[f"unknown{number}"] = number
            case 2:
                tree["gender"] = f"code-{number}"
                tree["birthDate"] = "2026-02-30"
            case 3:
                tree.setdefault("meta", {}).setdefault("profile", []).append(f"https://example.org/{number}")
        yield json.dumps(tree).encode()


def grown(validator: Validator, text: bytes, times: int) -> dict[str, float]:
    """Megabytes more than after the first thousand."""
    others = varied(text)
    for each in islice(others, min(1000, times)):
        validator.check(each)
    before = resident("VmRSS")
    for each in islice(others, times):
        validator.check(each)
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
    asked.add_argument("--times", type=int, default=20_000, help="of memory; 100,000 take five minutes")
    options = asked.parse_args()
    print(json.dumps({"validate": measure(options.packages, options.times)}, indent=2))


def _nearby() -> Path | None:
    """The official packages beside the project, when they are there."""
    beside = HERE.parents[1] / "shared" / "fhir-packages"
    return beside if beside.is_dir() else None


if __name__ == "__main__":
    main()
