"""definitions: rules of resources that define others, beyond their own structure and invariants."""

from __future__ import annotations

from gateway.validate.compile import Structures
from gateway.validate.definitions.profiles import check_profile
from gateway.validate.definitions.searches import check_capabilities, check_search_parameter
from gateway.validate.run import Run, Scope

__all__ = ["check_definition"]

_CHECKS = {
    "StructureDefinition": check_profile,
    "SearchParameter": check_search_parameter,
    "CapabilityStatement": check_capabilities,
}


def check_definition(run: Run, scope: Scope, structures: Structures) -> None:
    """Tell where a StructureDefinition, SearchParameter or CapabilityStatement contradicts what it refers to."""
    name = scope.resource.get("resourceType")
    check = _CHECKS.get(name) if isinstance(name, str) else None
    if check is not None:
        check(run, scope, structures)
