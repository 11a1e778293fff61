"""A code system, compact: its codes, what they are called, which stand under which, which are no longer used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.validate.terms.members import Part, Rest
from gateway.validate.terms.verdict import NO, YES, Verdict

_CONCEPT_PROPERTIES = "http://hl7.org/fhir/concept-properties#"
_TEMPLATES = {"xxx": "[A-Z0-9]{3}", "nnnn": "[0-9]{4}"}
_ENDED_STATUS = frozenset({"retired", "inactive"})


@dataclass(slots=True, eq=False)
class System:
    """A code system whose definition is here. Codes are casefolded when it does not tell cases (`fold`).

    content    complete | fragment | example | not-present; a supplement is none of these: see `supplements`
    displays   of each code everything it is called, its designations in any language too
    written    of each code that is written otherwise than it is kept, how
    abstract   codes that group others and are not meant to be used; ended: codes no longer in use at its date
    children   of each code that has any: the codes right under it
    whole      all of it as a part of a value set
    """

    url: str
    version: str
    content: str
    fold: bool
    supplements: str = ""
    displays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    abstract: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    whole: Part = field(default_factory=lambda: Part({}, NO))

    def key(self, code: str) -> str:
        """A code as it is kept here."""
        return code.casefold() if self.fold else code

    @property
    def canonical(self) -> str:
        """Its url, with its version when it has one."""
        return f"{self.url}|{self.version}" if self.version else self.url

    @property
    def others(self) -> Verdict:
        """What holds of a code that is not in it."""
        if self.content == "complete":
            return NO
        return Verdict(None, "system" if self.content == "not-present" else "fragment", self.url)


def concepts(definition: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every concept of a CodeSystem that has a code, with the code it is nested under ("" for none)."""
    waiting = [(concept, "") for concept in reversed(dicts(definition.get("concept")))]
    while waiting:
        concept, above = waiting.pop()
        code = concept.get("code")
        if isinstance(code, str) and code:
            yield concept, above
            waiting.extend((under, code) for under in reversed(dicts(concept.get("concept"))))


def values_of(concept: dict[str, Any], name: str) -> Iterator[Any]:
    """The values a concept has for a property."""
    for held in dicts(concept.get("property")):
        if held.get("code") == name:
            for key, value in held.items():
                if key.startswith("value"):
                    yield value


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing of anything else (a definition may be broken)."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def system_of(definition: dict[str, Any]) -> System:
    """Read a CodeSystem (R4 §4.8)."""
    known = list(concepts(definition))
    content = str(definition.get("content", "not-present"))
    system = System(
        url=str(definition.get("url", "")),
        version=str(definition.get("version", "")),
        content=content if known else "not-present",
        # R4 leaves what no `caseSensitive` means open; the codes HL7 publishes without one are told apart
        fold=definition.get("caseSensitive") is False,
        supplements=str(definition.get("supplements", "")) or ("?" if content == "supplement" else ""),
    )
    names = _property_names(definition)
    published = str(definition.get("date", ""))[:10]
    under: dict[str, list[str]] = {}
    abstract, ended = set(), set()
    for concept, above in known:
        code = system.key(concept["code"])
        system.displays[code] = called(concept)
        if code != concept["code"]:
            system.written[code] = concept["code"]
        if above:
            under.setdefault(system.key(above), []).append(code)
        for parent in _codes(concept, names["parent"]):
            under.setdefault(system.key(parent), []).append(code)
        under.setdefault(code, []).extend(system.key(child) for child in _codes(concept, names["child"]))
        if any(True in values_of(concept, name) for name in names["notSelectable"]):
            abstract.add(code)
        if _is_ended(concept, published):
            ended.add(code)
    system.children = {code: tuple(dict.fromkeys(codes)) for code, codes in under.items() if codes}
    system.abstract, system.ended = frozenset(abstract), frozenset(ended)
    system.whole = Part(dict.fromkeys(system.displays, YES), _rest(system), system.fold)
    return system


def _rest(system: System) -> Rest:
    """What holds of codes not listed. HL7 v2 lists families by a template: `NNxxx` for `NNFRA`, `HL7nnnn`."""
    families = [
        re.escape(code.removesuffix(ending)) + any_of
        for code in system.displays
        for ending, any_of in _TEMPLATES.items()
        if code.endswith(ending) and code != ending
    ]
    others = system.others
    if not families:
        return others
    member = re.compile("|".join(families))
    return lambda code: YES if member.fullmatch(code) else others


def property_types(definition: dict[str, Any]) -> dict[str, str]:
    """The types of a code system's properties, by their codes."""
    return {str(one.get("code")): str(one.get("type")) for one in dicts(definition.get("property"))}


def _property_names(definition: dict[str, Any]) -> dict[str, set[str]]:
    """What this code system calls the properties that every code system may have (R4 §4.8.10.1)."""
    names = {"parent": {"parent", "subsumedBy"}, "child": {"child"}, "notSelectable": {"notSelectable", "abstract"}}
    for held in dicts(definition.get("property")):
        meaning = str(held.get("uri", "")).removeprefix(_CONCEPT_PROPERTIES)
        if meaning in names and isinstance(held.get("code"), str):
            names[meaning].add(held["code"])
    return names


def _codes(concept: dict[str, Any], names: set[str]) -> Iterator[str]:
    for name in names:
        for value in values_of(concept, name):
            if isinstance(value, str):
                yield value


def called(concept: dict[str, Any]) -> tuple[str, ...]:
    """Its display and its designations, whatever their language."""
    texts = [concept.get("display"), *(one.get("value") for one in dicts(concept.get("designation")))]
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str) and text))


def _is_ended(concept: dict[str, Any], published: str) -> bool:
    """HL7's `inactive` and `status`; the `dateFin` of the NOS when it had passed at the date of publication."""
    if True in values_of(concept, "inactive") or not _ENDED_STATUS.isdisjoint(
        value for value in values_of(concept, "status") if isinstance(value, str)
    ):
        return True
    return any(str(end)[:10] <= published for end in values_of(concept, "dateFin"))
