"""Discriminators: does an item belong to a slice?

The definition side of a discriminator's path gives what a slice asks there; the instance side gives the values. A
discriminator that cannot be judged (nothing asked at its path, a reference that leads nowhere, a value set that is not
there) is None: the slice neither has the item nor refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from gateway.validate.check.items import Item
from gateway.validate.check.plan import Plan, within
from gateway.validate.check.steps import Finder, Step, reached, steps_of
from gateway.validate.check.values import fits_pattern, is_fixed, keeps_fixed, keeps_pattern
from gateway.validate.element import Element
from gateway.validate.run import Run, Scope

_ANY_RESOURCE = frozenset({"Resource", "DomainResource"})
_TYPES = "http://hl7.org/fhir/StructureDefinition/"


class Judge(Finder, Protocol):
    """What a discriminator asks of the profile pass. None: it cannot be told."""

    def plan(self, canonical: str) -> Plan | None:
        """What a profile adds; None when it is not there."""

    def fits(self, run: Run, scope: Scope, item: Item, plan: Plan) -> bool | None:
        """Whether an item has no error by one element of a profile."""

    def conforms(self, run: Run, scope: Scope, item: Item, canonical: str) -> bool | None:
        """Whether a value has no error by a whole profile."""

    def in_value_set(self, item: Item, value_set: str) -> bool | None:
        """Whether a code, or one of the codes of a value, is in a value set."""


Criterion = Callable[[Judge, Run, Scope, Item], "bool | None"]
Match = Callable[[Any], bool]


def criterion(judge: Judge, part: Plan, kind: str, path: str) -> Criterion | None:
    """What one discriminator asks of the items of one slice; None when it asks nothing one could judge by."""
    steps = steps_of(path)
    if steps is None:
        return None
    if path == "url" and kind in ("value", "pattern"):
        url = url_of(part)
        if url:
            return lambda judge, run, scope, item: isinstance(item.value, dict) and item.value.get("url") == url
    asked = asked_by(judge, [part], steps)
    if kind == "exists":
        return _existence(asked, steps)
    if kind == "type":
        return _typing(asked, steps)
    if kind == "profile":
        return _profiling(asked, steps)
    if kind in ("value", "pattern"):
        return _valuing(asked, steps)
    return None


def url_of(part: Plan) -> str:
    """The url that an extension of this slice has; "" when it is not said."""
    for child in part.children:
        if child.element.name == "url" and child.element.fixed:
            return str(child.element.fixed[0])
    profiles = [profile for each in part.types.values() for profile in each.profiles]
    return profiles[0].partition("|")[0] if len(profiles) == 1 and "Extension" in part.types else ""


def asked_by(judge: Judge, plans: list[Plan], steps: tuple[Step, ...]) -> list[Plan]:
    """The definition side: the plans at the end of a path."""
    for step in steps:
        plans = [found for plan in plans for found in _asked_one(judge, plan, step)]
    return plans


def _asked_one(judge: Judge, plan: Plan, step: Step) -> Iterable[Plan]:
    if step.call == "ofType":
        return [part for part in plan.slices if step.name in part.types] or [plan]
    if step.call == "resolve":
        return _roots(judge, (target for each in plan.types.values() for target in each.targets))
    name = "extension" if step.call == "extension" else step.name
    found = [child for child in plan.children if child.element.name == name]
    found += [within(plan, part) for part in _parts_of(plan.element, name)]
    if not found or step.call == "extension":
        roots = _roots(judge, (profile for each in plan.types.values() for profile in each.profiles))
        found += [child for root in roots for child in root.children if child.element.name == name]
    if step.call == "extension":
        return [part for each in found for part in each.slices if url_of(part) == step.name]
    return found


def _parts_of(element: Element, name: str) -> list[Any]:
    """What a fixed value or pattern of an element says of one of its parts."""
    whole = (element.fixed or element.pattern or (None,))[0]
    part = whole.get(name) if isinstance(whole, dict) else None
    return part if isinstance(part, list) else [] if part is None else [part]


def _roots(judge: Judge, canonicals: Iterable[str]) -> list[Plan]:
    return [plan for plan in map(judge.plan, canonicals) if plan is not None]


def _existence(asked: list[Plan], steps: tuple[Step, ...]) -> Criterion | None:
    if any(plan.element.max == 0 for plan in asked):
        wanted = False
    elif any(plan.element.min > 0 for plan in asked):
        wanted = True
    else:
        return None

    def exists(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        found = reached(judge, run, scope, item, steps)
        return None if found is None else bool(found) == wanted

    return exists


def _typing(asked: list[Plan], steps: tuple[Step, ...]) -> Criterion | None:
    codes = {code for plan in asked for code in (plan.types or ([plan.element.code] if plan.element.code else []))}
    resolved = bool(steps) and steps[-1].call == "resolve"
    if resolved:
        codes = {plan.element.path for plan in asked}
    if not codes:
        return None

    def typed(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        found = reached(judge, run, scope, item, steps[:-1] if resolved else steps)
        if found is None:
            return None
        kinds = _target_types(judge, run, found) if resolved else [each.code for _, each in found]
        return None if kinds is None else any(kind in codes or bool(codes & _ANY_RESOURCE) for kind in kinds)

    return typed


def _target_types(judge: Judge, run: Run, found: list[tuple[Scope, Item]]) -> list[str] | None:
    """The types of what references lead to, which a URL may tell of what is not at hand; None when one is not told."""
    targets = [judge.target(run, holder, each) for holder, each in found]
    kinds = [target[0] for target in targets if target is not None and target[0]]
    return kinds if len(kinds) == len(targets) else None


def _profiling(asked: list[Plan], steps: tuple[Step, ...]) -> Criterion | None:
    profiles = [profile for plan in asked for each in plan.types.values() for profile in each.profiles]
    targets = [target for plan in asked for each in plan.types.values() for target in each.targets]
    resolved = bool(steps) and steps[-1].call == "resolve"
    codes = {code for plan in asked for code in plan.types}
    types = frozenset() if resolved or codes & _ANY_RESOURCE else frozenset(codes) - {"Reference"}
    if resolved:
        profiles = [plan.profile for plan in asked]
    if not profiles and not targets:
        profiles = [_TYPES + code for code in codes]

    def conforms(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        found = reached(judge, run, scope, item, steps)
        if found is None:
            return None
        verdicts: list[bool | None] = []
        for holder, each in found:
            if types and each.code not in types:
                verdicts.append(False)
            elif profiles:
                verdicts.extend(judge.conforms(run, holder, each, profile) for profile in profiles)
            elif (target := judge.target(run, holder, each)) is not None and target[1] is not None:
                to = Item(target[1].place, target[1].resource, None, target[0])
                verdicts.extend(judge.conforms(run, target[1], to, profile) for profile in targets)
            else:
                verdicts.append(None)
        return _any(verdicts)

    return conforms if profiles or targets else None


def _valuing(asked: list[Plan], steps: tuple[Step, ...]) -> Criterion | None:
    tests = [test for test in map(_test, asked) if test is not None]
    if not tests:
        return None
    if not steps and len(tests) == 1:
        return tests[0]
    names = None if any(step.call for step in steps) else tuple(step.name for step in steps)
    at_once = [match for match in map(_match, asked) if match is not None]
    if names is not None and len(at_once) == len(tests):
        return _matching(names, at_once, _walking(tests, steps))
    return _walking(tests, steps)


def _walking(tests: list[Criterion], steps: tuple[Step, ...]) -> Criterion:
    """That values stand at the end of a path that meet all tests."""

    def valued(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        found = reached(judge, run, scope, item, steps)
        if found is None:
            return None
        verdict: bool | None = True
        for test in tests:
            one = _any(test(judge, run, holder, each) for holder, each in found)
            if one is False:
                return False
            verdict = None if one is None else verdict
        return verdict

    return valued


def _matching(names: tuple[str, ...], matches: list[Match], walk: Criterion) -> Criterion:
    """The same where every test looks at the value alone and every step is a name: most slices of most profiles.
    Nothing is placed. What has no such key, or only extensions, is walked to."""

    def matched(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        found = _values(item.value, names)
        if found is None:
            return walk(judge, run, scope, item)
        return all(any(map(match, found)) for match in matches)

    return matched


def _values(value: Any, names: tuple[str, ...]) -> list[Any] | None:
    """The values at the end of a path of names in an object; None where a key is missing that may be that of a choice,
    whose values have a type that counts."""
    if value.__class__ is not dict:
        return None
    here = [value]
    for name in names:
        after: list[Any] = []
        for each in here:
            held = each.get(name) if each.__class__ is dict else None
            if held.__class__ is list:
                after += [one for one in held if one is not None]
            elif held is not None:
                after.append(held)
            elif each.__class__ is not dict or any(name in key for key in each):
                return None
        here = after
    return here


def _match(plan: Plan) -> Match | None:
    """The test of a value by itself: that it is fixed, or shaped so; None when more is asked of it."""
    fixed, pattern = plan.element.fixed, plan.element.pattern
    if fixed and not pattern:
        return lambda value: is_fixed(value, fixed[0])
    if pattern and not fixed:
        return lambda value: fits_pattern(value, pattern[0])
    return None


def _test(plan: Plan) -> Criterion | None:
    """What one value must be at the end of a value or pattern discriminator."""
    element = plan.element
    binding = element.binding
    if element.fixed or element.pattern:
        return lambda judge, run, scope, item: (
            keeps_fixed(element, item.value, item.code) and keeps_pattern(element, item.value, item.code)
        )
    if binding is not None and binding.strength == "required":
        return lambda judge, run, scope, item: judge.in_value_set(item, binding.value_set)
    if plan.children or plan.slices or plan.types:
        return _fitting(plan)
    if element.min > 0:
        return lambda judge, run, scope, item: True
    return None


def _fitting(plan: Plan) -> Criterion:
    """That a value fits an element and has every value fixed under it, though elsewhere it could be left out."""
    fixed = [(steps, test) for steps, under in _fixed_under(plan) if (test := _test(under)) is not None]

    def fits(judge: Judge, run: Run, scope: Scope, item: Item) -> bool | None:
        for steps, test in fixed:
            found = reached(judge, run, scope, item, steps) or []
            if _any(test(judge, run, holder, each) for holder, each in found) is False:
                return False
        return judge.fits(run, scope, item, plan)

    return fits


def _fixed_under(plan: Plan) -> Iterable[tuple[tuple[Step, ...], Plan]]:
    for child in plan.children:
        step = (Step(child.element.name),)
        if child.element.fixed or child.element.pattern:
            yield step, child
        elif not child.slices:
            for steps, under in _fixed_under(child):
                yield step + steps, under


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    """True when one is; None when none is but one cannot be told."""
    answer: bool | None = False
    for verdict in verdicts:
        if verdict:
            return True
        if verdict is None:
            answer = None
    return answer
