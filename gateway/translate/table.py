"""A mapping table: one YAML 1.2 file → Dialect, every problem at once with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gateway.model.codes import Terms
from gateway.model.event import KINDS
from gateway.translate.dialect import Condition, Dialect, MappingFault, Problem, Told
from gateway.translate.findings import At, Findings, at_key, at_value
from gateway.translate.options import Options
from gateway.translate.rules import Rules


def load_table(file: Path, terms: Terms) -> Dialect:
    """The dialect of a file. Raises MappingFault with every problem found."""
    findings = Findings(file.name)
    dialect = _dialect(_tree(file), findings, terms)
    if findings.problems or dialect is None:
        raise MappingFault(sorted(findings.problems))
    return dialect


def _tree(file: Path) -> Any:
    try:
        return YAML(typ="rt", pure=True).load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise MappingFault([Problem(file.name, line, column, f"not YAML: {wrong.problem}")]) from None
    except (YAMLError, UnicodeDecodeError, OSError) as wrong:
        raise MappingFault([Problem(file.name, 1, 1, f"cannot be read: {type(wrong).__name__}")]) from None


def _dialect(tree: Any, findings: Findings, terms: Terms) -> Dialect | None:
    must, may = ("dialect", "version", "source", "events"), ("groups", "codes")
    if not findings.mapping(tree, (0, 0), "a mapping table", must, may):
        return None
    for name in must[:3]:
        if not isinstance(tree[name], str) or not tree[name].strip():
            findings.problem(at_value(tree, name), f"{name} is a text, in quotes when it looks like a number")
    if isinstance(tree["dialect"], str) and not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", tree["dialect"]):
        findings.problem(at_value(tree, "dialect"), "a dialect's name is small letters, digits and hyphens")
    parts = {name: tree.get(name, CommentedMap()) for name in ("groups", "codes", "events")}
    whole = [findings.mapping(part, at_key(tree, name), name) for name, part in parts.items()]
    if not all(whole):
        return None
    rules = Rules(findings, parts["groups"], Options(findings, parts["codes"], terms))
    events = parts["events"]
    told = [one for kind in events if (one := _told(kind, events, findings, rules)) is not None]
    _told_apart(told, events, findings)
    if not events:
        findings.problem(at_key(tree, "events"), "a dialect tells at least one type of event")
    return Dialect(tree["dialect"], tree["version"], tree["source"], findings.file, tuple(told))


def _told(kind: str, events: CommentedMap, findings: Findings, rules: Rules) -> Told | None:
    at, body = at_key(events, kind), events[kind]
    if kind not in KINDS:
        findings.problem(at, f"no such type of event: {kind}")
        return None
    if not findings.mapping(body, at, f"event {kind}", ("when", "fields"), ("include",)):
        return None
    when = tuple(_conditions(body["when"], at_key(body, "when"), findings))
    return Told(KINDS[kind], when, rules.shape(KINDS[kind], body, at, when))


def _conditions(when: Any, at: At, findings: Findings) -> Iterator[Condition]:
    for one in when if isinstance(when, list) else [when]:
        if not findings.mapping(one, at, "when", ("path", "is")):
            continue
        path = findings.path(one, at)
        if not isinstance(one["is"], (str, int, bool)):
            findings.problem(at_value(one, "is"), "a condition is a text, a whole number or true/false")
        elif path:
            yield Condition(path, one["is"])


def _told_apart(told: Sequence[Told], events: CommentedMap, findings: Findings) -> None:
    for index, one in enumerate(told):
        if not one.when:
            findings.problem(at_key(events, one.kind.type), "when names at least one path")
        for other in told[:index]:
            if not any(a.path == b.path and a.value != b.value for a in one.when for b in other.when):
                what = f"{one.kind.type} cannot be told from {other.kind.type}: give them another value at one path"
                findings.problem(at_key(events, one.kind.type), what)
