"""R4's own invariants of the types coordinated care exchanges, for when no package is there.

`invariants.json`: path of an element → key, severity and FHIRPath of each (R4 4.0.1), with a sentence of ours. ele-1 is
not in it: the walk sees for itself that an element holds something.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any


def invariants_of(path: str) -> Sequence[dict[str, Any]]:
    """The invariants of an element, as `ElementDefinition.constraint`."""
    found: Sequence[dict[str, Any]] = _table().get(path, ())
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files("gateway.validate.models").joinpath("invariants.json").read_bytes())
    return told
