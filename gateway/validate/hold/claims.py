"""Which profiles a resource is to be checked against: those it claims, and those FHIR asks of it."""

from __future__ import annotations

from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.element import Structure
from gateway.validate.hold.literal import RESOURCE_TYPES
from gateway.validate.hold.vital_signs import VITAL_SIGNS
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


def claimed(run: Run, scope: Scope, structures: Structures) -> tuple[Structure, ...]:
    """The profiles of `meta.profile` that can be checked, then the vital signs profile R4 asks for by LOINC code.

    Told: a profile no package has (warning), one for another type (error), another version than the one claimed.
    """
    found: dict[str, Structure] = {}
    meta = scope.resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for index, canonical in enumerate(profiles if isinstance(profiles, list) else []):
        if isinstance(canonical, str) and canonical:
            place = (((scope.place, "meta", "meta"), "profile", "profile"), index, f"[{index}]")
            profile = _claim(run, place, canonical, scope.resource.get("resourceType"), structures)
            if profile is not None and profile.derivation == "constraint":
                found.setdefault(profile.url, profile)
    profile = structures.get(asked) if (asked := _vital_sign(scope.resource)) else None
    if profile is not None and profile.url not in found:
        found[profile.url] = profile
        run.tell(scope.place, "vital-signs", profile.canonical)
    return tuple(found.values())


def _claim(run: Run, place: Place, canonical: str, name: Any, structures: Structures) -> Structure | None:
    profile = structures.get(canonical, run)
    if profile is None:
        broken = structures.broken.get(canonical)
        if broken is None:
            run.tell(place, "profile-unknown", canonical[:200])
        else:
            run.tell(place, "profile-broken", canonical[:200], what=broken.what, where=broken.where)
        return None
    if profile.type != name and profile.type not in ("Resource", "DomainResource"):
        found = name if name in RESOURCE_TYPES else "?"
        run.tell(place, "profile-type", profile.canonical, type=profile.type, found=found)
        return None
    version = canonical.partition("|")[2]
    if version and profile.version and profile.version != version:
        run.tell(place, "profile-other-version", canonical[:200], version=profile.version)
    return profile


def _vital_sign(resource: dict[str, Any]) -> str:
    """The canonical of the profile FHIR asks of an Observation with this code, "" for most."""
    code = resource.get("code") if resource.get("resourceType") == "Observation" else None
    codings = code.get("coding") if isinstance(code, dict) else None
    for coding in codings if isinstance(codings, list) else []:
        if isinstance(coding, dict) and coding.get("system") == "http://loinc.org":
            asked = VITAL_SIGNS.get(str(coding.get("code")))
            if asked:
                return asked
    return ""
