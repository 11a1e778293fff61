"""Which logical id each entry of a transaction has here, for the answer to it."""

from __future__ import annotations

from typing import Any

from gateway.model.codes import Terms
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import Node
from gateway.translate.fhir.others.logical import key_of, logical_id
from gateway.translate.fhir.shelf import searched


def logical_ids(bundle: Any, terms: Terms, *, issuer: str, id: str) -> tuple[tuple[str, str], ...]:
    """(resource type, logical id) of each entry, in order. The same transaction always has the same ids.

    A team, a report and a member are found again by theirs. What has no identifier is named by its place in the
    transaction whose event has that `id`.
    """
    found = []
    for index, entry in enumerate(Received(bundle, terms).bundle.each("entry")):
        resource = entry.one("resource").alone()
        type = resource.type() or ""
        if type == "Parameters":
            found.append(_patched(entry.one("request").text("url") or "", issuer))
        else:
            key = _key(resource, type, terms) or f"{id} {index}"
            found.append((type, logical_id(issuer, type, key)))
    return tuple(found)


def _key(resource: Node, type: str, terms: Terms) -> str | None:
    """As `team.id` and `report.id` have it: by value alone, unique for one issuer."""
    if type == "DocumentReference" and (value := resource.one("masterIdentifier").text("value")):
        return value
    if type in ("CareTeam", "DocumentReference"):
        return next((value for one in resource.each("identifier") if (value := one.text("value"))), None)
    return key_of(resource, terms)


def _patched(url: str, issuer: str) -> tuple[str, str]:
    """The resource a PATCH changes where it is."""
    where, _, query = url.partition("?")
    type, _, id = where.partition("/")
    by_identifier = searched(query)
    return type, logical_id(issuer, type, by_identifier[1]) if by_identifier else id
