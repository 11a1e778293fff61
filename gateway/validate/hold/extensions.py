"""Extensions: is their definition known, may they stand here, and do they change the meaning of what holds them?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.element import Structure
from gateway.validate.hold.contexts import names_at, steps_to, type_at
from gateway.validate.hold.literal import is_absolute
from gateway.validate.place import Place, keys_of
from gateway.validate.run import Run, Scope

Holds = Callable[[Run, Scope, Any, str, str], bool | None]

_OTHER_VERSION = re.compile(r"http://hl7\.org/fhir/\d\.\d/StructureDefinition/extension-.+")
_EXAMPLE = re.compile(r"https?://(\w+\.)*example\.(com|net|org)/")  # RFC 2606: nobody's, an example
_WHERE = re.compile(r"([A-Z]\w*(?:\.[a-z]\w*)*)(?:\.where\((.*)\))?")


def check_extension(
    run: Run,
    scope: Scope,
    place: Place,
    value: dict[str, Any],
    structures: Structures,
    *,
    modifier: bool,
    holds: Holds | None,
) -> Structure | None:
    """Tell what is wrong with the extension at `place`, and return its definition, for the item to be checked against.

    None when there is nothing to check it against: no definition is known, or it is a part of another extension (its
    url is relative), whose definition says what it may be.
    """
    url = value.get("url")
    if not isinstance(url, str) or not url:
        return None
    if not is_absolute(url):
        if not _in_extension(place):
            run.tell(place, "extension-url-relative", url=url[:200])
        return None
    definition = structures.get(url)
    if definition is None or definition.type != "Extension":
        _tell_unknown(run, place, url, modifier)
        return None
    if modifier != definition.root.modifier:
        run.tell(place, "extension-modifier" if modifier else "extension-not-modifier", definition.canonical, url=url)
    if not _may_stand(run, scope, place, definition, structures, holds):
        allowed = ", ".join(expression for _, expression in definition.contexts)
        run.tell(place, "extension-context", definition.canonical, url=url, allowed=allowed)
    for expression in definition.context_invariants:
        _check_invariant(run, scope, place, definition, expression, structures, holds)
    return definition


def _tell_unknown(run: Run, place: Place, url: str, modifier: bool) -> None:
    if _OTHER_VERSION.fullmatch(url):
        run.tell(place, "extension-other-version", url=url[:200])
    elif modifier and not _EXAMPLE.match(url):
        run.tell(place, "modifier-extension-unknown", url=url[:200])
    else:
        run.tell(place, "extension-unknown", url=url[:200])


def _check_invariant(
    run: Run,
    scope: Scope,
    place: Place,
    definition: Structure,
    expression: str,
    structures: Structures,
    holds: Holds | None,
) -> None:
    """StructureDefinition.contextInvariant: true of the element the extension stands on. `%extension` is not known."""
    held = _element_place(place)
    judged = None
    if holds is not None and "%extension" not in expression:
        judged = holds(run, scope, _value_at(scope, held), type_at(steps_to(scope, held), structures), expression)
    if judged is None:
        run.tell(place, "extension-invariant-unknown", definition.canonical, expression=expression)
    elif not judged:
        run.tell(place, "extension-invariant", definition.canonical, expression=expression)


def _may_stand(
    run: Run, scope: Scope, place: Place, definition: Structure, structures: Structures, holds: Holds | None
) -> bool:
    if not definition.contexts:
        return True
    held = _element_place(place)
    steps = steps_to(scope, held)
    names = names_at(steps, structures)
    for kind, expression in definition.contexts:
        if kind == "element" and _is_named(expression, names):
            return True
        if kind == "extension" and expression in _extensions_at(scope, held):
            return True
        if kind == "fhirpath":
            path = _WHERE.fullmatch(expression)
            if path is None:
                return True
            value = _value_at(scope, held)
            if path[1] in names and (
                not path[2]
                or holds is None
                or holds(run, scope, value, type_at(steps, structures), path[2]) is not False
            ):
                return True
    return False


def _is_named(expression: str, names: frozenset[str]) -> bool:
    """`Element` is anywhere. A path in a profile (`canonical#path`) is taken for the path."""
    return expression == "Element" or expression in names or expression.rpartition("#")[2] in names


def _element_place(place: Place) -> Place:
    """The element an extension stands on: above its number and the word `extension`."""
    above = place[0] if place[2].startswith("[") else place
    holding = above[0] if above is not None else None
    return holding if holding is not None else place


def _in_extension(place: Place) -> bool:
    holding = _element_place(place)
    while holding[2].startswith("[") and holding[0] is not None:
        holding = holding[0]
    return holding[2] in ("extension", "modifierExtension")


def _extensions_at(scope: Scope, place: Place) -> set[str]:
    """The url of the extension at this place, and of the one whose value stands there."""
    above = place[0]
    values = [_value_at(scope, place), _value_at(scope, above) if above is not None else None]
    return {str(value["url"]) for value in values if isinstance(value, dict) and "url" in value}


def _value_at(scope: Scope, place: Place) -> Any:
    value: Any = scope.resource
    for key in keys_of(place)[len(keys_of(scope.place)) :]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value
