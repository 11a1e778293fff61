"""The command line as it is typed: the same arguments, its two streams and its exit code."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli.argv import spread
from gateway.cli.commands import app

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


def run(*words: object) -> Ran:
    """Run `passerelle WORDS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
        app(args=spread([str(word) for word in words]))
    code = end.value.code
    return Ran(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


@pytest.fixture
def passerelle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ran]:
    """The command, in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    return run
