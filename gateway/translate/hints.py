"""Types of the model's fields, as a table must know them."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from gateway.model.form import WORDS


def is_class(hint: Any) -> bool:
    """True for a class of the model, whose fields rules can fill; not for those written as one word."""
    return isinstance(hint, type) and is_dataclass(hint) and hint not in WORDS


def bare(hint: Any) -> Any:
    """The type without its `| None`."""
    if get_origin(hint) in (Union, UnionType):
        return next(arm for arm in get_args(hint) if arm is not NoneType)
    return hint


def item(hint: Any) -> tuple[Any, bool]:
    """The type of one value, and whether the field holds a list of them."""
    return (bare(get_args(hint)[0]), True) if get_origin(hint) is tuple else (hint, False)
