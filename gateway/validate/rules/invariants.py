"""Rules of invariants. A broken one speaks under its own key (`pat-1`), with the sentence of its author,
or what this says in French."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

INVARIANTS = {
    "invariant": Rule(
        "error",
        "invariant",
        "La règle {constraint} de la définition n'est pas respectée : « {fr} »",
        "Constraint {constraint} of the definition is not met: “{en}”",
    ),
    "invariant-not-evaluated": Rule(
        "information",
        "not-supported",
        "La règle {constraint} n'a pas pu être évaluée ici ; à vérifier autrement : « {human} »",
        "Constraint {constraint} could not be evaluated here ({why}); check it another way: “{human}”",
    ),
    "invariant-prose": Rule(
        "information",
        "not-supported",
        "La règle {constraint} n'existe qu'en toutes lettres, sans expression à évaluer ; à vérifier : « {human} »",
        "Constraint {constraint} is prose only, without an expression to evaluate; check it: “{human}”",
    ),
}
