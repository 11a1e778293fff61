"""init, check, db: what an admin does before and beside running the gateway."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, refuse, show
from gateway.model.errors import GatewayError

db = typer.Typer(help="The database.", no_args_is_help=True)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if missing.")] = Path(),
    as_json: options.Json = False,
) -> None:
    """Write a first passerelle.yaml and routes.yaml, and draw the secrets they name. Never overwrites a file."""
    from gateway.cli.first import write_first_settings
    from gateway.wiring import data

    written = [str(path) for path in write_first_settings(folder, (data("examples") / "routes.yaml").read_bytes())]
    show(written, as_json, [*written, "Relisez passerelle.yaml, puis : passerelle check"])


def check(config: options.Config = None, mappings: options.Mappings = None, as_json: options.Json = False) -> None:
    """Check settings, mappings, routes, certificates, the white list, the directory and the connections.

    Exit code 0, or 2 with every problem, each with its file and line where it has one.
    """
    problems = _problems(config or options.DEFAULT, mappings or [])
    show({"ok": not problems, "problems": problems}, as_json, problems or ["Tout est en ordre."])
    if problems:
        raise SystemExit(REFUSED)


def _problems(path: Path, mappings: list[Path]) -> list[str]:
    """Every problem of the settings and of what they name; the settings themselves first."""
    from gateway import wiring
    from gateway.config import load

    problems: list[str] = []

    def asked(check: Callable[[], object]) -> None:
        try:
            check()
        except GatewayError as wrong:
            problems.extend(_told(wrong))

    try:
        settings = load(path)
    except GatewayError as wrong:
        return _told(wrong)
    asked(lambda: wiring.open_words([*settings.mappings, *mappings]))
    asked(lambda: wiring.open_routes(settings))
    asked(lambda: wiring.open_directory(settings))
    asked(lambda: wiring.open_transports(settings))
    asked(lambda: wiring.key_of_32(settings.vault.key))
    asked(lambda: wiring.key_of_32(settings.audit.key))
    asked(lambda: wiring.check_white_list(settings))
    asked(lambda: wiring.check_certificates(settings))
    asked(lambda: wiring.check_connections(settings))
    return problems


def _told(wrong: GatewayError) -> list[str]:
    return [str(problem) for problem in getattr(wrong, "problems", ())] or [str(wrong)]


@db.command()
def upgrade(config: options.Config = None, as_json: options.Json = False) -> None:
    """Bring the database to the tables this version needs; harmless when nothing is missing."""
    from gateway.record import upgrade as bring_up

    settings = options.require_settings(config)
    try:
        bring_up(settings.database)
    except GatewayError as error:
        refuse(error, as_json)
    show({"upgraded": True}, as_json, ["La base est à jour."])
