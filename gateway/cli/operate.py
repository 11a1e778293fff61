"""init, db: what an admin does before and beside running the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.output import show

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


@db.command()
def upgrade(config: options.Config = None, as_json: options.Json = False) -> None:
    """Bring the database to the tables this version needs; harmless when nothing is missing."""
    from gateway.record import upgrade as bring_up
    from gateway.wiring import database_url

    bring_up(database_url(options.require_settings(config)))
    show({"upgraded": True}, as_json, ["La base est à jour."])
