"""audit: the log, for those who check it. The checks need no trust in who runs the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import options
from gateway.cli.actor import actor
from gateway.cli.output import BROKEN_LOG, Misused, show
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.journey.gateway import Gateway
    from gateway.record import Verdict, Verifier

app = typer.Typer(help="Verify, prove, export and sign the audit log.", no_args_is_help=True)

Out = Annotated[Path | None, typer.Option("--out", help="Write there instead of stdout.")]


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Signed checkpoints kept elsewhere.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The log's public key, kept elsewhere: its line.")
    ] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Recompute the log from its first entry to its last.

    Exit code 0: whole. 3: broken, the first wrong entry is named. Without a checkpoint a cut tail was not looked for,
    and the answer says so.
    """
    gateway = _gateway(config)
    try:
        notes = [note.read_text("utf-8") for note in checkpoint or []]
        verdict = gateway.store.verify(notes, _verifier(gateway, key))
    except UnicodeDecodeError:
        raise Misused("A checkpoint is not text", advice="Give the signed note itself") from None
    answer = {
        "whole": verdict.whole,
        "entries": verdict.entries,
        "first_wrong": verdict.first_wrong,
        "why": verdict.why,
        "tail_checked": verdict.tail_checked,
    }
    show(answer, as_json, [_sentence(verdict)])
    if not verdict.whole:
        raise typer.Exit(BROKEN_LOG)


@app.command()
def prove(
    seq: Annotated[int, typer.Argument(min=0, help="The entry's place in the log.")],
    out: Out = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Write a proof that an entry is in the log: one small text an auditor checks alone (c2sp.org/tlog-proof@v1)."""
    from gateway.record import write_proof

    gateway = _gateway(config)
    note = gateway.store.checkpoint(gateway.notary, actor=actor())
    with gateway.store.glance() as unit:
        proof = write_proof(unit.log, seq, note, gateway.notary.verifier)
    _write(proof, out)


@app.command()
def export(
    tenant: Annotated[str | None, typer.Option(help="Only that tenant's entries.")] = None,
    out: Out = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Write every entry as a JSON line with its leaf hash: enough to recompute the whole log in any language."""
    from gateway.record import export_lines

    gateway = _gateway(config)
    with gateway.store.unit() as unit:
        facts = {"tenant": tenant or "*"}
        unit.audit(Entry(kind="audit-exported", at=gateway.clock(), tenant="", actor=actor(), facts=facts))
    with gateway.store.glance() as unit:
        _write("".join(export_lines(unit.log.every(tenant))), out)


@app.command()
def checkpoint(out: Out = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """Sign the log as it stands and print the signed note: keep it elsewhere, it is what shows a cut tail."""
    gateway = _gateway(config)
    _write(gateway.store.checkpoint(gateway.notary, actor=actor()), out)


@app.command()
def key(config: options.Config = None, as_json: options.Json = False) -> None:
    """Print the log's public key, to be kept by whoever will check it."""
    line = _gateway(config).notary.verifier.line
    show({"key": line}, as_json, [line])


_WHY_FR = {
    "missing": "une entrée manque",
    "record": "l'entrée n'est pas celle qui a été hachée",
    "moved": "l'entrée appartient à une autre place",
    "columns": "ce par quoi on trouve l'entrée n'est pas ce qu'elle dit",
    "tree": "les empreintes gardées ne sont pas celles des entrées",
    "stray": "quelque chose n'a pas été écrit par le journal",
    "head": "la tête n'est pas celle des entrées",
    "cut": "la fin manque",
    "purge": "une entrée a été retirée et aucune ne le dit",
    "rewritten": "ce n'est pas ce qu'un point de contrôle a signé ; la première fausse est celle-ci ou une suivante",
    "signature": "un point de contrôle n'est pas signé par la clé du journal : vérifiez d'abord le fichier et la clé",
}


def _sentence(verdict: Verdict) -> str:
    if verdict.whole:
        end = (
            ""
            if verdict.tail_checked
            else " Sans point de contrôle gardé ailleurs, une fin coupée n'a pas été cherchée."
        )
        return f"Journal entier : {verdict.entries} entrées.{end}"
    place = "" if verdict.first_wrong is None else f" à l'entrée {verdict.first_wrong}"
    return f"Journal ROMPU{place} : {_WHY_FR.get(verdict.why or '', verdict.why)} ({verdict.entries} entrées)."


def _gateway(config: Path | None) -> Gateway:
    from gateway.wiring import open_gateway

    return open_gateway(options.require_settings(config))


def _verifier(gateway: Gateway, key: Path | None) -> Verifier:
    from gateway.record import Verifier

    return Verifier.read(key.read_text("utf-8")) if key else gateway.notary.verifier


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, "utf-8")
