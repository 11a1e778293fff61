"""Events with a text of ours in every place where a text stands, as far as the gateway takes it there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from docs.generator.specimen import STORY, specimen
from gateway.journey.recall import Replayed
from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event
from gateway.model.faults import Fault, Place
from gateway.model.known import Known
from gateway.translate import read_vendor
from tests.translate.dialects import dialects


def texts_in(tree: Any, at: Place = ()) -> Iterator[Place]:
    """The place of every text of an event, save its type."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in below:
        yield from texts_in(value, (*at, step))
    if isinstance(tree, str) and at != ("type",):
        yield at


@cache
def places(kind: str) -> tuple[Place, ...]:
    """The place of every text of the full event of that kind."""
    return tuple(texts_in(json.loads(specimen(kind))))


def with_texts(kind: str, told: Mapping[Place, str]) -> Any:
    """The tree of the full event with those texts in those places."""
    tree = json.loads(specimen(kind))
    for at, text in told.items():
        part = tree
        for step in at[:-1]:
            part = part[step]
        part[at[-1]] = text
    return tree


@cache
def heard_before(kind: str) -> tuple[Event, ...]:
    """The events told before the full one of that kind."""
    return tuple(read_event(json.loads(specimen(earlier))) for earlier in STORY[kind])


def named_by(faults: Iterable[Fault], asked: Iterable[Place]) -> list[Place]:
    """Those places at which some fault is told, or at the part they stand in."""
    told = {fault.at for fault in faults}
    return [at for at in asked if any(at[:depth] in told for depth in range(len(at) + 1))]


def as_far_as_taken(kind: str, told: Mapping[Place, str]) -> tuple[Event, Known, frozenset[Place]]:
    """The event with every one of those texts that is taken, what is known after it, and the places that refused."""
    left = dict(told)
    while True:
        try:
            event = read_vendor(json.dumps(with_texts(kind, left)).encode(), dialects().get("canonical"))
            _, known, _ = Replayed(heard_before(kind)).count(event)
        except Rejected as refused:
            named = named_by(refused.faults, left)
            if not named:
                raise AssertionError("a fault names none of the texts that caused it") from refused
            for at in named:
                del left[at]
        else:
            return event, known, frozenset(told.keys() - left.keys())


@cache
def free(kind: str) -> tuple[Place, ...]:
    """The places that take an ordinary text: names, titles, numbers of one's own; the others take codes and dates."""
    said = {at: f"Zoé {n}" for n, at in enumerate(places(kind))}
    refused = as_far_as_taken(kind, said)[2]
    return tuple(at for at in places(kind) if at not in refused)
