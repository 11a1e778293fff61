"""Extensions: is their definition known, may they stand here, and do they change the meaning of what holds them?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.element import Structure
from gateway.validate.hold.contexts import Contexts, steps_to
from gateway.validate.hold.literal import is_absolute
from gateway.validate.place import Place, keys_of
from gateway.validate.run import Run, Scope

Holds = Callable[[Run, Scope, Any, str, str], bool | None]
Publishes = Callable[[str], bool]

_OTHER_VERSION = re.compile(r"http://hl7\.org/fhir/\d\.\d/StructureDefinition/extension-.+")
_EXAMPLE = re.compile(r"https?://(\w+\.)*example\.(com|net|org)/")  # RFC 2606: nobody's, an example
_WHERE = re.compile(r"([A-Z]\w*(?:\.[a-z]\w*)*)(?:\.where\((.*)\))?")


class Extensions:
    """Judges extensions by their definitions, and by whoever says whether FHIRPath is true of a value."""

    def __init__(self, structures: Structures, holds: Holds | None, publishes: Publishes | None = None) -> None:
        self._structures = structures
        self._holds = holds
        self._publishes = publishes
        self._contexts = Contexts(structures)

    def check(self, run: Run, scope: Scope, place: Place, value: dict[str, Any], *, modifier: bool) -> Structure | None:
        """Tell what is wrong with the extension at `place`, and return its definition, to check the item against.

        None when there is nothing to check it against: no definition is known, or it is a part of another extension
        (its url is relative), whose definition says what it may be.
        """
        url = value.get("url")
        if not isinstance(url, str) or not url:
            return None
        if not is_absolute(url):
            if not _in_extension(place):
                run.tell(place, "extension-url-relative")
            return None
        definition = self._structures.get(url, run)
        if definition is None or definition.type != "Extension":
            self._tell_unknown(run, place, url, modifier)
            return None
        canonical = definition.canonical
        if modifier != definition.root.modifier:
            run.tell(place, "extension-modifier" if modifier else "extension-not-modifier", canonical, url=url)
        held = _element_place(place)
        if definition.contexts and not any(
            self._may_stand(run, scope, held, kind, expression) for kind, expression in definition.contexts
        ):
            allowed = ", ".join(expression for _, expression in definition.contexts)
            run.tell(place, "extension-context", canonical, url=url, allowed=allowed)
        for expression in definition.context_invariants:
            judged = self._judged(run, scope, held, expression)
            if judged is not True:
                rule = "extension-invariant" if judged is False else "extension-invariant-unknown"
                run.tell(place, rule, canonical, expression=expression)
        return definition

    def _tell_unknown(self, run: Run, place: Place, url: str, modifier: bool) -> None:
        if _OTHER_VERSION.fullmatch(url):
            rule = "extension-other-version"
        elif modifier and not _EXAMPLE.match(url):
            rule = "modifier-extension-unknown"
        elif self._publishes is not None and self._publishes(url):
            rule = "extension-of-no-guide"
        else:
            rule = "extension-unknown"
        run.tell(place, rule, url=url[:200])

    def _may_stand(self, run: Run, scope: Scope, held: Place, kind: str, expression: str) -> bool:
        """StructureDefinition.context: an element by one of its names, an extension by its url, or FHIRPath."""
        if kind == "extension":
            return expression in _extensions_at(scope, held)
        names = self._contexts.names(steps_to(scope, held))
        if kind == "element":
            return _is_named(expression, names)
        path = _WHERE.fullmatch(expression)
        if path is None:  # what any other FHIRPath selects is not looked for
            run.tell(held, "extension-invariant-unknown", expression=expression)
            return True
        return path[1] in names and (not path[2] or self._judged(run, scope, held, path[2]) is not False)

    def _judged(self, run: Run, scope: Scope, held: Place, expression: str) -> bool | None:
        """Whether an expression is true of the element an extension stands on. `%extension` is not known."""
        if self._holds is None or "%extension" in expression:
            return None
        return self._holds(run, scope, _value_at(scope, held), self._contexts.type(steps_to(scope, held)), expression)


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
