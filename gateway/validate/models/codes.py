"""R4's own short lists of codes, those it binds as required, for when no package is there.

`lists.json` is a table of codes: canonical of the value set → the elements it binds and its codes by system (R4 4.0.1).
Lists of other bodies and long ones (media types, currencies, units, licences) are not in it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

VERSION = "4.0.1"


def bound_to(path: str) -> str | None:
    """The canonical of the list an element takes its codes from, as required."""
    return _by_element().get(path)


def value_set_of(canonical: str) -> dict[str, Any] | None:
    """One of the lists as a ValueSet; None when it is none of them."""
    url = canonical.partition("|")[0]
    told = _lists().get(url)
    if told is None:
        return None
    include = [
        {"system": system, "concept": [{"code": code} for code in codes]} for system, codes in told["codes"].items()
    ]
    name = url.rpartition("/")[2]
    head = {"resourceType": "ValueSet", "id": name, "url": url, "version": VERSION, "name": name, "status": "active"}
    return {**head, "compose": {"include": include}}


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files("gateway.validate.models").joinpath("lists.json").read_bytes())
    return told


@lru_cache(maxsize=1)
def _by_element() -> dict[str, str]:
    return {path: url for url, told in _lists().items() for path in told["at"]}
