"""xdm: an archive from CDA documents, and what an archive says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from uuid import uuid4

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, refuse, show
from gateway.journey.refusal import told_fault
from gateway.model.errors import GatewayError, Rejected

if TYPE_CHECKING:
    from gateway.model.faults import Fault
    from gateway.pack import Archive

app = typer.Typer(no_args_is_help=True, help="IHE_XDM archives: from CDA documents, and what they say.")

Documents = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CDA documents of one patient.")]


@app.command()
def build(
    documents: Documents,
    out: Annotated[Path, typer.Option("--out", help="The archive to write.")],
    action: Annotated[
        Literal["replace", "delete"] | None,
        typer.Option(
            "--action", help="What to do with the earlier version (default: a versionNumber above 1 replaces)."
        ),
    ] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Make an IHE_XDM archive of CDA documents, their metadata taken from their own headers, their bytes unchanged.

    Exit code 0, or 2 when a document cannot be carried: nothing is written, and every fault stands on stderr with its
    file. Attributes a document leaves out that are expected in France are findings.
    """
    from gateway import pack, wiring

    try:
        settings = options.settings_at(config)
        enclosed = [pack.Enclosed(file.read_bytes(), action=action) for file in documents]
        minted = pack.Minted(uuid4(), wiring.wall_clock())
        data = pack.write_archive(enclosed, minted, wiring.software_of(settings), wiring.open_terms())
        told = _told(pack.read_archive(data))
    except Rejected as rejected:
        _refuse_by_file(rejected, documents, as_json)
    except GatewayError as error:
        refuse(error, as_json)
    out.write_bytes(data)
    show({"archive": str(out), "size": len(data), **told}, as_json, _lines(out, documents, told))


@app.command()
def read(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An IHE_XDM archive.")],
    as_json: options.Json = False,
) -> None:
    """Show the metadata of an archive as JSON, in the words of XDS; the documents themselves stay closed.

    Exit code 0, or 2 when it is refused: dangerous, no archive, or a document whose hash, size or name is not the one
    its metadata give. Contradictions that do not touch a document, and what is left out, are findings.
    """
    from gateway import pack

    try:
        told = _told(pack.read_archive(archive.read_bytes()))
    except GatewayError as error:
        refuse(error, as_json, str(archive))
    show(told, as_json)


def _told(archive: Archive) -> dict[str, Any]:
    from gateway import pack

    return {
        "submissionSet": pack.submission_words(archive.submission),
        "documents": [pack.entry_words(document.entry) for document in archive.documents],
        "findings": [told_fault(fault) for fault in (*archive.findings, *archive.omissions)],
    }


def _refuse_by_file(rejected: Rejected, files: Sequence[Path], as_json: bool) -> NoReturn:
    """As `refuse`, each fault with the file of the document it is in."""
    faults = [_in_file(fault, files) for fault in rejected.faults]
    if as_json:
        errors = [{"file": file, **told_fault(fault)} for file, fault in faults]
        told = {"code": rejected.code, "detail": str(rejected), "errors": errors}
        print(json.dumps(told, ensure_ascii=False, indent=2), file=sys.stderr)
    else:
        for file, fault in faults:
            where = f"{file}:{fault.line}:{fault.column}" if fault.line else file
            print(f"{where}: {fault.code}: {fault.text.fr} {fault.text.remedy_fr}", file=sys.stderr)
    raise SystemExit(REFUSED)


def _in_file(fault: Fault, files: Sequence[Path]) -> tuple[str, Fault]:
    """The file of a fault, and the fault as seen from there; "xdm" for one of all of them together."""
    match fault.at:
        case ("documents", int(number), *rest):
            return str(files[number]), replace(fault, at=tuple(rest))
    return "xdm", fault


def _lines(out: Path, documents: Sequence[Path], told: dict[str, Any]) -> Iterator[str]:
    yield str(out)
    for file, entry in zip(documents, told["documents"], strict=True):
        action = {"C": ", remplace", "D": ", supprime"}.get(entry.get("extraMetadataSlot", ""), "")
        yield f"  {entry['URI']}  {entry['typeCode']['display']}{action}  ({file})"
    for finding in told["findings"]:
        yield f"  {finding['at']} : {finding['fr']}"
