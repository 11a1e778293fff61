"""Identifiers, organisations and structures ⇄ Identifier, Organization (FR Core 2.1.0, Annuaire 1.1.0, CDS 2.0.1)."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, unquote

from gateway.model.codes import Coded
from gateway.model.identity import Identifier, Scheme
from gateway.model.people import Organization, Structure
from gateway.translate.fhir import codes, names
from gateway.translate.fhir.mentions import organization_key
from gateway.translate.fhir.node import JSON, Node, said
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Shelf

_KINDS = {"CPTS": "604", "MSP": "603", "CDS": "124", "DAC": "606"}
"""Kinds of structure the national list of establishments knows (TRE_R66)."""
_KIND_OF = {code: kind for kind, code in _KINDS.items()}
_OUR_KINDS = names.code_system("structure-kind")
_TYPES = {
    Scheme.SIREN: "SIREN",
    Scheme.SIRET: "SIRET",
    Scheme.RPPS_RANG: "INTRN",
    Scheme.ADELI_RANG: "INTRN",
    Scheme.ADELI: "ADELI",
}
_SYSTEMS = {scheme.url: scheme for scheme in Scheme if scheme.url and scheme.url != Scheme.SIREN.url}
_PREFIXES = {"0": Scheme.ADELI_RANG, "1": Scheme.FINESS, "2": Scheme.SIREN, "3": Scheme.SIRET, "4": Scheme.RPPS_RANG}

NATIONAL = {scheme: prefix for prefix, scheme in _PREFIXES.items()}
"""The digit before a structure's number in its national form (ANS, TRE_G08)."""


def identifier(one: Identifier, use: str | None = None) -> JSON:
    """An Identifier element; an OID becomes `urn:oid:`."""
    if one.scheme is Scheme.ADELI:  # as-practitioner has no ADELI slice: the national form stands for it (TRE_G08)
        return said(use=use, type=typed("IDNPS"), system=names.IDNPS, value="0" + one.value)
    word = _TYPES.get(one.scheme)
    system = system_uri(one.system) if one.system else one.scheme.url
    return said(use=use, type=typed(word) if word else None, system=system, value=one.value)


def typed(code: str) -> JSON:
    """An Identifier.type of the French list."""
    return {"coding": [{"system": names.IDENTIFIER_TYPES, "code": code}]}


def system_uri(system: str) -> str:
    """A local system as FHIR wants it: `1.2.3` → `urn:oid:1.2.3`; an address stays itself."""
    if re.fullmatch(r"[012](\.(0|[1-9]\d*))+", system):
        return f"urn:oid:{system}"
    return quote(system, safe=":/?#[]@!$&'()*+,;=%~")


def read_system(uri: str) -> str:
    """The local system a uri stands for."""
    return uri.removeprefix("urn:oid:") if uri.startswith("urn:oid:") else unquote(uri) if "%20" in uri else uri


def read_identifier(node: Node) -> JSON | None:
    """The canonical identifier; None for one of ours, or without value."""
    system, value = node.text("system"), node.text("value")
    if value is None or system is None or names.is_ours(system):
        return None
    if system == Scheme.SIREN.url:
        return {"scheme": Scheme.SIREN if len(value) == 9 else Scheme.SIRET, "value": value}
    if system == names.IDNPS and value[0] == "0":
        return {"scheme": "ADELI", "value": value[1:]}
    if system == names.IDNST:
        return {"scheme": _PREFIXES.get(value[0], Scheme.LOCAL), "value": value[1:]}
    if system in _SYSTEMS:
        return {"scheme": _SYSTEMS[system], "value": value}
    return {"scheme": "LOCAL", "value": value, "system": read_system(system)}


def refer(shelf: Shelf, body: Organization, *, within: bool = False) -> JSON:
    """A Reference to the organisation, put on the shelf once; what this mention says otherwise stays on it.

    `within` when another is being written as part of it: what it is itself part of is then left out, for two
    structures may each be said to be part of the other.
    """
    kind, key = type(body), f"organization {organization_key(body)}"
    reference = {"reference": shelf.find(key) or _put(shelf, shelf.mentions.organization(body), key, within)}
    keep(reference, kind, tree_of(body), _read(shelf.look(reference).target(), kind))
    return reference


def read_reference(node: Node, kind: type[Organization] = Organization) -> JSON | None:
    """The organisation a Reference names; None when there is no Reference."""
    return complete(node, kind, _read(node.target(), kind)) if node else None


def _put(shelf: Shelf, body: Organization, key: str, within: bool) -> str:
    if isinstance(body, Structure) and (
        within or (body.part_of and organization_key(body.part_of) == organization_key(body))
    ):
        body = replace(body, part_of=None)
    return shelf.put(key, _organization(shelf, body), *_conditional(shelf, body))


def _conditional(shelf: Shelf, body: Organization) -> tuple[str, str]:
    if body.national:
        return names.IDNST, body.national
    if body.identifiers:
        local = identifier(body.identifiers[0])
        return str(local["system"]), str(local["value"])
    return shelf.ours("organization"), shelf.mint("organization", str(body.name))


def _organization(shelf: Shelf, body: Organization) -> JSON:
    found = [identifier(one) for one in body.ids]
    short = ((Scheme.FINESS, body.finess), (Scheme.SIRET, body.siret))
    found += [identifier(Identifier(scheme, value), "usual") for scheme, value in short if value]
    if body.national:
        found.append({"use": "official", "type": typed("IDNST"), "system": names.IDNST, "value": body.national})
    if not found:
        system, value = _conditional(shelf, body)
        found.append({"system": system, "value": value})
    types = []
    if body.sector:
        mark = {"url": names.ORGANIZATION_TYPES, "valueCode": "secteurActiviteRASS"}
        types.append({"extension": [mark], **codes.concept(shelf.terms, Coded(code=body.sector, list="R02"))})
    part_of = None
    if isinstance(body, Structure):
        types.append(_kind(shelf, body))
        part_of = refer(shelf, body.part_of, within=True) if body.part_of else None
    profile = {"profile": [names.ORGANIZATION]}
    return {
        "resourceType": "Organization",
        "meta": profile,
        **said(identifier=found, type=types, name=body.name, partOf=part_of),
    }


def _kind(shelf: Shelf, body: Structure) -> JSON:
    if body.kind in _KINDS:
        return said(**codes.concept(shelf.terms, Coded(code=_KINDS[body.kind], list="R66")), text=body.kind_detail)
    return said(coding=[{"system": _OUR_KINDS, "code": body.kind}], text=body.kind_detail)


def _read(node: Node, kind: type[Organization]) -> JSON:
    return node.once(issubclass(kind, Structure), lambda: _read_organization(node, kind))


def _read_organization(node: Node, kind: type[Organization]) -> JSON:
    ids: list[JSON] = []
    tree: JSON = {}
    derived = []
    for one in node.each("identifier"):
        found = read_identifier(one)
        short = {"FINESS": "finess", "SIRET": "siret"}.get(found["scheme"]) if found else None
        if found is None:
            continue
        if one.text("system") == names.IDNST:
            derived.append(found)
        elif one.text("use") == "usual" and short and short not in tree:
            tree[short] = found["value"]
        else:
            ids.append(found)
    known = {(one["scheme"], one["value"]) for one in ids} | {
        (scheme, tree[name]) for scheme, name in (("FINESS", "finess"), ("SIRET", "siret")) if name in tree
    }
    ids += [one for one in derived if (one["scheme"], one["value"]) not in known]
    tree |= said(ids=ids, name=node.text("name"))
    for concept in node.each("type"):
        for code in concept.each("coding"):
            system, word = code.text("system"), code.text("code")
            if system == names.SECTOR:
                tree.setdefault("sector", word)
            elif issubclass(kind, Structure) and system in (_OUR_KINDS, names.ESTABLISHMENT):
                other = word if system == _OUR_KINDS else "OTHER"  # of 300 categories of establishments, four are ours
                tree |= said(kind=_KIND_OF.get(word or "", other), kind_detail=concept.text("text"))
    if issubclass(kind, Structure):
        tree |= said(part_of=read_reference(node.one("partOf")))
    return said(**tree)
