"""Which guide a transaction follows: by what it claims, by the event it names, else by its entries."""

from __future__ import annotations

from typing import Any

from gateway.model.event import KINDS
from gateway.translate.fhir import names, profile_of

TAKEN = {
    "CareTeam POST": names.TEAM_CREATION,
    "CareTeam PUT": names.TEAM_UPDATE,
    "List DocumentReference": names.PROVIDE_DOCUMENT,
}
"""What the entries hold → the profile they are judged by."""

_MHD = tuple(
    f"{names.MHD}/StructureDefinition/IHE.MHD.{level}.ProvideBundle"
    for level in ("Comprehensive", "Minimal", "UnContained.Comprehensive")
)


def guide_of(bundle: Any) -> str | None:
    """The canonical of the profile a transaction is to be judged by, or None when it is of no guide we take.

    One that it claims itself (`meta.profile`) comes first; a Bundle of ours that names its event is of our own.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        return None
    meta = bundle.get("meta")
    claimed = meta.get("profile") if isinstance(meta, dict) else None
    for one in claimed if isinstance(claimed, list) else ():
        url = str(one).partition("|")[0]
        if url in (*TAKEN.values(), *_MHD) or url.startswith(names.profile("")):
            return url
    return _by_tag(meta) or _by_entries(bundle)


def _by_tag(meta: Any) -> str | None:
    tags = meta.get("tag") if isinstance(meta, dict) else None
    for one in tags if isinstance(tags, list) else ():
        if isinstance(one, dict) and one.get("system") == names.EVENT_TYPE and one.get("code") in KINDS:
            return profile_of(KINDS[one["code"]])
    return None


def _by_entries(bundle: dict[str, Any]) -> str | None:
    held: dict[str, str] = {}
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        request = entry.get("request") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            method = request.get("method") if isinstance(request, dict) else None
            held.setdefault(str(resource.get("resourceType")), str(method))
    if "CareTeam" in held:
        return TAKEN.get(f"CareTeam {held['CareTeam']}")
    return TAKEN["List DocumentReference"] if held.keys() >= {"List", "DocumentReference"} else None
