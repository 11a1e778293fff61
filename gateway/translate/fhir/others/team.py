"""A care circle of another software (CDS 2.0.1) → team.created, or the one event its update tells."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from gateway.model.known import Known
from gateway.model.team import Team
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON, Node
from gateway.translate.fhir.others.compared import CLOSED, Change, compare
from gateway.translate.fhir.others.logical import key_of, keys_of_member, logical_id
from gateway.translate.fhir.others.page import Page
from gateway.translate.fhir.others.spoken import person
from gateway.translate.fhir.remainder import tree_of
from gateway.translate.fhir.team import read_care_team

CREATED = "team.created"
_MEMBERS = ("PractitionerRole", "Practitioner", "RelatedPerson", "Organization")


def read_circle(page: Page, known: Known, today: date) -> JSON:
    """Type, team and member of the event; with faults noted, what can be read of them."""
    node = page.received.the("CareTeam")
    page.parts["team"] = node.at
    whole = read_care_team(node, page.terms)
    held = known.team.team if known.team else None
    _structures(page, node, whole)
    _members(page, node, whole, held)
    method = _method(page, node)
    if method == "POST" and held is not None:
        page.refuse("team-known", node.at)
    elif method == "PUT" and held is None:
        page.refuse("unknown-team", (*node.at, "identifier"))
    elif held is not None and not held.open:
        page.refuse("team-closed", node.at)
    elif held is not None:
        return _update(page, node, whole, held, today)
    page.parts["member"] = node.at
    return {"type": CREATED, "team": whole}


def _method(page: Page, node: Node) -> str | None:
    """What is asked of the server with that CareTeam. A version it should have cannot be promised."""
    if not node:
        return None
    request = page.received.entry(node).one("request")
    if request.text("ifMatch"):
        page.refuse("no-versions", (*request.at, "ifMatch"))
    return request.text("method")


def _update(page: Page, node: Node, whole: JSON, known: Team, today: date) -> JSON:
    found = compare(whole, known, today)
    page.parts["member"] = node.at
    for index in found.details:
        page.tell("not-kept", (*node.at, "participant", index, "member"))
    if len(found.changes) != 1:
        _not_one(page, node, found.changes, found.fields)
        return {"type": CREATED, "team": whole}
    (change,) = found.changes
    team = {name: whole[name] for name in ("id", *found.fields) if name in whole}
    if change.type == CLOSED:
        ended = ("until", "closed_reason", *(("status",) if whole.get("status") != "active" else ()))
        return {"type": CLOSED, "team": team | {name: whole[name] for name in ended if name in whole}}
    if change.at is not None:
        page.parts["member"] = (*node.at, "participant", change.at)
    return {"type": change.type, "team": team, "member": change.member}


def _not_one(page: Page, node: Node, changes: tuple[Change, ...], fields: tuple[str, ...]) -> None:
    """Says which changes were found: a transaction is one event or none."""
    if changes:
        counted = Counter(change.type for change in changes)
        about = ", ".join(f"{type} × {number}" for type, number in counted.items())
        page.refuse("several-changes", node.at, about)
    elif fields:
        page.refuse("no-event-for-change", node.at, ", ".join(f"team.{name}" for name in fields))
    else:
        page.refuse("no-change", node.at)


def _structures(page: Page, node: Node, whole: JSON) -> None:
    """A structure whose kind nobody says is of another kind than those we know."""
    kept = []
    for index, structure in enumerate(whole.get("structures", [])):
        place = (*node.at, "managingOrganization", index)
        if structure is None or not structure.keys() & {"ids", "finess", "siret", "name"}:
            page.leave(place)
            continue
        if "kind" not in structure:
            structure = {"kind": "OTHER", **structure}
            page.tell("kind-other", place)
        kept.append(structure)
    if "structures" in whole:
        whole["structures"] = kept


def _members(page: Page, node: Node, whole: JSON, held: Team | None) -> None:
    """Each participant with the id by which they are known, in the place where they stand; others cannot be members."""
    kept = []
    for one, tree in zip(node.each("participant"), whole.get("members", []), strict=False):
        member = one.one("member")
        target = member.target()
        if target and target.type() not in _MEMBERS:  # the patient, another circle: no member an event may have
            page.leave(one.at)
            continue
        if target:
            tree = tree if _ours(member) else {**tree, "id": key_of(target, page.terms)}
            if target.type() == "RelatedPerson" and "roles" not in tree and (roles := _roles_of(target)):
                tree = {**tree, "roles": roles}
        elif not (tree := _elsewhere(page, member, tree, held)):
            continue
        kept.append({name: value for name, value in tree.items() if value is not None})
    if "members" in whole:
        whole["members"] = kept


def _roles_of(relative: Node) -> list[JSON]:
    """What a relative is to the patient (TRE_R260: to warn, trusted…), where the circle itself does not say it."""
    codings = [one for concept in relative.each("relationship") for one in concept.each("coding")]
    return [{"code": code} for one in codings if one.text("system") == names.ROLE_CLASS and (code := one.text("code"))]


def _ours(member: Node) -> bool:
    return names.is_ours(member.one("identifier").text("system"), "member")


def _elsewhere(page: Page, member: Node, tree: JSON, held: Team | None) -> JSON | None:
    """A participant whose resource is not in the Bundle: a known member by its logical id, or a number of its own."""
    reference = member.text("reference") or ""
    type, _, id = reference.rpartition("/")
    type = type.rpartition("/")[2]
    for one in held.members if held else ():
        if any(logical_id(page.issuer, type, key) == id for key in keys_of_member(one)):
            known: dict[str, Any] = tree_of(one)
            period = {name: tree.get(name) for name in ("since", "until")}
            roles = tree.get("roles") or known.get("roles", [])
            return {**known, **period, "roles": roles}
    if found := person(page, member):
        return {**found, **tree, "id": found.get("rpps") or found["ids"][0]["value"]}
    page.refuse("unknown-participant", member.at)
    return None
