"""What a definition asks of a narrative by extension: where its parts come from, in which languages they are.

Each becomes a constraint with an expression of our own (`gateway.validate.invariants.narrative` judges it):
`narrative-source`, `narrative-language _no | _yes | _resource | <a language>`.
"""

from __future__ import annotations

from typing import Any

from gateway.validate.element import Constraint

SOURCE = "narrative-source"
LANGUAGE = "narrative-language "
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
_LANGUAGES = {
    "_no": "The narrative has no sections by language.",
    "_yes": "The narrative has at least one section by language.",
    "_resource": "The narrative has a section in the language of the resource.",
}


def narrative_constraints(definition: dict[str, Any]) -> tuple[Constraint, ...]:
    """The constraints of an ElementDefinition's extensions narrative-source-control and narrative-language-control.

    The first's own severity is left aside, as the reference does: a definition that asks for it asks for it.
    """
    found = []
    for extension in definition.get("extension", ()):
        url, code = extension.get("url"), str(extension.get("valueCode", ""))
        if url == _EXTENSIONS + "narrative-source-control":
            human = "Every part of the narrative says where it comes from: class boilerplate, generated or original."
            found.append(Constraint("narrative-source-control", "error", human, SOURCE))
        elif url == _EXTENSIONS + "narrative-language-control":
            human = _LANGUAGES.get(code, f"The narrative has a section in the language {code[:20]}.")
            found.append(Constraint("narrative-language-control", "error", human, LANGUAGE + code))
    return tuple(found)
