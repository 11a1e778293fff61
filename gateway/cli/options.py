"""Options every command shares, and what they open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.wiring import Words

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file (default: passerelle.yaml, if there).")]
Mappings = Annotated[list[Path] | None, typer.Option("--mappings", help="A folder of further dialects.")]
Dialect = Annotated[str, typer.Option("--dialect", help="The dialect of the event.")]
After = Annotated[
    list[Path] | None,
    typer.Option(
        "--after", exists=True, dir_okay=False, help="Earlier events, oldest first: of the dialect, or canonical."
    ),
]

DEFAULT = Path("passerelle.yaml")


def settings_at(config: Path | None) -> Settings | None:
    """The settings asked for, or those lying here, or None. Raises BadSettings."""
    if config is None and not DEFAULT.exists():
        return None

    from gateway.config import load  # pydantic and all: as long as validating a resource

    return load(config or DEFAULT)


def require_settings(config: Path | None) -> Settings:
    """The settings, without which this command cannot run. Raises Broken, which says how to make some."""
    from gateway.model.errors import Broken

    settings = settings_at(config)
    if settings is None:
        raise Broken(
            "There is no passerelle.yaml here", advice="Write one (passerelle init DIR), or name it with --config"
        )
    return settings


def words(config: Path | None, mappings: list[Path] | None, dialect: str | None = None) -> Words:
    """Dialects and code lists: the project's own, those of the settings, those of --mappings.

    With `dialect`, that one and our own are enough: the others are not read.
    """
    from gateway.wiring import open_words

    settings = settings_at(config)
    only = {dialect, "canonical"} if dialect else ()
    return open_words([*(settings.mappings if settings else ()), *(mappings or [])], only)
