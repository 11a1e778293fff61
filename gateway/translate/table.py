"""A mapping table: one YAML 1.2 file → Dialect, every problem at once with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.model.codes import Terms
from gateway.model.event import KINDS
from gateway.translate.body import ROOT, Csv
from gateway.translate.dialect import Dialect, MappingFault, Problem, Told
from gateway.translate.findings import Findings, at_key, at_value, meant
from gateway.translate.formats import FORMATS, columns_of, format_of
from gateway.translate.groups import Groups
from gateway.translate.options import Options
from gateway.translate.rules import Rules
from gateway.translate.source import Condition
from gateway.translate.sources import Sources
from gateway.translate.tables import CodeTables
from gateway.translate.yaml_tree import NotYaml, read_yaml

MUST = ("dialect", "version", "source", "events")
MAY = ("format", "xml", "csv", "each-event", "empty", "ignore", "always", "groups", "codes", "codes-read")
EVENT_WORDS = ("when", "within", "fields", "include", "ignore", "always")


def load_table(file: Path, terms: Terms) -> Dialect:
    """The dialect of a file. Raises MappingFault with every problem found."""
    findings = Findings(shown(file))
    dialect = _dialect(read_table(file), findings, terms)
    if findings.problems or dialect is None:
        raise MappingFault(sorted(findings.problems))
    return dialect


def shown(file: Path) -> str:
    """A file as a person finds it: below the folder they are in, or whole."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def read_table(file: Path) -> Any:
    """The tree of a file, with lines and columns. Raises MappingFault when it is not YAML."""
    try:
        return read_yaml(file.read_text(encoding="utf-8"))
    except NotYaml as wrong:
        raise MappingFault([Problem(shown(file), wrong.line + 1, wrong.column + 1, f"not YAML: {wrong}")]) from None
    except (UnicodeDecodeError, OSError) as wrong:
        raise MappingFault([Problem(shown(file), 1, 1, f"cannot be read: {type(wrong).__name__}")]) from None


def _dialect(tree: Any, findings: Findings, terms: Terms) -> Dialect | None:
    if not findings.mapping(tree, (0, 0), "a mapping table", MUST, MAY):
        return None
    for name in MUST[:3]:
        if not isinstance(tree[name], str) or not tree[name].strip():
            findings.problem(at_value(tree, name), f"{name} is a text, in quotes when it looks like a number")
    if isinstance(tree["dialect"], str) and not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", tree["dialect"]):
        findings.problem(at_value(tree, "dialect"), "a dialect's name is small letters, digits and hyphens")
    parts = {name: tree.get(name, CommentedMap()) for name in ("groups", "codes", "codes-read", "events")}
    whole = [findings.mapping(part, at_key(tree, name), name) for name, part in parts.items()]
    kind = tree.get("format", "json")
    if kind not in FORMATS:
        findings.problem(at_value(tree, "format"), f"format is one of {', '.join(FORMATS)}{meant(kind, FORMATS)}")
        return None
    if not all(whole):
        return None
    sources = Sources(findings, kind, _empty(tree, kind, findings))
    body = format_of(tree, findings, sources)
    tables = CodeTables(findings, parts["codes"], parts["codes-read"], texts=sources.texts)
    groups = Groups(findings, parts["groups"], sources)
    groups.check()
    rules = Rules(findings, groups, Options(findings, tables, terms, texts=sources.texts), sources)
    events = parts["events"]
    told = [one for kind in events if (one := _told(kind, events, findings, rules, sources, tree)) is not None]
    _told_apart(told, events, findings)
    if not events:
        findings.problem(at_key(tree, "events"), "a dialect tells at least one type of event")
    if body is None or findings.problems:
        return None
    if isinstance(body, Csv):
        body = columns_of(body, told, findings, tree)
    return Dialect(tree["dialect"], tree["version"], tree["source"], findings.file, body, tuple(told))


def _empty(tree: CommentedMap, kind: str, findings: Findings) -> tuple[Any, ...]:
    """What their bodies hold where they have nothing to say; in XML and in tables that is nothing anyway."""
    empty = tree.get("empty", "refused")
    if empty not in ("refused", "absent"):
        findings.problem(at_value(tree, "empty"), "empty is refused or absent")
    return (None, "") if empty == "absent" and kind == "json" else ()


def _told(
    kind: str, events: CommentedMap, findings: Findings, rules: Rules, sources: Sources, tree: CommentedMap
) -> Told | None:
    at, body = at_key(events, kind), events[kind]
    if kind not in KINDS:
        findings.problem(at, f"no such type of event: {kind}{meant(kind, KINDS)}")
        return None
    must = ("when",) if not isinstance(body, CommentedMap) or "within" not in body else ()
    if not findings.mapping(body, at, f"event {kind}", must, EVENT_WORDS):
        return None
    when = tuple(_when(body, findings, sources)) if "when" in body else ()
    within = (sources.path(body, "within", at) or ()) if "within" in body else ()
    if within and sources.format == "csv":
        findings.problem(at_key(body, "within"), "in a table a path is one column: nothing is within another")
    with sources.under(within):
        shape = rules.shape(KINDS[kind], body, at, when, further=[tree])
    if within:
        when = (*when, Condition(within))
    return Told(KINDS[kind], when, shape, at[0] + 1, at[1] + 1, within)


def _when(body: CommentedMap, findings: Findings, sources: Sources) -> Iterator[Condition]:
    """The conditions of an event; `root` is the name of the outermost element."""
    words = body["when"]
    rest = []
    for one in words if isinstance(words, list) else [words]:
        if isinstance(one, CommentedMap) and one.keys() == {"root"}:
            if sources.format != "xml" or not isinstance(one["root"], str):
                findings.problem(at_key(one, "root"), "root is the name of the outermost element of XML")
            else:
                yield Condition((ROOT,), (one["root"],))
        else:
            rest.append(one)
    if len(rest) == 1 and rest[0] is words:
        yield from sources.conditions(body, "when")
    else:
        for one in rest:
            yield from sources.conditions(CommentedMap({"when": one}), "when")


def _told_apart(told: Sequence[Told], events: CommentedMap, findings: Findings) -> None:
    for index, one in enumerate(told):
        if not one.when:
            findings.problem(at_key(events, one.kind.type), "when names at least one path")
        if others := ", ".join(other.kind.type for other in told[:index] if not _apart(one, other)):
            what = f"{one.kind.type} cannot be told from {others}: give them another value at one path"
            findings.problem(at_key(events, one.kind.type), what)


def _apart(one: Told, other: Told) -> bool:
    """True when no body is read as both: their conditions exclude each other, or each is within a place of its own."""
    shared = min(len(one.within), len(other.within))
    beside = one.within[:shared] != other.within[:shared]
    return beside or any(mine.excludes(theirs) for mine in one.when for theirs in other.when)
