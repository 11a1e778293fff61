"""cda: CDA documents looked at by themselves, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, show
from gateway.model.texts import Text

if TYPE_CHECKING:
    from gateway.model.codes import Terms
    from gateway.pack import Finding

app = typer.Typer(no_args_is_help=True, help="Check CDA documents.")


@app.callback()
def cda() -> None:
    """Check CDA documents."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="CDA R2 documents of level 1 or 3 (.xml).")],
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Also check the form and keys of RPPS, FINESS, SIREN, SIRET and INS.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Check CDA documents against every rule of the French header (CI-SIS, Structuration minimale).

    Each finding names its rule, its place (XPath and line) and what to do; docs/reference/cda-rules.md lists the rules.
    A file that is not there or cannot be read is a finding too, and the others are still checked. Exit code 0, or 2
    when a file has an error; warnings alone leave it 0.
    """
    from gateway.wiring import open_terms

    terms = open_terms()
    found = [(file, _findings(file, terms, numbers)) for file in files]
    answer = [
        {"file": str(file), "valid": _valid(findings), "findings": [asdict(finding) for finding in findings]}
        for file, findings in found
    ]
    show(answer, as_json, [line for file, findings in found for line in _lines(file, findings)])
    if not all(_valid(findings) for _, findings in found):
        raise SystemExit(REFUSED)


def _findings(file: Path, terms: Terms, numbers: bool) -> tuple[Finding, ...]:
    """What is found in a file; that it cannot be opened is one finding, CDA-FILE-READ."""
    from gateway.pack import Finding, check_cda

    try:
        return check_cda(file.read_bytes(), terms, numbers=numbers)
    except OSError:
        text = Text(
            "Le fichier n'existe pas, est un dossier ou n'est pas lisible.",
            "The file does not exist, is a folder or may not be read.",
            "Vérifier le chemin et les droits.",
            "Check the path and the permissions.",
        )
        return (Finding("CDA-FILE-READ", "error", "", 0, text.fr, text.en, text.remedy_fr, text.remedy_en),)


def _valid(findings: Sequence[Finding]) -> bool:
    return all(finding.severity != "error" for finding in findings)


def _lines(file: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """One line a finding, as compilers write theirs, then the verdict of the file."""
    for one in findings:
        where = f"{file}:{one.line}" if one.line else str(file)
        yield f"{where}: {one.severity} {one.rule}: {one.path + ': ' if one.path else ''}{one.fr} {one.remedy}"
    errors = sum(one.severity == "error" for one in findings)
    verdict = "non valide" if errors else "valide"
    yield f"{file}: {verdict} (erreurs : {errors}, avertissements : {len(findings) - errors})"
