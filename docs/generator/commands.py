"""cli.md: what every command says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from gateway.cli.commands import app

WIDTH = 100  # characters


def commands() -> str:
    """The page."""
    parts = [
        "# Commands\n",
        "What `passerelle COMMAND --help` says. Bad news goes to stderr. Exit codes: 0 done, 1 it ended badly, "
        "2 refused (what was given is wrong), 3 the audit log is broken.\n",
    ]
    for name, help_text in _walk("passerelle", typer.main.get_command(app)):
        parts += [f"## {name}\n", f"```text\n{help_text}\n```\n"]
    return "\n".join(parts)


def _walk(name: str, command: Any) -> Iterator[tuple[str, str]]:
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    yield name, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    for word, inner in getattr(command, "commands", {}).items():
        yield from _walk(f"{name} {word}", inner)
