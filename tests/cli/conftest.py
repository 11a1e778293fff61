"""The command line as it is typed: the same arguments, its two streams and its exit code."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Ran:
    """What a command did; `raw` is its standard output before anyone decoded it."""

    code: int
    out: str
    err: str
    raw: bytes = b""


def run(*words: object) -> Ran:
    """Run `passerelle WORDS` in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    code, raw = end.value.code, out.buffer.getvalue()  # type: ignore[attr-defined]
    return Ran(code if isinstance(code, int) else 0, raw.decode("utf-8", "replace"), err.getvalue(), raw)


@pytest.fixture
def passerelle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ran]:
    """The command, in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    return run
