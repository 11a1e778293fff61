"""The JSON of definitions, read fast where that loses nothing: a number with a point keeps its text."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import orjson

_POINTED = re.compile(rb"[:\[,]\s*-?[0-9]+[.eE]")


def loads(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError for what is none, or is nested beyond reason."""
    if not _POINTED.search(data):
        return orjson.loads(data)
    try:
        return json.loads(data, parse_float=Decimal)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
