"""Judges what a definition asks of a narrative by extension (see `gateway.validate.compile.narrative`)."""

from __future__ import annotations

from typing import Any

from gateway.validate.compile.narrative import LANGUAGE, SOURCE
from gateway.validate.invariants.native import Native
from gateway.validate.run import Run, Scope
from gateway.validate.xhtml import read_narrative


def narrative_control(expression: str) -> Native | None:
    """The function of such an expression; None for any other."""
    if expression == SOURCE:
        return _sourced
    if expression.startswith(LANGUAGE):
        return _language(expression.removeprefix(LANGUAGE))
    return None


def _sourced(value: Any, scope: Scope, run: Run) -> bool:
    div = value.get("div") if isinstance(value, dict) else None
    return not isinstance(div, str) or not read_narrative(div).unsourced


def _language(wanted: str) -> Native:
    def judge(value: Any, scope: Scope, run: Run) -> bool:
        div = value.get("div") if isinstance(value, dict) else None
        if not isinstance(div, str):
            return True
        languages = read_narrative(div).languages
        if wanted in ("_no", "_yes"):
            return bool(languages) == (wanted == "_yes")
        asked = scope.resource.get("language") if wanted == "_resource" else wanted
        return asked is None or asked in languages

    return judge
