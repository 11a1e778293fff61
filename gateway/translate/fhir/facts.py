"""What the resources of a bundle say of patient, author, type and dates, to compare with the documents beside it."""

from __future__ import annotations

import re
from typing import Any

from gateway.model.codes import Terms
from gateway.model.event import PlanCreated, PlanRevised
from gateway.model.facts import Facts, Writer, person_key
from gateway.model.identity import Scheme
from gateway.translate.fhir import codes, names, people, places
from gateway.translate.fhir.bundle import SPOKEN_BY, Received
from gateway.translate.fhir.node import JSON, Node

_SEX = {"male": "M", "female": "F", "unknown": "U"}
_WHOLE_PLANS = (PlanCreated.type, PlanRevised.type)
_PERSONS, _STRUCTURES = names.IDNPS.removeprefix("urn:oid:"), names.IDNST.removeprefix("urn:oid:")


def facts_of(bundle: dict[str, Any], terms: Terms) -> Facts:
    """The Facts of a bundle of ours. An identifier that means nothing outside it is not stated.

    Raises Rejected `not-a-bundle`.
    """
    received = Received(bundle, terms)
    whom = next(iter(received.all("Patient")), received.bundle.one("absent"))
    described = next(iter(received.all("DocumentReference")), received.bundle.one("absent"))
    official = next((one for one in whom.each("name") if one.text("use") == "official"), whom.one("absent"))
    content = next(iter(described.each("content")), described.one("absent"))
    made = content.one("attachment").text("creation") or described.text("date") or received.bundle.text("timestamp")
    begun = described.one("context").one("period").text("start")
    return Facts(
        patient=_identifiers(whom) or None,
        birth_name=official.text("family"),
        given_name=next(iter(official.texts("given")), None),
        birth_date=whom.text("birthDate"),
        sex=_SEX.get(whom.text("gender") or ""),
        author=tuple(_writer(person) for one in _authors(received, described) if (person := _person(one, terms))),
        type=codes.read_code(described.one("type")),
        created=_hl7(made),
        service=_hl7(begun) if begun != made else None,  # the profile wants one: the creation stands for none
    )


def _identifiers(whom: Node) -> frozenset[str]:
    found = ((one.text("system"), one.text("value")) for one in whom.each("identifier"))
    return frozenset(
        person_key(places.read_system(system), value)
        for system, value in found
        if system and value and not names.is_ours(system)
    )


def _authors(received: Received, described: Node) -> list[Node]:
    """Of a document, those it names; of a whole plan its own; else who speaks."""
    if described:
        return described.each("author")
    plan = next(iter(received.all("CarePlan")), described)
    if received.tag() in _WHOLE_PLANS and (author := plan.one("author")):
        return [author]
    spoken_by = received.meta.extension(SPOKEN_BY).one("valueReference")
    return [spoken_by] if spoken_by else []


def _person(reference: Node, terms: Terms) -> JSON:
    person = people.read_reference(reference, terms) or {}
    return person if any(person.get(name) for name in ("rpps", "ids", "family", "given")) else {}


def _writer(person: JSON) -> Writer:
    numbers = [("RPPS", person["rpps"], "")] if "rpps" in person else []
    numbers += [(one["scheme"], one["value"], one.get("system", "")) for one in person.get("ids", ())]
    name = " ".join(part for part in (person.get("given"), person.get("family")) if part)
    return Writer(ids=frozenset(_key(*number) for number in numbers), name=name)


def _key(scheme: str, value: str, system: str) -> str:
    """A number as national registers write it (ANS, TRE_G08); the right key of a number is not asked here."""
    if scheme in ("RPPS", Scheme.ADELI):
        return person_key(_PERSONS, ("8" if scheme == "RPPS" else "0") + value)
    prefix = places.NATIONAL.get(Scheme(scheme))
    return person_key(_STRUCTURES, prefix + value) if prefix else person_key(system, value)


def _hl7(text: str | None) -> str | None:
    """A FHIR dateTime as HL7 v3 writes it; fractions of a second are cut."""
    if text is None:
        return None
    day, _, clock = re.sub(r"\.\d+", "", text).replace("Z", "+00:00").partition("T")
    return day.replace("-", "") + clock.replace(":", "")
