"""How a table says its bodies are written: `format`, `xml`, `csv`, `each-event` → Format."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.translate.body import ROWS, Csv, Format, Json, Xml
from gateway.translate.dialect import Told
from gateway.translate.findings import Findings, at_key, at_value
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.sources import Sources

FORMATS = ("json", "xml", "csv")
XML_WORDS = ("root", "namespaces", "indent", "encoding")
CSV_WORDS = ("delimiter", "encoding", "key", "columns", "heading", "newline")

_DELIMITERS = {"tab": "\t"}
_NEWLINES = {"crlf": "\r\n", "lf": "\n"}


def format_of(tree: CommentedMap, findings: Findings, sources: Sources) -> Format | None:
    """The way of writing a table announces; None when something is wrong with it."""
    kind = sources.format
    for other in FORMATS[1:]:
        if other in tree and other != kind:
            findings.problem(at_key(tree, other), f"the format is {kind}: say format: {other}")
    events = sources.path(tree, "each-event", (0, 0)) if "each-event" in tree else ()
    if events is None or kind == "json":
        return Json(events or ())
    said = tree.get(kind, CommentedMap())
    words = XML_WORDS if kind == "xml" else CSV_WORDS
    if not findings.mapping(said, at_key(tree, kind), kind, (), words):
        return None
    if kind == "csv":
        if events:
            findings.problem(at_key(tree, "each-event"), "in a table each row is an event, or the rows of one key")
        return _csv(said, findings)
    return _xml(said, findings, tree, events)


def _xml(said: CommentedMap, findings: Findings, tree: CommentedMap, events: Any) -> Format | None:
    spaces = said.get("namespaces", CommentedMap())
    known = isinstance(spaces, CommentedMap) and all(isinstance(word, str) for pair in spaces.items() for word in pair)
    if not known or len(set(spaces.values())) != len(spaces):
        findings.problem(at_value(said, "namespaces"), "namespaces gives each prefix another namespace, both texts")
        return None
    root = said.get("root", "")
    if "root" in said:
        findings.text(said, "root", (0, 0))
    elif not _roots(tree):
        findings.problem(
            at_key(tree, "xml"), "xml needs root, the outermost element, or each event has when: {root: …}"
        )
    indent = said.get("indent", 0)
    if type(indent) is not int or not 0 <= indent <= 8:
        findings.problem(at_value(said, "indent"), "indent is 0 to 8 spaces")
        indent = 0
    encoding = _encoding(said, findings, "UTF-8")
    return Xml(str(root), dict(spaces), events, indent, encoding.upper())


def _roots(tree: CommentedMap) -> bool:
    """True when every event says its own outermost element."""
    whens = [event.get("when") for event in tree["events"].values() if isinstance(event, CommentedMap)]
    lists = [when if isinstance(when, list) else [when] for when in whens]
    return all(any(isinstance(one, CommentedMap) and "root" in one for one in when) for when in lists)


def _csv(said: CommentedMap, findings: Findings) -> Format | None:
    delimiter = said.get("delimiter", ";")
    delimiter = _DELIMITERS.get(delimiter, delimiter) if isinstance(delimiter, str) else ""
    if len(delimiter) != 1 or delimiter in "\"\r\n'":
        findings.problem(at_value(said, "delimiter"), "delimiter is one character, or the word tab")
        return None
    names: dict[str, tuple[str, ...]] = {}
    for word in ("key", "columns"):
        words = said.get(word, [])
        names[word] = tuple(words) if isinstance(words, list) else (words,)
        if not all(isinstance(name, str) and name for name in names[word]):
            findings.problem(at_value(said, word), f"{word} names columns")
            return None
    heading = said.get("heading", True)
    if not isinstance(heading, bool) or not (heading or names["columns"]):
        findings.problem(at_value(said, "heading"), "heading is true, or false when columns names them all")
        return None
    newline = said.get("newline", "crlf")
    if newline not in _NEWLINES:
        findings.problem(at_value(said, "newline"), "newline is crlf or lf")
        return None
    encoding = _encoding(said, findings, "utf-8")
    return Csv(delimiter, encoding, names["key"], names["columns"], heading, _NEWLINES[newline])


def _encoding(said: CommentedMap, findings: Findings, usual: str) -> str:
    encoding = said.get("encoding", usual)
    try:
        codecs.lookup("utf-8" if encoding == "utf-8-bom" else encoding)
        "a;é".encode("utf-8" if encoding == "utf-8-bom" else encoding)
    except (LookupError, TypeError, UnicodeError):
        findings.problem(at_value(said, "encoding"), "encoding is utf-8, utf-8-bom, windows-1252, iso-8859-15…")
        return usual
    return str(encoding)


def columns_of(body: Csv, told: Sequence[Told], findings: Findings, tree: CommentedMap) -> Csv:
    """The table with its columns: as the dialect lists them, else in the order its rules name them."""
    used: list[str] = []
    for one in told:
        used += [str(condition.path[0]) for condition in one.when]
        for rule in one.shape.rules:
            used += _columns(rule)
        used += [str(condition.path[0]) for condition in one.shape.always]
    named = list(dict.fromkeys(name for name in used if name != ROWS))
    if body.columns:
        for name in named:
            if name not in body.columns:
                findings.problem(at_value(tree["csv"], "columns"), f"columns does not name {name}")
        return body
    return replace(body, columns=tuple(dict.fromkeys([*body.key, *named])))


def _columns(rule: Any) -> Iterator[str]:
    source = getattr(rule, "source", None)
    if isinstance(rule, (Items, FirstOf)):
        for one in rule.rules:
            yield from _columns(one)
    elif isinstance(rule, Each):
        yield from (str(test[0]) for test, _ in rule.tests)
        for one in rule.item.shape.rules:
            yield from _columns(one)
    elif isinstance(rule, Grouped):
        for one in rule.shape.rules:
            yield from _columns(one)
    if source and not isinstance(rule, Each):
        yield from (str(condition.path[0]) for condition in source.only)
        yield from (str(path[0]) for path in source.paths)
