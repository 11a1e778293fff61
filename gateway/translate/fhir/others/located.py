"""Which logical id each entry of a transaction has here, for the answer to it."""

from __future__ import annotations

from typing import Any

from gateway.model.codes import Terms
from gateway.model.event import Event, TeamReference
from gateway.model.report import CancelledReport, Report
from gateway.model.team import Team
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import Node
from gateway.translate.fhir.others.logical import key_of, logical_id


def logical_ids(bundle: Any, event: Event, terms: Terms, issuer: str) -> tuple[tuple[str, str], ...]:
    """(resource type, logical id) of each entry, in order. The same transaction always has the same ids.

    A team, a report and a member are found again by theirs. What has no identifier is named by its place in the event.
    """
    received = Received(bundle, terms)
    found = []
    for index, entry in enumerate(received.bundle.each("entry")):
        resource = entry.one("resource").alone()
        type = resource.type() or ""
        if type == "Parameters":
            type = (entry.one("request").text("url") or "").partition("?")[0].partition("/")[0]
        key = _key(resource, type, event, terms) or f"{event.type} {event.id} {index}"
        found.append((type, logical_id(issuer, type, key)))
    return tuple(found)


def _key(resource: Node, type: str, event: Event, terms: Terms) -> str | None:
    team, report = getattr(event, "team", None), getattr(event, "report", None)
    if type == "CareTeam" and isinstance(team, (Team, TeamReference)):
        return team.id
    if type == "DocumentReference" and resource.type() == "DocumentReference" and isinstance(report, Report):
        return report.id
    if type == "DocumentReference" and isinstance(report, Report):  # the one a PATCH changes
        return report.replaces
    if type == "DocumentReference" and isinstance(report, CancelledReport):
        return report.id
    return key_of(resource, terms)
