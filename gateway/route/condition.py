"""Does a route concern this event? Answers in words why not, for `explain`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from gateway.model.when import Instant, When
from gateway.route.grammar import Condition, Route, Validity
from gateway.route.scene import Scene, same_name


def why_not(route: Route, scene: Scene) -> str | None:
    """Why this route is not used; None when it is."""
    if late := _outside(route.valid, scene.now):
        return late
    if missed := next(_misses(route.when, scene), None):
        return missed
    if route.unless is not None and next(_misses(route.unless, scene), None) is None:
        return "its `unless` fits"
    return None


def _outside(valid: Validity, now: datetime) -> str | None:
    if valid.since is not None and not _begun(valid.since, now):
        return f"valid from {valid.since.text}"
    if valid.until is not None and valid.until.over(now):
        return f"valid to {valid.until.text}"
    return None


def _begun(since: When, now: datetime) -> bool:
    if "T" in since.text:
        return Instant(since.text).utc <= now
    return since.day <= now.date()


def _misses(condition: Condition, scene: Scene) -> Iterator[str]:
    event = scene.event
    if condition.event and not any(fnmatchcase(event.type, pattern) for pattern in condition.event):
        yield f"the event is {event.type}"
    if condition.structure and not any(_is_structure(word, scene) for word in condition.structure):
        yield "another structure, or none"
    if condition.tenant and scene.tenant not in condition.tenant:
        yield "another tenant"
    if condition.client and scene.client not in condition.client:
        yield "another client"
    if condition.plan and getattr(getattr(event, "plan", None), "kind", None) not in condition.plan:
        yield "another kind of plan, or none"
    if condition.report and getattr(getattr(event, "report", None), "type", None) not in condition.report:
        yield "another type of report, or none"


def _is_structure(word: str, scene: Scene) -> bool:
    return any(
        (one.name is not None and same_name(one.name, word)) or any(id.value == word for id in one.identifiers)
        for one in scene.structures()
    )
