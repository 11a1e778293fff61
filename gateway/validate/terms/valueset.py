"""Value sets made ready: what `compose` and `expansion` say, as members (R4 §4.9)."""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

from gateway.validate.run import Run
from gateway.validate.terms.definitions import Definitions
from gateway.validate.terms.expansion import contained_in, expanded
from gateway.validate.terms.filters import matches, matching, pattern_of
from gateway.validate.terms.grammar import GRAMMARS, LOINC, SNOMED, judge_form
from gateway.validate.terms.members import Members, Part, combined
from gateway.validate.terms.system import System, called, dicts, system_of
from gateway.validate.terms.verdict import NO, YES, Verdict, both, but_not, either

_DEEPEST = 30
"""How many value sets may import one another in a row."""
_MOST_ASKED, _LONGEST = 4_096, 300
"""Names of systems remembered, and characters of one: instances give them, and must not fill the memory."""
_READING = 1_000
"""Steps of a run: about two milliseconds."""


class ValueSets:
    """Value sets and code systems by canonical, made when first asked for and kept, compact.

    Safe to share between threads: at worst one is made twice.
    """

    def __init__(self, library: Definitions) -> None:
        self._library = library
        self._members: dict[str, Members] = {}
        self._systems: dict[tuple[str, str], System] = {}
        self._asked: dict[str, System | None] = {}

    def system(self, canonical: str, run: Run | None = None) -> System | None:
        """The code system (url or url|version); None when its definition is not here.

        run  what pays for reading the definition, where an instance and no definition names the system
        """
        try:
            return self._asked[canonical]
        except KeyError:
            definition = self._library.code_system(canonical)
        found = None if definition is None else self._kept(definition)
        if found is not None and run is not None:
            run.step(_READING)
        if len(self._asked) >= _MOST_ASKED:
            self._asked.clear()
        if len(canonical) <= _LONGEST:
            self._asked[canonical] = found
        return found

    def _kept(self, definition: dict[str, Any]) -> System:
        """A code system is made once, by whatever name it is asked for."""
        named = (str(definition.get("url", "")), str(definition.get("version", "")))
        made = self._systems.get(named)
        if made is None:
            made = self._systems[named] = system_of(definition)
        return made

    def definition(self, canonical: str) -> dict[str, Any] | None:
        """The CodeSystem itself, which is not kept."""
        return self._library.code_system(canonical)

    def members(self, canonical: str) -> Members:
        """The members of a value set. One whose definition is not here decides nothing."""
        found = self._members.get(canonical)
        if found is None:
            found = self._members[canonical] = self._made(canonical, ())
        return found

    def displays(self, canonical: str, system: str, code: str) -> list[str]:
        """What a value set itself calls a code; none where it leaves that to the code system."""
        definition = self._definition(canonical) or {}
        compose, expansion = definition.get("compose"), definition.get("expansion")
        named = [
            concept
            for clause in (dicts(compose.get("include")) if isinstance(compose, dict) else ())
            if clause.get("system") == system
            for concept in dicts(clause.get("concept"))
        ]
        if isinstance(expansion, dict):
            named += [one for one in contained_in(expansion) if one.get("system") == system]
        return [text for one in named if one.get("code") == code for text in called(one)]

    def _definition(self, canonical: str) -> dict[str, Any] | None:
        holder, mark, name = canonical.partition("#")
        if not mark:
            return self._library.value_set(canonical)
        within = dicts((self._library.find(holder) or {}).get("contained"))
        return next((one for one in within if one.get("resourceType") == "ValueSet" and one.get("id") == name), None)

    def _made(self, canonical: str, importing: tuple[str, ...]) -> Members:
        if canonical in self._members:
            return self._members[canonical]
        url = canonical.partition("|")[0]
        if url in importing or len(importing) > _DEEPEST:
            return Members({}, Verdict(None, "circle", canonical))
        definition = self._definition(canonical)
        if definition is None:
            return self._implicit(url) or Members({}, Verdict(None, "value-set", canonical), "", canonical)
        made = self._defined(definition, (*importing, url))
        made.title = str(definition.get("title") or definition.get("name") or "")
        version = definition.get("version")
        made.canonical = f"{definition.get('url', url)}|{version}" if version else str(definition.get("url", url))
        return made

    def _implicit(self, url: str) -> Members | None:
        """Value sets that no definition is needed for: those of a system's own address, and CodeSystem.valueSet."""
        for system in (SNOMED, LOINC):
            if url.startswith((f"{system}?fhir_vs", f"{system}/vs")):
                return Members({system: Part({}, Verdict(None, "system", system))}, NO, "", url)
        # Only its definition says which value set is all of a system: the way such pairs are named is tried
        for guess in (url.replace("/ValueSet/", "/CodeSystem/"), url.replace("/ValueSet/", "/")):
            definition = self._library.code_system(guess) if guess != url else None
            if definition is not None and str(definition.get("valueSet", "")).partition("|")[0] == url:
                system = str(definition.get("url", guess))
                return Members({system: self._whole(system, guess)}, NO, str(definition.get("title", "")), url)
        return None

    def _defined(self, definition: dict[str, Any], importing: tuple[str, ...]) -> Members:
        expansion = definition.get("expansion")
        compose = definition.get("compose")
        made = None
        if isinstance(compose, dict):
            made = self._composed(compose, importing)
            if not isinstance(expansion, dict) or _is_decided(made):
                return made
        if isinstance(expansion, dict):
            listed, complete = expanded(expansion, importing[-1])
            return listed if complete or made is None else combined(listed, made, either)
        return Members({}, Verdict(None, "value-set", importing[-1]))

    def _composed(self, compose: dict[str, Any], importing: tuple[str, ...]) -> Members:
        included = [self._clause(one, importing) for one in dicts(compose.get("include"))]
        made = reduce(lambda a, b: combined(a, b, either), included, Members())
        for one in dicts(compose.get("exclude")):
            made = combined(made, self._clause(one, importing), but_not)
        if compose.get("inactive") is False:
            made = combined(made, self._ended(made), but_not)
        return made

    def _ended(self, members: Members) -> Members:
        parts = {}
        for url in members.parts:
            system = self.system(url)
            if system is not None and system.ended:
                parts[url] = Part(dict.fromkeys(system.ended, YES), NO, system.fold)
        return Members(parts)

    def _clause(self, clause: dict[str, Any], importing: tuple[str, ...]) -> Members:
        """One include or exclude: the codes of a system, those of value sets, or those that are in all of them."""
        sets = []
        url = clause.get("system")
        if isinstance(url, str):
            sets.append(Members({url: self._part(url, clause)}))
        imported = clause.get("valueSet")
        for canonical in imported if isinstance(imported, list) else ():
            if isinstance(canonical, str):
                sets.append(self._made(canonical, importing))
        return reduce(lambda a, b: combined(a, b, both), sets) if sets else Members()

    def _part(self, url: str, clause: dict[str, Any]) -> Part:
        version = clause.get("version")
        canonical = f"{url}|{version}" if isinstance(version, str) and version else url
        named = [one["code"] for one in dicts(clause.get("concept")) if isinstance(one.get("code"), str)]
        if named:
            system = self.system(canonical)
            part = Part(dict.fromkeys(named, YES), NO)
            return part.folded() if system is not None and system.fold else part
        filters = dicts(clause.get("filter"))
        return self._filtered(url, canonical, filters) if filters else self._whole(url, canonical)

    def _whole(self, url: str, canonical: str) -> Part:
        system = self.system(canonical)
        if system is not None and system.content != "not-present":
            return system.whole
        if url in GRAMMARS:
            return Part({}, partial(judge_form, url))
        return Part({}, Verdict(None, "system", url))

    def _filtered(self, url: str, canonical: str, filters: list[dict[str, Any]]) -> Part:
        system = self.system(canonical)
        if system is None or system.content == "not-present":
            return self._by_form(url, canonical, filters)
        codes = matching(system, self._library.code_system(canonical) or {}, filters)
        if codes is None:
            return Part({}, Verdict(None, "filter", url))
        listed = dict.fromkeys(codes, YES)
        if system.content != "complete":
            listed = {**dict.fromkeys(system.displays, NO), **listed}
        return Part(listed, system.others, system.fold)

    def _by_form(self, url: str, canonical: str, filters: list[dict[str, Any]]) -> Part:
        """Of a system whose codes are not here, a pattern on the code alone can be applied."""
        whole = self._whole(url, canonical)
        patterns = [
            pattern_of(str(one.get("value", "")))
            for one in filters
            if one.get("op") == "regex" and one.get("property") in ("code", "concept")
        ]
        known = [pattern for pattern in patterns if pattern is not None]
        undecided = YES if len(known) == len(filters) else Verdict(None, "system", url)

        def judge(code: str) -> Verdict:
            if not all(matches(pattern, code) for pattern in known):
                return NO
            return both(whole.judge(code), undecided)

        return Part({}, judge)


def _is_decided(members: Members) -> bool:
    return members.elsewhere.answer is not None and all(
        isinstance(part.rest, Verdict)
        and part.rest.answer is not None
        and all(told.answer is not None for told in part.listed.values())
        for part in members.parts.values()
    )
