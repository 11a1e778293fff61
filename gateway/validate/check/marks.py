"""What the items of a slice are known by, and what a profile asks of a value, in words: both of the definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import dumps
from typing import Any

from gateway.validate.check.discriminator import Judge, asked_by, url_of
from gateway.validate.check.plan import Plan
from gateway.validate.check.steps import steps_of
from gateway.validate.element import Element, Slicing

_LONGEST, _LONGEST_LIST = 200, 1_500
_CANONICAL = re.compile(r"(?<= )https?://[^\s|,)]*/([^\s/|,)]+)(?:\|[^\s,)]*)?(?=[,)])")
_MOST = 4
"""Marks told of one slice."""
_BY_TYPE = (("type", "$this"),)


def spelled(element: Element) -> str:
    """A fixed value or pattern as text, cut: a code as system#code, else JSON."""
    asked = (element.fixed or element.pattern or ("",))[0]
    text = asked if isinstance(asked, str) else _code(asked) or dumps(asked, ensure_ascii=False, default=str)
    return _cut(text)


def marks(judge: Judge, sliced: Plan, part: Plan) -> dict[str, Any]:
    """What an item of `part` must have to be one, in French and English, in brackets; nothing where it is not said."""
    if part.marks is None:
        part.marks = _worked_out(judge, sliced, part)
    return part.marks


def _worked_out(judge: Judge, sliced: Plan, part: Plan) -> dict[str, Any]:
    slicing = sliced.element.slicing or Slicing()
    discriminators = slicing.discriminators or (_BY_TYPE if sliced.element.choice else ())
    told = [mark for kind, path in discriminators for mark in _marks(judge, part, kind, path)][:_MOST]
    french, english = (", ".join(texts) for texts in zip(*told, strict=True)) if told else ("", "")
    return {"fr": f" ({french})" if told else "", "en": f" ({english})" if told else ""}


def admitted(judge: Judge, sliced: Plan) -> dict[str, Any]:
    """The slices a closed list admits, each with its marks, in French and English; canonicals by their last word."""
    each = [(part.element.slice_name, marks(judge, sliced, part)) for part in sliced.slices]
    return {
        language: " ; ".join(name + _CANONICAL.sub(r"\1", known[language]) for name, known in each)[:_LONGEST_LIST]
        for language in ("fr", "en")
    }


def _marks(judge: Judge, part: Plan, kind: str, path: str) -> Iterator[tuple[str, str]]:
    steps = steps_of(path)
    if steps is None:
        return
    if path == "url" and (url := url_of(part)):
        yield url, url
        return
    here = "" if path == "$this" else path + " "
    for asked in asked_by(judge, [part], steps):
        element = asked.element
        profiles = [profile for each in asked.types.values() for profile in each.profiles]
        if kind == "exists" and (element.max == 0 or element.min > 0):
            yield ("sans " + path, "without " + path) if element.max == 0 else ("avec " + path, "with " + path)
        elif kind == "type" and asked.types:
            names = _cut(", ".join(asked.types))
            yield f"{here}de type {names}", f"{here}of type {names}"
        elif kind == "profile" and profiles:
            names = _cut(", ".join(profiles))
            yield f"{here}conforme à {names}", f"{here}conforming to {names}"
        elif element.fixed or element.pattern:
            value = spelled(element)
            yield f"{here}= « {value} »", f"{here}= “{value}”"
        elif element.binding is not None and element.binding.strength == "required":
            value_set = _cut(element.binding.value_set)
            yield f"{here}du jeu de valeurs {value_set}", f"{here}of the value set {value_set}"


def _code(asked: Any) -> str:
    """A Coding, or a CodeableConcept of one, that asks for a code of a system and nothing else."""
    coding = asked.get("coding", [asked]) if isinstance(asked, dict) else []
    if len(coding) != 1 or not isinstance(coding[0], dict) or not set(coding[0]) <= {"system", "code", "display"}:
        return ""
    system, code = coding[0].get("system"), coding[0].get("code")
    return f"{system}#{code}" if isinstance(system, str) and isinstance(code, str) else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
