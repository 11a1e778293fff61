"""What a search found, as a Bundle of type searchset (R4 §3.1.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

Pairs = Sequence[tuple[str, str]]
"""Parameters of an address, in order."""


def searchset(
    address: str,
    found: Sequence[dict[str, Any]],
    asked: Pairs,
    following: Pairs | None = None,
    total: int | None = None,
) -> dict[str, Any]:
    """The Bundle of these resources.

    address    of the type searched, without parameters
    asked      what `self` may say: nothing that names a patient
    following  the parameters of the page that comes next
    total      how many match in all, where that is known
    """
    links = [{"relation": "self", "url": _link(address, asked)}]
    if following is not None:
        links.append({"relation": "next", "url": _link(address, following)})
    tree: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        tree["total"] = total
    tree["link"] = links
    if found:  # a list is never empty in FHIR
        tree["entry"] = [
            {"fullUrl": f"{address}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in found
        ]
    return tree


def _link(address: str, pairs: Pairs) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address
