"""Codings by themselves: is the system one, is the code in it, is the display one of the code's?"""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

from gateway.validate.finding import Severity
from gateway.validate.place import Place
from gateway.validate.run import Run
from gateway.validate.terms.definitions import Definitions
from gateway.validate.terms.grammar import GRAMMARS, has_form
from gateway.validate.terms.provisional import note_last
from gateway.validate.terms.system import System, concepts, dicts
from gateway.validate.terms.valueset import ValueSets

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
MISNAMED, UNVERIFIED = "wrong-display", "unknown-system"
"""The rules that a value set which lists the code may answer."""
_LONGEST = 200


class Codings:
    """Judges codings against their code systems."""

    def __init__(self, library: Definitions, sets: ValueSets) -> None:
        self._library = library
        self._sets = sets

    def check(self, run: Run, place: Place, coding: dict[str, Any]) -> None:
        """Tell what is wrong with the system, code and display of a Coding (or the unit of a Quantity)."""
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(system, str):
            if isinstance(code, str) and "system" not in coding:
                run.tell(place, "no-system")
            return
        at_system = (place, "system", "system")
        if not is_absolute(system):
            run.tell(at_system, "system-relative")
            return
        version = coding.get("version")
        named = f"{system}|{version}" if isinstance(version, str) and version else system
        known = self._sets.system(named, run)
        if known is None:
            self._tell_other(run, at_system, coding, system)
        elif known.supplements:
            run.tell(at_system, "system-is-supplement", system=system[:_LONGEST])
            return
        if isinstance(code, str):
            self._check_code(run, place, coding, system, code, known)

    def _tell_other(self, run: Run, place: Place, coding: dict[str, Any], system: str) -> None:
        """Tell what a system is that is no code system known here."""
        if system in GRAMMARS:
            return
        found = self._library.find(system)
        kind = "" if found is None else found.get("resourceType")
        if kind == "CodeSystem":
            run.tell(place, "system-is-supplement", system=system[:_LONGEST])
        elif kind == "ValueSet" or "/ValueSet/" in system:
            run.tell(place, "system-is-value-set", system=system[:_LONGEST])
        else:
            run.tell(place, UNVERIFIED, system=system[:_LONGEST])
            note_last(run, coding)

    def _check_code(
        self, run: Run, place: Place, coding: dict[str, Any], system: str, code: str, known: System | None
    ) -> None:
        at_code = (place, "code", "code")
        if known is None or known.content == "not-present":
            grammar = GRAMMARS.get(system)
            if grammar is not None and not has_form(system, code):
                run.tell(at_code, "malformed-code", system=system, fr=grammar.fr, en=grammar.en)
            elif known is not None and not (grammar and grammar.whole):
                run.tell((place, "system", "system"), UNVERIFIED, system=system[:_LONGEST])
                note_last(run, coding)
            return
        key = known.key(code)
        texts = known.displays.get(key)
        if texts is None:
            if known.whole.judge(code).answer:
                return
            if known.content == "complete":
                # Another version of the system may have it
                other = coding.get("version") not in (None, known.version)
                severity: Severity | None = "warning" if other else None
                run.tell(at_code, "unknown-code", severity=severity, system=known.canonical)
            else:
                run.tell(at_code, "unknown-code-in-part", system=known.canonical)
            return
        if key in known.ended:
            run.tell(at_code, "ended-code", system=known.canonical)
        if key in known.abstract:
            run.tell(at_code, "abstract-code", system=known.canonical)
        display = coding.get("display")
        if isinstance(display, str) and display not in texts and texts:
            self._check_display(run, place, coding, known, texts)

    def _check_display(
        self, run: Run, place: Place, coding: dict[str, Any], system: System, texts: tuple[str, ...]
    ) -> None:
        """What would be right is not named: it would say what the code means, to whoever reads findings and no file."""
        said = _plain(coding["display"])
        more = [text for text in self._designations(system, coding["code"]) if text not in texts]
        if all(said != _plain(text) for text in (*texts, *more)):
            run.tell((place, "display", "display"), MISNAMED, system=system.canonical)
            note_last(run, coding)

    def _designations(self, system: System, code: str) -> list[str]:
        """What supplements call a code."""
        return [
            text
            for supplement in self._library.supplements(system.url)
            for concept, _ in concepts(supplement)
            if system.key(concept["code"]) == system.key(code)
            for text in (concept.get("display"), *(one.get("value") for one in dicts(concept.get("designation"))))
            if isinstance(text, str)
        ]


def is_absolute(url: str) -> bool:
    """Whether a system is named from anywhere (`https://…`, `urn:…`): a relative one means nothing elsewhere."""
    return _ABSOLUTE.match(url) is not None


def same_display(one: str, other: str) -> bool:
    """Whether two displays are the same to a reader."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    """A display without what people do not see: case, blanks, the way accents are encoded."""
    return " ".join(normalize("NFC", text).casefold().split())
