"""What is doubtful in tables that load: rules never reached, groups and code tables nobody uses, codes no list has,
events that would not be known again once written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.model.codes import Terms
from gateway.model.form import grammar
from gateway.translate.code import Code
from gateway.translate.dialect import Dialect, MappingFault, Problem, Told
from gateway.translate.dialects import Dialects, tables_in
from gateway.translate.findings import At, Findings, at_key
from gateway.translate.hints import bare, is_class, item
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.path import write_path
from gateway.translate.rule import OneValue, Several, Values
from gateway.translate.table import load_table, read_table
from gateway.translate.wording import Wording

Lists = dict[tuple[Any, str], tuple[str, ...]]
"""Class of ours and field → the national lists its codes belong to."""


def check_tables(places: Sequence[Path], terms: Terms) -> tuple[Problem, ...]:
    """Every problem of every table in these folders (or of these files), in order; none: they can be used.

    Beyond what loading refuses: what is said in vain, and codes that are in none of our lists for their field.
    """
    files = tables_in(places)
    problems: set[Problem] = set()
    loaded: dict[Path, Dialect] = {}
    for file in files:
        try:
            loaded[file] = load_table(file, terms)
        except MappingFault as wrong:
            problems.update(wrong.problems)
    try:
        Dialects.of(loaded.values())
    except MappingFault as wrong:
        problems.update(wrong.problems)
    national = _national(next((dialect for dialect in loaded.values() if dialect.name == "canonical"), None))
    for file, dialect in loaded.items():
        findings = Findings(dialect.file)
        problems.update(_unused(read_table(file), dialect.file))
        for told in dialect.told:
            _never_known_again(told, findings)
            for kind, rule in _rules(told.kind, told.shape.rules):
                _unreached(rule, findings)
                _unlisted(kind, rule, national, terms, findings)
        problems |= findings.problems
    return tuple(sorted(problems))


def _at(rule: Any) -> At:
    return rule.at.line - 1, rule.at.column - 1


def _unused(tree: Any, file: str) -> Iterator[Problem]:
    used: dict[str, set[str]] = {"groups": set(), "codes": set()}
    for word, value in _words(tree):
        if word in ("group", "each", "include"):
            used["groups"] |= set(value if isinstance(value, list) else [value])
        if word == "table":
            used["codes"].add(value)
    for part, what in (("groups", "group"), ("codes", "code table")):
        for name in tree.get(part, ()):
            if name not in used[part]:
                line, column = at_key(tree[part], name)
                yield Problem(file, line + 1, column + 1, f"{what} {name} is used nowhere", harmless=True)


def _words(tree: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(tree, dict):
        yield from tree.items()
        for value in tree.values():
            yield from _words(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _words(value)


def _rules(kind: Any, rules: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Every rule of an event with the class its field is of, those inside others too."""
    for rule in rules:
        owner, name = _owner(kind, rule.at.field)
        yield owner, rule
        inner, _ = item(bare(grammar(owner)[name][0]))
        if isinstance(rule, (Grouped, Each)):
            yield from _rules(inner, (rule.shape if isinstance(rule, Grouped) else rule.item.shape).rules)
        elif isinstance(rule, (FirstOf, Items)):
            alike = [replace(one, at=replace(one.at, field=(name,))) for one in rule.rules]
            yield from _rules(owner, alike)


def _owner(kind: Any, field: Sequence[str]) -> tuple[Any, str]:
    for name in field[:-1]:
        kind = bare(grammar(kind)[name][0])
    return kind, field[-1]


def _unreached(rule: Any, findings: Findings) -> None:
    """Of rules for one field, one whose places an earlier one, without condition, has read already."""
    if not isinstance(rule, FirstOf):
        return
    for index, one in enumerate(rule.rules):
        before = [other for other in rule.rules[:index] if getattr(other, "source", None) and not other.source.only]
        read = {path for other in before for path in other.paths}
        if (mine := set(one.paths)) and mine <= read:
            findings.problem(_at(one), f"never reached: {write_path(next(iter(mine)))} is read by an earlier rule")


def _never_known_again(told: Told, findings: Findings) -> None:
    """An event known by a place being there, which no rule writes."""
    written = {path[:length] for rule in told.shape.rules for path in rule.paths for length in range(len(path) + 1)}
    written |= {condition.path for condition in told.shape.always}
    for condition in told.when:
        if not condition.values and condition.present and condition.path not in written:
            what = f"{told.kind.type} is known by {write_path(condition.path)}, which no rule writes"
            findings.problem((told.line - 1, told.column - 1), what)


def _unlisted(kind: Any, rule: Any, national: Lists, terms: Terms, findings: Findings) -> None:
    """Words of ours, in a table without lists, that the lists of their field do not have."""
    if not isinstance(rule, (OneValue, Values, Several)):
        return
    verb: Any = rule.verb.verb if isinstance(rule.verb, Wording) else rule.verb
    if not isinstance(verb, Code) or not verb.table or verb.of or verb.also:
        return
    names = [field[-1] for field in rule.fields] if isinstance(rule, Several) else [rule.at.field[-1]]
    for place, name in enumerate(names):
        lists = national.get((kind, name))
        if not lists:
            continue
        for words in verb.pairs.inward.values():
            word = words[place] if isinstance(words, list) else words
            if isinstance(word, str) and terms.find(word, *lists) is None:
                findings.problem(_at(rule), f"code table {verb.table}: {word} is not in {', '.join(lists)}")


def _national(ours: Dialect | None) -> Lists:
    """The national lists of each field, as our own dialect names them."""
    found: Lists = {}
    for told in ours.told if ours else ():
        for owner, rule in _rules(told.kind, told.shape.rules):
            verb = getattr(rule, "verb", None)
            if isinstance(verb, Code) and is_class(owner):
                found.setdefault((owner, rule.at.field[-1]), verb.of)
    return found
