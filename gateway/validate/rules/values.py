"""Rules on values, and on the profiles a value must conform to (those that cannot be asked: see references)."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

VALUES = {
    "fixed": Rule(
        "error",
        "value",
        "La valeur de « {element} » est fixée par le profil : attendu exactement « {asked} ».",
        "The profile fixes the value of “{element}”: expected exactly “{asked}”.",
    ),
    "pattern": Rule(
        "error",
        "value",
        "« {element} » doit {fr} « {asked} », que demande le profil.",
        "“{element}” must {en} “{asked}”, as the profile asks.",
    ),
    "min-value": Rule(
        "error",
        "value",
        "« {element} » est inférieur au minimum permis, {asked}.",
        "“{element}” is below the least allowed, {asked}.",
    ),
    "max-value": Rule(
        "error",
        "value",
        "« {element} » est supérieur au maximum permis, {asked}.",
        "“{element}” is above the most allowed, {asked}.",
    ),
    "max-length": Rule(
        "error",
        "too-long",
        "« {element} » a plus de {max} caractères.",
        "“{element}” is longer than {max} characters.",
    ),
    "min-length": Rule(
        "error",
        "value",
        "« {element} » a moins de {min} caractères.",
        "“{element}” is shorter than {min} characters.",
    ),
    "value-missing": Rule(
        "error",
        "required",
        "« {element} » doit avoir une valeur : des extensions seules ne suffisent pas.",
        "“{element}” must have a value: extensions alone are not enough.",
    ),
    "value-alternative": Rule(
        "error",
        "required",
        "« {element} » doit avoir une valeur, ou l'une de ces extensions : {asked}.",
        "“{element}” must have a value, or one of these extensions: {asked}.",
    ),
    "profile-none": Rule(
        "error",
        "structure",
        "« {element} » n'est conforme à aucun des profils permis : {profiles}.",
        "“{element}” conforms to none of the profiles allowed: {profiles}.",
    ),
    "profile-type": Rule(
        "error",
        "structure",
        "Ce profil porte sur le type {type}, la valeur est de type {found}.",
        "This profile is for type {type}, the value is of type {found}.",
    ),
}
