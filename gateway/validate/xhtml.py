"""XHTML of narratives: what FHIR R4 §2.4.0 allows, and nothing that could run (its `htmlChecks()`).

Also texts that hold what looks like markup. One hardened parser: no entity is expanded but HTML's own named characters,
nothing is fetched, size and depth are capped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any
from xml.parsers import expat

from gateway.validate.html_names import ALLOWED, ATTRIBUTES, ATTRIBUTES_OF_HTML, ELEMENTS_OF_HTML
from gateway.validate.place import Place
from gateway.validate.run import Run

LARGEST = 1_000_000  # characters of a narrative
DEEPEST = 100
MOST_TOLD = 10  # faults of one narrative
NAMESPACE = "http://www.w3.org/1999/xhtml"
_XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
_OF_XML = frozenset((_XML_LANG, "http://www.w3.org/XML/1998/namespace space"))
_ADDRESSES = frozenset(("href", "src", "cite", "longdesc", "usemap"))
_ACTIVE_STYLE = re.compile(r"expression\s*\(|javascript\s*:|vbscript\s*:|-moz-binding|behavior\s*:|@import", re.I)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,40}(?=[\s/>])[^<>]{0,200}>|<!--|<!DOCTYPE", re.IGNORECASE)
_CODE = re.compile(r"(?<!`)(`{1,10})(?!`)[^`]{1,10000}(?<!`)\1(?!`)")  # of markdown, shown as it is written

_NARRATIVE = "http://hl7.org/fhir/StructureDefinition/Narrative"

Fault = tuple[str, dict[str, Any]]


_SOURCES = frozenset(("boilerplate", "generated", "original"))


class Narrative:
    """What one reading of a narrative gathers.

    links, targets  what `href="#…"` lead to, and what they could lead to
    languages       of its sections: the divs right in it that say one
    unsourced       something right in it does not say where it comes from (class boilerplate, generated, original)
    """

    def __init__(self) -> None:
        self.faults: dict[tuple[str, str], Fault] = {}
        self.depth = 0
        self.filled = False
        self.links: list[str] = []
        self.targets: set[str] = set()
        self.languages: set[str] = set()
        self.unsourced = False

    def read(self, text: str) -> None:
        """Read the text of a div, once."""
        if len(text) > LARGEST:
            self._too_large(f"{LARGEST:_}".replace("_", " "))
            return
        try:
            self._parser().Parse(_ENTITY.sub(_character, text), True)
        except (expat.ExpatError, UnicodeEncodeError, _Refused):
            self._fault("xhtml-syntax")
        except _TooDeep:
            self._too_large(f"{DEEPEST} niveaux / levels")
        else:
            if not self.filled:
                self._fault("xhtml-empty")

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse
        return parser

    def _too_large(self, limit: str) -> None:
        self.faults["xhtml-too-large", ""] = ("xhtml-too-large", {"limit": limit})

    def _fault(self, rule: str, name: str = "") -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.setdefault((rule, name), (rule, {"name": name} if name else {}))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _TooDeep
        space, _, local = name.rpartition(" ")
        if self.depth == 1 and (space, local) != (NAMESPACE, "div"):
            self._fault("xhtml-root")
        elif local not in ALLOWED or (space and space != NAMESPACE):
            self._fault("xhtml-element", local if local in ELEMENTS_OF_HTML else "?")
        if self.depth == 2:
            self._part(local, attributes)
        self.filled = self.filled or local == "img"
        for key, value in attributes.items():
            self._attribute(local, key, value)

    def _part(self, name: str, attributes: dict[str, str]) -> None:
        """An element right in the narrative's own div."""
        self.unsourced = self.unsourced or _SOURCES.isdisjoint(attributes.get("class", "").split())
        if name == "div" and (language := attributes.get("lang") or attributes.get(_XML_LANG)):
            self.languages.add(language)

    def _attribute(self, element: str, key: str, value: str) -> None:
        if key not in ALLOWED.get(element, ATTRIBUTES) and key not in _OF_XML:
            self._fault("xhtml-attribute", key if key in ATTRIBUTES_OF_HTML else "?")
        if (key in _ADDRESSES and _is_active(value)) or (key == "style" and _ACTIVE_STYLE.search(value)):
            self._fault("xhtml-active")
        if key == "href" and value.startswith("#") and len(value) > 1:
            self.links.append(value[1:])
        elif key in ("id", "name"):
            self.targets.add(value)

    def _end(self, name: str) -> None:
        self.depth -= 1

    def _text(self, text: str) -> None:
        if not text.isspace():
            self.filled = True
            self.unsourced = self.unsourced or self.depth == 1

    def _refuse(self, *_: Any) -> None:
        raise _Refused


class _Refused(Exception):
    """A document type or a processing instruction."""


class _TooDeep(Exception):
    """Elements within elements without end."""


def read_narrative(text: str) -> Narrative:
    """Parse a narrative: its faults, its inner links and what they could lead to."""
    narrative = Narrative()
    narrative.read(text)
    return narrative


def _is_active(address: str) -> bool:
    """`javascript:` and its like, however it is spaced; `data:` that is no image."""
    scheme, colon, rest = re.sub(r"[\x00-\x20]", "", address[:500]).lower().partition(":")
    return bool(colon) and (scheme.endswith("script") or (scheme == "data" and not rest.startswith("image/")))


def _character(match: re.Match[str]) -> str:
    """A character by its HTML name; those of XML stay for the parser."""
    name = match.group(1)
    if name in _XML_ENTITIES or name not in name2codepoint:
        return match.group()
    return f"&#{name2codepoint[name]};"


def xhtml_faults(text: str) -> list[Fault]:
    """What is wrong with a narrative's div: (rule, words of its sentence), at most ten, each once."""
    return list(read_narrative(text).faults.values())


def check_text(run: Run, place: Place, type_code: str, value: str) -> None:
    """Tell what is wrong with the markup of a text: a narrative's, or what looks like markup where none may be.

    type_code: of the primitive; only xhtml, string and markdown are looked at.
    """
    if type_code == "xhtml":
        _check_narrative(run, place, value)
    elif "<" in value and type_code in ("string", "markdown"):
        found = _TAG.search(value if type_code == "string" else _CODE.sub("``", value))
        if found is None:
            return
        if type_code == "string":
            run.tell(place, "markup-in-text")
        else:
            name = re.split(r"[^A-Za-z0-9]", found.group().lstrip("</"), maxsplit=1)[0].lower()
            run.tell(place, "markup-in-markdown", name=name if name in ELEMENTS_OF_HTML else "?")


def _check_narrative(run: Run, place: Place, text: str) -> None:
    narrative = _read(run, text)
    run.step(1 + len(text) // 50)
    for rule, words in narrative.faults.values():
        run.tell(place, rule, _NARRATIVE, key="txt-2" if rule == "xhtml-empty" else "txt-1", **words)
    if narrative.links and not set(narrative.links) <= narrative.targets | _targets(run):
        run.tell(place, "xhtml-link")


def _read(run: Run, text: str) -> Narrative:
    """The narrative, parsed once a run. Its text lives as long as the run: its id is a name."""
    key = ("narrative", id(text))
    if key not in run.memo:
        run.memo[key] = read_narrative(text)
    narrative: Narrative = run.memo[key]
    return narrative


def _targets(run: Run) -> set[str]:
    """What a link may lead to: every named element of any narrative of the file, and what is contained in it."""
    if "narrative-targets" not in run.memo:
        found: set[str] = set()
        for holder in _objects(run.root.resource):
            div = holder.get("div")
            if isinstance(div, str):
                found |= _read(run, div).targets
            contained = holder.get("contained")
            for held in contained if isinstance(contained, list) else ():
                if isinstance(held, dict):
                    found.add(str(held.get("id")))
        run.memo["narrative-targets"] = found
    targets: set[str] = run.memo["narrative-targets"]
    return targets


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
