"""Rules on what a validation lacked to say more."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

PACKAGES = {
    "core-absent": Rule(
        "information",
        "incomplete",
        "Le paquet hl7.fhir.r4.core n'est pas installé : les types de base viennent de modèles, ni les longues listes "
        "ni les profils de HL7 n'ont été jugés (passerelle profiles install).",
        "Package hl7.fhir.r4.core is not installed: base types come from models, and neither long code lists nor HL7's "
        "own profiles have been judged (passerelle profiles install).",
    ),
}
