"""The places a shape knows: those its rules read, those of its conditions, and those the table says to pass over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.translate.body import ROOT, ROWS
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.path import Path
from gateway.translate.places import Places
from gateway.translate.rule import Rule
from gateway.translate.source import Condition


def places_of(
    rules: Sequence[Rule],
    when: Sequence[Condition],
    always: Sequence[Condition],
    ignored: Sequence[Path],
    *,
    format: str,
) -> Places:
    """Every place these rules, conditions and exceptions know."""
    places, xml = Places(), format == "xml"
    if format == "csv":
        places.add((ROWS,))
    for condition in (*when, *always):
        if condition.values:
            places.add(condition.path, text=xml and str(condition.path[-1])[:1] != "@" and condition.path != (ROOT,))
    for rule in rules:
        _add(places, rule, xml)
    for path in ignored:
        places.add(path)
    places.close()
    return places


def _add(places: Places, rule: Any, xml: bool) -> None:
    if isinstance(rule, (Items, FirstOf)):
        for one in rule.rules:
            _add(places, one, xml)
        return
    source = getattr(rule, "source", None)
    for condition in source.only if source else ():
        places.add(condition.path, text=xml and str(condition.path[-1])[:1] != "@")
    if isinstance(rule, Each):
        places.add(rule.source.path, many=True)
        if rule.rows:
            for test, _ in rule.tests:
                places.add(test)
            for one in rule.item.shape.rules:
                _add(places, one, xml)
    elif isinstance(rule, Grouped) and source is None:
        for one in rule.shape.rules:
            _add(places, one, xml)
    elif source is not None:
        for path in source.paths:
            places.add(path, text=source.text and str(path[-1])[:1] != "@")
