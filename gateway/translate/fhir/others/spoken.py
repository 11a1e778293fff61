"""Who is spoken of and who speaks, in a transaction that follows a guide and not us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.model.faults import Place
from gateway.model.people import Sender
from gateway.translate.fhir import names, patient, people, places
from gateway.translate.fhir.bundle import SPOKEN_BY
from gateway.translate.fhir.node import JSON, Node, said
from gateway.translate.fhir.others.page import Page

_TELECOMS = {"phone", "email", "fax"}
_USES = {"home", "work", "mobile", None}
_PEOPLE = ("PractitionerRole", "Practitioner")
_AUTHOR_ORG = f"{names.MHD}/StructureDefinition/ihe-authorOrg"


def the_patient(page: Page) -> JSON:
    """The patient: the Patient of an entry, else the one contained in the description of the document (PDSm).

    An identity of which nobody says how sure it is counts as provisional, as a new one does (RNIV 1, identity states).
    """
    node = patient_node(page)
    page.parts["patient"] = node.at
    tree = patient.read(node, page.terms)
    if node and "identity_status" not in tree:
        tree["identity_status"] = "provisional"
        page.tell("identity-provisional", (*node.at, "extension"))
    _names(tree, node)
    if "sex" not in tree:
        page.leave((*node.at, "gender"))
    tree["telecom"] = _kept(
        page, node, "telecom", tree, lambda one: one.get("system") in _TELECOMS and one.get("use") in _USES
    )
    tree["contacts"] = _kept(page, node, "contact", tree, lambda one: "role" in one and "name" in one)
    doctor = tree.get("treating_physician")
    if doctor is not None and not (doctor.keys() & {"rpps", "ids", "family", "none", "unknown"}):
        del tree["treating_physician"]
        page.leave((*node.at, "generalPractitioner"))
    return said(**tree)


def patient_node(page: Page) -> Node:
    """The Patient resource the transaction is about; absent, with its fault noted, when there is none or several."""
    if not page.received.all("Patient"):
        described = page.received.all("DocumentReference")
        inside = [one.one("context").one("sourcePatientInfo").target() for one in described]
        if found := [one for one in inside if one.type() == "Patient"]:
            return found[0]
    return page.received.the("Patient")


def _names(tree: JSON, node: Node) -> None:
    """All given names, where each is told by itself and not in the French extension."""
    official = next((one for one in node.each("name") if one.text("use") == "official"), None)
    if official and not tree.get("given_names") and len(official.texts("given")) > 1:
        tree["given_names"] = official.texts("given")


def _kept(page: Page, node: Node, name: str, tree: JSON, fits: Callable[[JSON], bool]) -> list[JSON]:
    """The items of a list an event can hold; the others are told."""
    field = {"contact": "contacts"}.get(name, name)
    items = tree.get(field, [])
    for index, one in enumerate(items):
        if not fits(one):
            page.leave((*node.at, name, index))
    return [one for one in items if fits(one)]


def speaker(page: Page, structures: Sequence[JSON], at: Place) -> JSON | None:
    """Who speaks: said by the Bundle, else as the settings say, else the first structure in charge of the team.

    The last is told, at that place.
    """
    said_by = page.received.meta.extension(SPOKEN_BY).one("valueReference")
    page.parts.setdefault("sender", ("meta",))
    if said_by:
        return people.read_reference(said_by, page.terms, Sender)
    if page.sender:
        return page.sender
    for structure in structures:
        body = said(**{name: structure[name] for name in ("ids", "finess", "siret", "name") if name in structure})
        if body.keys() & {"ids", "finess", "siret"}:
            page.tell("sender-in-charge", (*at, "managingOrganization"))
            return {"organization": body}
    if at:
        page.parts["sender"] = (*at, "managingOrganization")
    return None


def submitter(page: Page, submission: Node, described: Node) -> JSON | None:
    """Who submits a document: the source of the set, its organisation, else the first author who is a professional."""
    page.parts["sender"] = (*submission.at, "source")
    source = submission.one("source")
    if source.target().type() in _PEOPLE and (found := person(page, source, Sender)):
        return found
    organization = places.read_reference(submission.extension(_AUTHOR_ORG).one("valueReference"))
    if organization:
        return {"organization": organization}
    for author in described.each("author"):
        if found := person(page, author, Sender):
            page.tell("sender-author", author.at)
            return found
    return None


def person(page: Page, reference: Node, kind: Any = None) -> JSON | None:
    """The professional a Reference names; None, and left unread, for a device, a patient, or what is not there."""
    target = reference.target()
    if target.type() not in _PEOPLE:
        page.leave(target.at) if target else None
        return _by_identifier(reference)
    tree = people.read_reference(reference, page.terms, kind) if kind else people.read_reference(reference, page.terms)
    return tree or None


def _by_identifier(reference: Node) -> JSON | None:
    """Of a logical Reference: the person whose number it is."""
    identifier = reference.one("identifier")
    system, value = identifier.text("system"), identifier.text("value")
    if system == names.RPPS and value:
        return {"rpps": value}
    if system == names.IDNPS and value and value.startswith("8"):
        return {"rpps": value[1:]}
    found = places.read_identifier(identifier) if identifier else None
    return {"ids": [found]} if found else None
