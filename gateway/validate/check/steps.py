"""The path of a discriminator: its steps, and the values of an instance at its end (FHIR R4 §5.1.0.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from gateway.validate.check.items import Item, items_named
from gateway.validate.run import Run, Scope

_STEP = re.compile(
    r"""(?P<call>extension|resolve|ofType|as)\(\s*(?P<q>['"]?)(?P<word>[^'")]*)(?P=q)\s*\)|(?P<name>[^.()]+)"""
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a discriminator's path: a name, or a call (extension, resolve, ofType) with its word."""

    name: str
    call: str = ""


class Finder(Protocol):
    """What a path asks where it goes through a reference."""

    def target(self, run: Run, scope: Scope, item: Item) -> tuple[str, Scope | None] | None:
        """What a reference leads to: its type, and its scope when it is at hand; None when it cannot be told."""


def steps_of(path: str) -> tuple[Step, ...] | None:
    """The steps of a discriminator's path; None when it has others than FHIR allows there (FHIR R4 §5.1.0.9)."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            return None
        call, word, name = found["call"], found["word"], found["name"]
        if call:
            steps.append(Step(word, "ofType" if call == "as" else call))
        elif name != "$this":
            steps.append(Step(name))
        at = found.end()
        if at < len(path):
            if path[at] != ".":
                return None
            at += 1
    return tuple(steps)


def reached(
    judge: Finder, run: Run, scope: Scope, item: Item, steps: tuple[Step, ...]
) -> list[tuple[Scope, Item]] | None:
    """The instance side: the values at the end of a path. None: a reference on the way cannot be followed."""
    here = [(scope, item)]
    for step in steps:
        after: list[tuple[Scope, Item]] = []
        for holder, each in here:
            if step.call == "resolve":
                target = judge.target(run, holder, each)
                if target is None or target[1] is None:
                    return None
                after.append((target[1], Item(target[1].place, target[1].resource, None, target[0])))
            elif step.call == "ofType":
                after.extend([(holder, each)] if each.code == step.name else [])
            elif step.call == "extension":
                after.extend((holder, e) for e in items_named(each, "extension") if _has_url(e, step.name))
            else:
                after.extend((_holder(run, holder, found), found) for found in items_named(each, step.name))
        here = after
    return here


def _holder(run: Run, scope: Scope, item: Item) -> Scope:
    if isinstance(item.value, dict) and "resourceType" in item.value:
        held = run.memo.get(("scope", id(item.value)))
        return held if isinstance(held, Scope) else Scope(item.value, item.place, "other", scope)
    return scope


def _has_url(item: Item, url: str) -> bool:
    return isinstance(item.value, dict) and item.value.get("url") == url
