"""Slicing: which items are whose, how many of each there may be, and in what order."""

from __future__ import annotations

from typing import Protocol

from gateway.validate.check.discriminator import Criterion, Judge, criterion, url_of
from gateway.validate.check.items import Item
from gateway.validate.check.marks import admitted, marks
from gateway.validate.check.plan import Plan
from gateway.validate.element import Slicing
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

_BY_TYPE = (("type", "$this"),)
_BY_URL = (("value", "url"),)


class Walker(Judge, Protocol):
    """What slicing asks of the profile pass."""

    def item(self, run: Run, scope: Scope, plan: Plan, item: Item) -> None:
        """Check one item against one element, and all that stands under it."""

    def why_not(self, run: Run, scope: Scope, part: Plan, items: list[Item]) -> None:
        """Say why items are not in a slice that lacks some."""


def check_slices(walker: Walker, run: Run, scope: Scope, place: Place, sliced: Plan, items: list[Item]) -> None:
    """Give every item to its slice, count, and check each against what its slice adds.

    place: of the object that has the items; what is missing is told there.
    """
    slicing = sliced.element.slicing
    parts, default = sliced.slices, sliced.default
    had: list[list[Item]] = [[] for _ in parts]
    maybe = [0] * len(parts)
    strangers: list[Item] = []
    latest, closing = 0, False
    for item in items:
        mine, doubtful = _owners(walker, run, scope, sliced, parts, item)
        for index in doubtful:
            maybe[index] += 1
        if not mine:
            strangers.append(item)
            closing = True
            if doubtful:
                _tell_unjudged(run, item, sliced, parts[doubtful[0]])
            elif default is None and slicing is not None and slicing.rules == "closed":
                run.tell(item.place, "slice-closed", sliced.profile, element=sliced.called, **admitted(walker, sliced))
            continue
        if len(mine) > 1:
            names = ", ".join(parts[index].element.slice_name for index in mine)
            run.tell(item.place, "slice-ambiguous", sliced.profile, element=sliced.called, slices=names)
        if slicing is not None and slicing.rules == "openAtEnd" and closing:
            run.tell(item.place, "slice-end", sliced.profile, element=sliced.called)
        if slicing is not None and slicing.ordered and mine[0] < latest:
            run.tell(item.place, "slice-order", sliced.profile, element=sliced.called)
        latest = max(latest, mine[0])
        had[mine[0]].append(item)
    for part, own, doubts in zip(parts, had, maybe, strict=True):
        if own or part.asked:
            _count(walker, run, scope, place, sliced, part, own, doubts, strangers)
    if default is not None:
        _count(walker, run, scope, place, sliced, default, strangers, 0, [])


def _owners(
    walker: Walker, run: Run, scope: Scope, sliced: Plan, parts: list[Plan], item: Item
) -> tuple[list[int], list[int]]:
    if sliced.by_url is None:
        sliced.by_url = _by_url(sliced, parts)
    if sliced.by_url:
        url = item.value.get("url") if isinstance(item.value, dict) else None
        return (sliced.by_url.get(url, []) if isinstance(url, str) else []), []
    mine, doubtful = [], []
    for index, part in enumerate(parts):
        criteria: list[Criterion] | None = part.criteria
        if criteria is None:
            criteria = part.criteria = _criteria(walker, sliced, part)
        run.step(6 * len(criteria))
        verdict: bool | None = True if criteria else None
        for test in criteria:
            one = test(walker, run, scope, item)
            if one is False:
                verdict = False
                break
            verdict = verdict if one else None
        if verdict:
            mine.append(index)
        elif verdict is None:
            doubtful.append(index)
    return mine, doubtful


def _by_url(sliced: Plan, parts: list[Plan]) -> dict[str, list[int]]:
    """The slices of extensions by their url; nothing when they are told apart otherwise or one says no url."""
    slicing = sliced.element.slicing
    found: dict[str, list[int]] = {}
    if slicing is None or slicing.discriminators != _BY_URL:
        return {}
    for index, part in enumerate(parts):
        found.setdefault(url_of(part), []).append(index)
    return {} if "" in found else found


def _tell_unjudged(run: Run, item: Item, sliced: Plan, part: Plan) -> None:
    """Say once of a slice that it was not judged: it asks nothing to be known by, or what it asks is not there."""
    lists = run.memo.setdefault(("unjudged", id(part)), [])
    if not any(told is run.told for told in lists):
        lists.append(run.told)
        slicing = sliced.element.slicing or Slicing()
        paths = ", ".join(f"{kind}:{path}" for kind, path in slicing.discriminators) or "-"
        run.tell(item.place, "slice-unjudged", part.profile, element=part.called, paths=paths)


def _criteria(walker: Walker, sliced: Plan, part: Plan) -> list[Criterion]:
    """What the items of a slice are known by. Discriminators by which it asks nothing count for nothing."""
    slicing = sliced.element.slicing or Slicing()
    discriminators = slicing.discriminators or (_BY_TYPE if sliced.element.choice else ())
    found = (criterion(walker, part, kind, path) for kind, path in discriminators)
    return [test for test in found if test is not None]


def _count(
    walker: Walker,
    run: Run,
    scope: Scope,
    place: Place,
    sliced: Plan,
    part: Plan,
    own: list[Item],
    doubts: int,
    strangers: list[Item],
) -> None:
    element = part.element
    if len(own) + doubts < element.min:
        known = marks(walker, sliced, part)
        run.tell(place, "slice-min", part.profile, element=part.called, min=element.min, found=len(own), **known)
        walker.why_not(run, scope, part, strangers)
    if element.max is not None and len(own) > element.max:
        known = marks(walker, sliced, part)
        run.tell(place, "slice-max", part.profile, element=part.called, max=element.max, found=len(own), **known)
    for item in own:
        walker.item(run, scope, part, item)
    if part.slices:
        check_slices(walker, run, scope, place, part, own)
