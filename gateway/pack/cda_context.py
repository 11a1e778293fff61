"""What a CDA document is about, both ways: the acts, the contact or stay, and others who took part."""

from __future__ import annotations

from dataclasses import replace

from gateway.pack.cda_parties import (
    at,
    get,
    put_body,
    put_code,
    put_id,
    put_name,
    put_party,
    read_code,
    read_id,
    read_name,
    read_party,
    read_translations,
)
from gateway.pack.cda_patient import put_relative, read_relative
from gateway.pack.header import HEALTH_PROFESSIONS, Act, Party, Relative, Stay
from gateway.pack.xml import Element, put


def put_participant(root: Element, kind: str, who: Party) -> None:
    """Someone else with a part in the care: the treating physician is INF with function PCP."""
    told = put(root, "participant", typeCode=kind)
    if who.function:
        put_code(told, "functionCode", who.function)
    put(told, "time", nullFlavor="NA")
    health = who.code is None or who.code.system == HEALTH_PROFESSIONS
    entity = put(told, "associatedEntity", classCode="PROV" if health else "AGNT")
    for id in who.ids:
        put_id(entity, id)
    if who.code:
        code = put_code(entity, "code", who.code)
        for other in who.also:
            put_code(code, "translation", other)
    put(entity, "addr", nullFlavor="NASK")
    put(entity, "telecom", **({"value": f"mailto:{who.mail}"} if who.mail else {"nullFlavor": "NASK"}))
    if who.name:
        put_name(put(entity, "associatedPerson"), who.name)
    put_body(entity, "scopingOrganization", who.organization)


def put_informant(root: Element, relative: Relative) -> None:
    """Someone close to the patient, as CI-SIS says them: person to trust, to call, or caring."""
    told = put(put(root, "informant"), "relatedEntity", classCode=relative.role)
    put_relative(told, relative, "relatedPerson")


def put_act(root: Element, act: Act, *, first: bool) -> None:
    """One documentationOf; the first one always has its bounds (minimal structure)."""
    event = put(put(root, "documentationOf"), "serviceEvent")
    if act.code:
        told = put_code(event, "code", act.code)
        for other in act.also:
            put_code(told, "translation", other)
    if act.low or act.high or first:
        bounds = put(event, "effectiveTime")
        put(bounds, "low", **({"value": act.low} if act.low else {"nullFlavor": "UNK"}))
        if act.high:
            put(bounds, "high", value=act.high)
    if act.performer:
        performer = put(event, "performer", typeCode="PRF")
        put_party(put(performer, "assignedEntity"), act.performer, "representedOrganization")


def put_stay(root: Element, stay: Stay) -> None:
    """The componentOf: contact or stay, and the kind of place."""
    encounter = put(put(root, "componentOf"), "encompassingEncounter")
    if stay.id:
        put_id(encounter, stay.id)
    if stay.code:
        put_code(encounter, "code", stay.code)
    if stay.low or stay.high:
        bounds = put(encounter, "effectiveTime")
        put(bounds, "low", **({"value": stay.low} if stay.low else {"nullFlavor": "UNK"}))
        if stay.high:
            put(bounds, "high", value=stay.high)
    else:
        put(encounter, "effectiveTime", nullFlavor="UNK")
    put_code(put(put(encounter, "location"), "healthCareFacility"), "code", stay.facility)


def read_participant(told: Element) -> Party:
    """What put_participant wrote."""
    entity = at(told, "associatedEntity")
    return replace(
        read_party(entity, "scopingOrganization"),
        time=get(at(told, "time"), "value"),
        function=read_code(at(told, "functionCode")),
        name=read_name(at(entity, "associatedPerson")),
    )


def read_informant(told: Element) -> Relative | None:
    """What put_informant wrote; None when the informant is a professional."""
    entity = at(told, "relatedEntity")
    return None if entity is None else read_relative(entity, get(entity, "classCode"), "relatedPerson")


def read_act(told: Element) -> Act:
    """What put_act wrote; a single instant counts as the beginning."""
    event = at(told, "serviceEvent")
    bounds = at(event, "effectiveTime")
    performer = at(event, "performer")
    party = read_party(at(performer, "assignedEntity"), "representedOrganization")
    code = at(event, "code")
    return Act(
        code=read_code(code),
        also=read_translations(code),
        low=get(at(bounds, "low"), "value") or get(bounds, "value"),
        high=get(at(bounds, "high"), "value"),
        performer=None if performer is None else replace(party, function=read_code(at(performer, "functionCode"))),
    )


def read_stay(encounter: Element | None) -> Stay:
    """What put_stay wrote."""
    bounds = at(encounter, "effectiveTime")
    return Stay(
        id=read_id(at(encounter, "id")),
        code=read_code(at(encounter, "code")),
        low=get(at(bounds, "low"), "value") or get(bounds, "value"),
        high=get(at(bounds, "high"), "value"),
        facility=read_code(at(encounter, "location/healthCareFacility/code")),
    )
