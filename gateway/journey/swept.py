"""A sweep as people see it, looked at or done: the one JSON form behind the HTTP answer and the CLI."""

from __future__ import annotations

from typing import Any

from gateway.journey.sweep import Preview, Swept


def show_preview(told: Preview) -> dict[str, Any]:
    """What a sweep would do."""
    groups = [
        {
            "state": one.alike.state,
            "reason": one.alike.reason,
            "recipient": one.alike.recipient[1],
            "number": one.alike.number,
            "why_not": one.why_not,
        }
        for one in told.groups
    ]
    first = [
        {
            "exchange": one.exchange,
            "leg": one.n or None,
            "state": one.state,
            "reason": one.reason,
            "recipient": one.recipient[1],
        }
        for one in told.first
    ]
    return {
        "preview": True,
        "done": told.would,
        "skipped": dict(told.would_not),
        "left": False,
        "groups": groups,
        "groups_omitted": told.more_groups,
        "first": first,
    }


def show_sweep(did: Swept) -> dict[str, Any]:
    """What it did."""
    return {"preview": False, "done": did.done, "skipped": dict(did.skipped), "left": did.left}
