"""What a function of FHIRPath is here, and how it asks for its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.values import NotEvaluated, single

Function = Callable[..., Collection]


def given(context: Context, argument: Evaluate) -> Any:
    """The single value of an argument that is no criterion: it is evaluated on `$this`. None when it is empty."""
    return single(argument(context, context.this))


def given_text(context: Context, argument: Evaluate) -> str | None:
    """The same where a text is asked for; NotEvaluated when it is something else."""
    value = given(context, argument)
    if value is not None and not isinstance(value, str):
        raise NotEvaluated("a text expected")
    return value


def given_number(context: Context, argument: Evaluate) -> int | None:
    """The same for a whole number."""
    value = given(context, argument)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise NotEvaluated("a whole number expected")
    return value
