"""init, check, db: what an admin does before and beside running the gateway."""

from __future__ import annotations

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
    from gateway.wiring import write_first_settings

    written = write_first_settings(folder)
    show(
        [str(path) for path in written],
        as_json,
        [*(str(path) for path in written), "Relisez passerelle.yaml, puis : passerelle check"],
    )


def check(config: options.Config = None, mappings: options.Mappings = None, as_json: options.Json = False) -> None:
    """Check settings, mappings, routes, certificates, the white list, the directory and the connections.

    Exit code 0, or 2 with every problem, each with its file and line where it has one.
    """
    from gateway.wiring import check_settings

    problems = check_settings(config or options.DEFAULT, mappings or [])
    show({"ok": not problems, "problems": problems}, as_json, problems or ["Tout est en ordre."])
    if problems:
        raise SystemExit(REFUSED)


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
