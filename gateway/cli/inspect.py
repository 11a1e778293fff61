"""inspect: what a file holds, and the event it would become."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.output import refuse, show
from gateway.model.errors import GatewayError


def inspect(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .eml, .zip, .xml or .json file.")],
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Show what a mail, an archive, a CDA document, a Bundle or an event holds, and the event it would become.

    Exit code 0, or 2 when the file cannot be read: the reason stands on stderr.
    """
    from gateway.wiring import look_into

    try:
        answer = look_into(file.name, file.read_bytes(), options.words(config, mappings))
    except GatewayError as error:
        refuse(error, as_json, str(file))
    show(answer, as_json)
