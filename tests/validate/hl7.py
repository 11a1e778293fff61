"""HL7's own validator cases, run by our validator and held against the reference validator's outcomes.

By hand: `python -m tests.validate.hl7` lists who disagrees; with names of cases it shows both sides' findings.
"""

from __future__ import annotations

import atexit
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway.validate import Finding, Validator, open_library
from tests.conftest import SHARED

CASES = SHARED / "samples" / "fhir-test-cases"
WRONG = {"error", "fatal"}


@dataclass(frozen=True, slots=True)
class Case:
    """One run of one case: `base` (what the file claims by itself) or `profile` (a profile asked for beside).

    theirs   the reference's (severity, path, text); firely: whether Firely's validator found an error, None unknown
    """

    name: str
    run: str
    file: Path
    definitions: tuple[Path, ...]
    profile: str
    theirs: tuple[tuple[str, str, str], ...]
    firely: bool | None

    @property
    def id(self) -> str:
        return self.name if self.run == "base" else f"{self.name} +profile"

    @property
    def wrong(self) -> bool:
        """Whether the reference found an error."""
        return any(severity in WRONG for severity, _, _ in self.theirs)


def cases() -> tuple[Case, ...]:
    """Every run that carries the reference's outcome; none when the cases are not at hand."""
    manifest = CASES / "manifest.json"
    return tuple(_cases(json.loads(manifest.read_bytes()))) if manifest.exists() else ()


def _cases(manifest: dict[str, Any]) -> Iterator[Case]:
    for one in manifest["test-cases"]:
        beside = [*one.get("profiles", []), *one.get("supporting", [])]
        claimed = one.get("profile", {})
        for run, said in (("base", one), ("profile", claimed)):
            outcome = CASES / "outcomes" / said.get("java", "absent")
            if not outcome.exists():
                continue
            names = beside if run == "base" else [*beside, *claimed.get("supporting", []), claimed["source"]]
            yield Case(
                one["name"],
                run,
                CASES / one["file"],
                tuple(CASES / name for name in dict.fromkeys(names)),
                "" if run == "base" else _canonical(CASES / claimed["source"]),
                tuple(_issues(outcome)),
                _firely(CASES / "outcomes" / said.get("firely-sdk-current", "absent")),
            )


def _issues(outcome: Path) -> Iterator[tuple[str, str, str]]:
    for issue in json.loads(outcome.read_bytes()).get("issue", ()):
        text = issue.get("details", {}).get("text", issue.get("diagnostics", ""))
        yield issue["severity"], issue.get("expression", [""])[0], text


def _firely(outcome: Path) -> bool | None:
    if not outcome.exists():
        return None
    return any(line.startswith(("[ERROR]", "[FATAL]")) for line in json.loads(outcome.read_bytes()))


def _canonical(definition: Path) -> str:
    text = definition.read_text("utf-8-sig")
    if definition.suffix == ".json":
        return str(json.loads(text)["url"])
    own = re.sub(r"<contained>.*?</contained>", "", text, flags=re.DOTALL)
    found = re.search(r'<url\s+value="([^"]+)"', own)
    assert found, definition
    return found[1]


@lru_cache(maxsize=4)
def _validator(definitions: tuple[Path, ...]) -> Validator:
    return Validator(open_library(packages=[SHARED / "fhir-packages"], definitions=definitions, cache=_kept()))


@cache
def _kept() -> Path:
    """A folder for the indexes of the packages, made once: each set of definitions opens them anew."""
    folder = TemporaryDirectory(prefix="passerelle-hl7-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def findings(case: Case) -> tuple[Finding, ...]:
    """What our validator finds."""
    report = _validator(case.definitions).check(case.file.read_bytes(), profiles=[case.profile] if case.profile else [])
    return report.findings


def agrees(case: Case, found: tuple[Finding, ...]) -> bool:
    """Same verdict: an error somewhere, or none."""
    return case.wrong == any(finding.severity in WRONG for finding in found)


def plain(path: str) -> str:
    """A path as both sides may spell it: no `.ofType(X)`, no `/*Patient/1*/`, no `[x]`, a lone `[0]` left out."""
    text = re.sub(r"/\*.*?\*/", "", path)
    text = re.sub(r"\.ofType\(\w+\)|\[x\]", "", text)
    text = re.sub(r":[\w-]+(?=[.\[]|$)", "", text)
    return re.sub(r"\[0\]", "", text)


def same_place(case: Case, found: tuple[Finding, ...]) -> bool:
    """One of our errors stands where one of theirs does, at the element or right above or below it."""
    ours = {plain(one.path) for one in found if one.severity in WRONG}
    theirs = {plain(path) for severity, path, _ in case.theirs if severity in WRONG}
    near = theirs | {path.rpartition(".")[0] for path in theirs}
    return bool(ours & near) or bool({path.rpartition(".")[0] for path in ours} & theirs)


def main(names: list[str]) -> None:
    """Lists disagreements, or shows both sides of the cases named."""
    wanted = [case for case in cases() if not names or case.name in names]
    counted = {"base": [0, 0, 0, 0], "profile": [0, 0, 0, 0]}
    for case in wanted:
        try:
            found = findings(case)
        except Exception as defect:
            print(f"CRASH {case.id}: {type(defect).__name__}: {defect}")
            if names:
                raise
            counted[case.run][0] += 1
            continue
        count = counted[case.run]
        count[0] += 1
        count[1] += agrees(case, found)
        both = case.wrong and agrees(case, found)
        count[2] += both
        count[3] += both and same_place(case, found)
        if names or not agrees(case, found):
            print(f"{'ok  ' if agrees(case, found) else 'DIFF'} {case.id} ({case.file.name})")
            for one in found:
                if names or one.severity in WRONG:
                    print(
                        f"   ours   {one.severity[:5]} {one.path}:{one.line} {one.rule}: {one.en[:160]} [{one.profile}]"
                    )
            for severity, path, text in case.theirs:
                if names or severity in WRONG:
                    print(f"   theirs {severity[:5]} {path} {text[:160]}")
    for run, (total, same, errors, placed) in counted.items():
        print(f"{run}: same verdict {same} of {total}; of {errors} errors found by both, {placed} at the same place")


if __name__ == "__main__":
    main(sys.argv[1:])
