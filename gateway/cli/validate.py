"""validate: FHIR resources held against their type and profiles, offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, refuse, show

if TYPE_CHECKING:
    from gateway.validate import Finding, Validator

Language = Literal["fr", "en"]
READ_LIMIT = 33_000_000  # bytes: a little more than the reader accepts, which then says so

_VERDICT = {
    "fr": ("valide", "non valide", "erreurs : {errors}, avertissements : {warnings}, informations : {notes}"),
    "en": ("valid", "not valid", "errors: {errors}, warnings: {warnings}, information: {notes}"),
}


def validate(
    files: Annotated[list[Path], typer.Argument(help="FHIR R4 resources, JSON or XML; - reads standard input.")],
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", help="Canonical of a profile to ask for, beside what a file claims."),
    ] = None,
    packages: Annotated[
        list[Path] | None,
        typer.Option("--packages", exists=True, help="A folder of FHIR packages (id#version/package), one, or a .tgz."),
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option(
            "--definitions",
            exists=True,
            dir_okay=False,
            help="A StructureDefinition, ValueSet or CodeSystem of its own.",
        ),
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the sentences.")] = "fr",
    as_outcome: Annotated[
        bool, typer.Option("--outcome", help="Print an OperationOutcome (JSON) for each file, one a line.")
    ] = False,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Check FHIR resources against R4, the profiles they claim (meta.profile) and those asked for.

    Offline: definitions come from --definitions, --packages, the settings (profiles.packages), ~/.fhir/packages and
    the profiles of this product. Each finding names its place (FHIRPath and line), the profile and the rule;
    docs/reference/validation-rules.md lists the rules. A file that cannot be read is a finding too, and the others are
    still checked. Exit code 0, or 2 when a file has an error; warnings alone leave it 0.
    """
    from gateway.model.errors import Broken
    from gateway.wiring.conformance import open_validator

    try:
        settings = options.settings_at(config)
        validator = open_validator(
            [*(packages or ()), *(settings.profiles.packages if settings else ())], definitions or ()
        )
    except Broken as wrong:
        refuse(wrong, as_json)
    found = [(str(file), _findings(file, validator, profile or ())) for file in files]
    if as_outcome:
        _print_outcomes(found, lang)
    else:
        answer = [
            {"file": file, "valid": _valid(findings), "findings": [_told(one, lang) for one in findings]}
            for file, findings in found
        ]
        show(answer, as_json, [line for file, findings in found for line in _lines(file, findings, lang)])
    if not all(_valid(findings) for _, findings in found):
        raise SystemExit(REFUSED)


def _findings(file: Path, validator: Validator, profiles: Sequence[str]) -> tuple[Finding, ...]:
    """What is found in a file; a profile nobody has is one finding, and the others are still asked."""
    from gateway.validate import no_such_profile, unreadable

    try:
        data = _read(file)
    except OSError:
        return (unreadable(),)
    known = [url for url in profiles if validator.library.structure_definition(url) is not None]
    places = [f"{package.id}#{package.version}".rstrip("#") for package in validator.library.packages]
    missing = (no_such_profile(url, places) for url in profiles if url not in known)
    return (*missing, *validator.check(data, profiles=known).findings)


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(READ_LIMIT)
    with file.open("rb") as opened:
        return opened.read(READ_LIMIT)


def _valid(findings: Sequence[Finding]) -> bool:
    return all(finding.severity not in ("error", "fatal") for finding in findings)


def _told(finding: Finding, lang: Language) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "path": finding.path,
        "line": finding.line,
        "profile": finding.profile,
        "rule": finding.rule,
        "text": finding.fr if lang == "fr" else finding.en,
    }


def _print_outcomes(found: Sequence[tuple[str, Sequence[Finding]]], lang: Language) -> None:
    from gateway.validate import outcome

    for _, findings in found:
        print(json.dumps(outcome(findings, lang), ensure_ascii=False))


def _lines(file: str, findings: Sequence[Finding], lang: Language) -> Iterator[str]:
    """One line a finding, as compilers write theirs, then the verdict of the file."""
    for one in findings:
        where = f"{file}:{one.line}" if one.line else file
        text = one.fr if lang == "fr" else one.en
        asked = f" ({one.profile})" if one.profile else ""
        yield f"{where}: {one.severity} {one.rule}: {one.path + ': ' if one.path else ''}{text}{asked}"
    errors = sum(one.severity in ("error", "fatal") for one in findings)
    warnings = sum(one.severity == "warning" for one in findings)
    right, wrong, counts = _VERDICT[lang]
    counted = counts.format(errors=errors, warnings=warnings, notes=len(findings) - errors - warnings)
    yield f"{file}: {wrong if errors else right} ({counted})"
