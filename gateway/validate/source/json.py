"""FHIR in JSON: strict (RFC 8259), and told where and why when it is not."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from gateway.model.json_text import DEPTH_LIMIT, weigh
from gateway.validate.place import Place, at_root
from gateway.validate.run import Told
from gateway.validate.source.json_lines import JsonLines
from gateway.validate.source.source import Source, refused, tell_file

MARK_LIMIT = 300_000  # brackets, braces and commas: some 15 MB of an ordinary Bundle
NUMBER_LIMIT = 400  # characters of a number, and powers of ten
_BOM = b"\xef\xbb\xbf"
_LONE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")


class _Doubled(dict[str, Any]):
    """An object in which keys came twice."""

    keys_twice: tuple[str, ...] = ()


class _NoNumber:
    """Stands where the text has a number that cannot be used."""


_NO_NUMBER = _NoNumber()


def read_json(data: bytes) -> Source:
    """The resource a JSON text holds."""
    told: list[Told] = []
    if data.startswith(_BOM):
        told.append(tell_file("byte-order-mark"))
        data = data[len(_BOM) :]
    match weigh(data, MARK_LIMIT):
        case "deep":
            return refused("file-too-deep", limit=DEPTH_LIMIT)
        case "many":
            return refused("file-too-large", limit=f"{MARK_LIMIT} values")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        told.append(tell_file("encoding", line=data.count(b"\n", 0, wrong.start) + 1))
        text = data.decode("utf-8", "replace")
    parser = _Parser()
    try:
        tree = parser.parse(text)
    except json.JSONDecodeError as wrong:
        fr, en = _cause(text, wrong.pos)
        return refused("json-syntax", wrong.lineno, after=told, column=wrong.colno, fr=fr, en=en)
    if not isinstance(tree, dict):
        return refused("json-object", 1, after=told)
    if parser.flawed or _LONE.search(data):
        kind = tree.get("resourceType")
        tree = _sound(tree, at_root(kind if isinstance(kind, str) and _NAME.fullmatch(kind) else ""), told)
    return Source(tree, tuple(told), JsonLines(text).line)


class _Parser:
    """json.loads with our own eyes on objects and numbers. `flawed`: something in the tree is to be told."""

    def __init__(self) -> None:
        self.flawed = False

    def parse(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_float=self._decimal,
            parse_int=self._whole,
        )

    def _object(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(items)
        if len(tree) == len(items):
            return tree
        self.flawed = True
        seen: set[str] = set()
        marked = _Doubled(tree)
        marked.keys_twice = tuple(dict.fromkeys(k for k, _ in items if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
        return marked

    def _constant(self, _: str) -> _NoNumber:
        self.flawed = True
        return _NO_NUMBER

    def _decimal(self, text: str) -> Decimal | _NoNumber:
        value = Decimal(text) if len(text) <= NUMBER_LIMIT else None
        return self._constant(text) if value is None or abs(value.adjusted()) > NUMBER_LIMIT else value

    def _whole(self, text: str) -> int | _NoNumber:
        return int(text) if len(text) <= NUMBER_LIMIT else self._constant(text)


def _sound(value: Any, place: Place, told: list[Told]) -> Any:
    """The value with what cannot be used told and replaced, so that the checks can go on."""
    if isinstance(value, dict):
        for key in getattr(value, "keys_twice", ()):
            told.append(Told(_under(place, key), "json-duplicate-key", "", None, "", {}))
        return {_whole_text(key, place, told): _sound(held, _under(place, key), told) for key, held in value.items()}
    if isinstance(value, list):
        return [_sound(held, (place, index, f"[{index}]"), told) for index, held in enumerate(value)]
    if isinstance(value, str):
        return _whole_text(value, place, told)
    if value is _NO_NUMBER:
        told.append(Told(place, "json-number", "", None, "", {}))
        return 0
    return value


def _whole_text(text: str, place: Place, told: list[Told]) -> str:
    if not _SURROGATE.search(text):
        return text
    told.append(Told(place, "lone-surrogate", "", None, "", {}))
    return _SURROGATE.sub("\ufffd", text)


def _under(place: Place, key: str) -> Place:
    """The place of a property; a name no element of FHIR can have is not repeated."""
    return (place, key, key) if _NAME.fullmatch(key) else place


def _cause(text: str, at: int) -> tuple[str, str]:
    """What most probably is wrong where reading stopped, in both languages."""
    here, before = text[at : at + 1], text[:at].rstrip()[-1:]
    if before == "," and here in ("}", "]"):
        return "virgule après la dernière valeur, l'enlever", "comma after the last value, remove it"
    if here in ("/", "#"):
        return "commentaire, que JSON ne connaît pas, l'enlever", "comment, which JSON has not, remove it"
    if here == "'":
        return 'apostrophe au lieu de guillemet, écrire "', 'single quote, write " instead'
    if not here:
        return "fin du fichier avant la fin de la ressource", "the file ends before the resource does"
    if here in ("}", "]"):
        return f"« {here} » qui ne ferme rien d'ouvert ici", f"“{here}” closes nothing that is open here"
    if here < " ":
        return (
            "caractère de contrôle dans un texte, l'écrire \\n, \\t ou \\u00XX",
            "control character in a text, write \\n, \\t or \\u00XX",
        )
    return (
        "virgule, deux-points, guillemet ou accolade manquant ou de trop",
        "comma, colon, quote or brace missing or extra",
    )
