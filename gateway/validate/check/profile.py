"""The profile pass: what a profile adds to a type, checked at every item it speaks of.

Each value is checked once against each profile: the findings are remembered, so that a slice told apart by a profile,
the slice's own type and `meta.profile` cost one walk together.
"""

from __future__ import annotations

from typing import Any

from gateway.validate.check.experts import Experts
from gateway.validate.check.items import Item, held_by, items_of
from gateway.validate.check.marks import spelled
from gateway.validate.check.plan import Plan, plan_of
from gateway.validate.check.slicing import check_slices
from gateway.validate.check.values import exceeds, keeps_fixed, keeps_pattern
from gateway.validate.element import Structure, Type
from gateway.validate.place import Place
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope, Told

_ANY = frozenset({"Resource", "DomainResource", "Element"})

_UNDECIDED = frozenset({"binding-unverified", "profile-unknown", "slice-unjudged"})


class ProfilePass:
    """Checks values against the deltas of profiles."""

    def __init__(self, experts: Experts) -> None:
        self._experts = experts
        self._structures = experts.structures
        self._plans: dict[int, Plan] = {}

    def resource(self, run: Run, scope: Scope, canonical: str) -> None:
        """Check a resource against one profile, and note what it finds."""
        code = scope.resource.get("resourceType")
        item = Item(scope.place, scope.resource, None, code if isinstance(code, str) else "")
        run.told.extend(self._judged(run, scope, item, canonical))

    def value(self, run: Run, scope: Scope, item: Item, canonical: str) -> None:
        """Check any value against one profile (of its type, of an extension), and note what it finds."""
        run.told.extend(self._judged(run, scope, item, canonical))

    def conforms(self, run: Run, scope: Scope, item: Item, canonical: str) -> bool | None:
        """Whether a value has no error by a profile. None: the profile is not there."""
        if self._structures.added(canonical) is None:
            return None
        return not any(is_error(told) for told in self._judged(run, scope, item, canonical))

    def plan(self, canonical: str) -> Plan | None:
        """What a profile adds, ready to be walked; None when it is not there or broken."""
        delta = self._structures.added(canonical)
        if delta is None:
            return None
        plan = self._plans.get(id(delta))  # deltas live as long as their structures
        if plan is None:
            plan = self._plans[id(delta)] = plan_of(delta)
        return plan

    def fits(self, run: Run, scope: Scope, item: Item, plan: Plan) -> bool | None:
        """Whether an item has no error by one element of a profile. None: a value set it depends on is not there."""
        aside = run.aside()
        self.item(aside, scope, plan, item)
        if plan.slices:
            check_slices(self, aside, scope, item.place, plan, [item])
        run.steps = aside.steps
        if any(is_error(told) for told in aside.told):
            return False
        return None if any(told.rule in _UNDECIDED for told in aside.told) else True

    def in_value_set(self, item: Item, value_set: str) -> bool | None:
        """Whether a code, or one of the codes of a value, is in a value set. None: its content is not there."""
        if self._experts.terms is None or item.value is None:
            return None
        answer: bool | None = self._experts.terms.holds(value_set, item.value).answer
        return answer

    def target(self, run: Run, scope: Scope, item: Item) -> tuple[str, Scope | None] | None:
        """What a reference leads to: its type, and its scope when it is at hand. None: nobody knows."""
        hold = self._experts.hold
        reference = item.value.get("reference") if isinstance(item.value, dict) else item.value
        if hold is None or not isinstance(reference, str):
            return None
        target = hold.resolve(run, scope, reference)
        return None if target is None else (target.type, target.scope)

    def _judged(self, run: Run, scope: Scope, item: Item, canonical: str) -> list[Told]:
        held = item.value if item.value is not None else item.beside
        key = ("profile", id(held) if isinstance(held, dict) else item.place, canonical)
        found = run.memo.get(key)
        if found is None:
            run.memo[key] = []  # a profile that comes back to itself on the same value holds until told otherwise
            aside = run.aside()
            self._whole(aside, scope, item, canonical)
            run.steps = aside.steps
            found = run.memo[key] = aside.told
        return found

    def _whole(self, run: Run, scope: Scope, item: Item, canonical: str) -> None:
        plan, delta = self.plan(canonical), self._structures.added(canonical)
        if plan is None or delta is None:
            broken = self._structures.broken.get(canonical)
            if broken is not None:
                run.tell(item.place, "profile-broken", canonical, what=broken.what, where=broken.where)
            else:
                run.tell(item.place, "profile-unknown", canonical[:200])
            return
        if item.code and not self._is_a(item.code, delta.type):
            run.tell(item.place, "profile-type", delta.canonical, type=delta.type, found=self._named(item.code))
            return
        self.item(run, scope, plan, item)

    def item(self, run: Run, scope: Scope, plan: Plan, item: Item) -> None:
        """Check one item against one element, and all that stands under it."""
        run.step(4)
        if plan.judged:
            self._value(run, scope, plan, item)
        if plan.children:
            held = held_by(item)
            for child in plan.children:
                if child.name in held or child.companion in held or child.sought:
                    self._child(run, scope, child, held, item.place)

    def _child(self, run: Run, scope: Scope, plan: Plan, held: dict[str, Any], place: Place) -> None:
        element = plan.element
        items = items_of(held, place, element)
        if len(items) < element.min:
            run.tell(place, "min", plan.profile, element=plan.called, min=element.min, found=len(items))
        if element.max is not None and len(items) > element.max:
            run.tell(place, "max", plan.profile, element=plan.called, max=element.max, found=len(items))
        for item in items:
            self.item(run, scope, plan, item)
        if plan.slices and (items or plan.asked):
            check_slices(self, run, scope, place, plan, items)

    def _value(self, run: Run, scope: Scope, plan: Plan, item: Item) -> None:
        element, value = plan.element, item.value
        if plan.types:
            self._type(run, scope, plan, item)
        if value is not None:
            if plan.bounded:
                self._bounds(run, plan, item)
            if element.binding is not None and self._experts.terms is not None:
                self._experts.terms.check_binding(run, item.place, value, item.code, element.binding, plan.profile)
        else:
            self._without_value(run, plan, item)
        if element.constraints and self._experts.invariants is not None:
            judged = value if value is not None else item.beside
            holder = self.holder(run, scope, item)
            self._experts.invariants.check(
                run, holder, item.place, judged, item.code, element.constraints, plan.profile
            )

    def _bounds(self, run: Run, plan: Plan, item: Item) -> None:
        element, value = plan.element, item.value
        if not keeps_fixed(element, value, item.code):
            run.tell(item.place, "fixed", plan.profile, element=plan.called, asked=spelled(element))
        if element.pattern and not keeps_pattern(element, value, item.code):
            part = isinstance(element.pattern[0], dict)
            fr, en = ("contenir au moins", "have at least") if part else ("valoir", "be")
            run.tell(item.place, "pattern", plan.profile, element=plan.called, asked=spelled(element), fr=fr, en=en)
        if element.min_value and exceeds(value, element.min_value[0], item.code) < 0:
            run.tell(item.place, "min-value", plan.profile, element=plan.called, asked=element.min_value[0])
        if element.max_value and exceeds(value, element.max_value[0], item.code) > 0:
            run.tell(item.place, "max-value", plan.profile, element=plan.called, asked=element.max_value[0])
        if element.max_length and isinstance(value, str) and len(value) > element.max_length:
            run.tell(item.place, "max-length", plan.profile, element=plan.called, max=element.max_length)
        if element.min_length and isinstance(value, str) and len(value) < element.min_length:
            run.tell(item.place, "min-length", plan.profile, element=plan.called, min=element.min_length)

    def _without_value(self, run: Run, plan: Plan, item: Item) -> None:
        """A primitive that has extensions only."""
        element = plan.element
        if element.fixed or element.pattern:
            run.tell(item.place, "fixed", plan.profile, element=plan.called, asked=spelled(element))
        if element.must_have_value:
            run.tell(item.place, "value-missing", plan.profile, element=plan.called)
        extensions = item.beside.get("extension", ()) if isinstance(item.beside, dict) else ()
        urls = {each.get("url") for each in extensions if isinstance(each, dict)}
        if element.value_alternatives and urls.isdisjoint(element.value_alternatives):
            asked = ", ".join(element.value_alternatives)
            run.tell(item.place, "value-alternative", plan.profile, element=plan.called, asked=asked)

    def _type(self, run: Run, scope: Scope, plan: Plan, item: Item) -> None:
        each = plan.types.get(item.code)
        if each is None and item.code:
            each = next((t for code, t in plan.types.items() if self._stands_for(plan, item.code, code)), None)
            if each is None:
                allowed = ", ".join(plan.types)
                run.tell(
                    item.place, "type", plan.profile, element=plan.called, types=allowed, found=self._named(item.code)
                )
                return
        if each is None:
            return
        if each.profiles:
            self._profiles(run, self.holder(run, scope, item), plan, item, each)
        if each.targets or each.aggregation:
            self._targets(run, scope, plan, item, each)

    def _profiles(self, run: Run, scope: Scope, plan: Plan, item: Item, each: Type) -> None:
        if len(each.profiles) == 1:
            self.value(run, scope, item, each.profiles[0])
            return
        verdicts = [self.conforms(run, scope, item, profile) for profile in each.profiles]
        if True not in verdicts:
            asked = ", ".join(each.profiles)
            if None in verdicts:
                run.tell(item.place, "profile-unknown", asked[:200])
            else:
                run.tell(item.place, "profile-none", plan.profile, element=plan.called, profiles=asked)

    def _targets(self, run: Run, scope: Scope, plan: Plan, item: Item, each: Type) -> None:
        hold = self._experts.hold
        if hold is not None:
            hold.check_target(run, scope, item.place, item.value, each, plan.profile)

    def resource_conforms(self, run: Run, scope: Scope, canonical: str) -> bool:
        """Whether a resource has no error by a profile; one that is not there is taken to be met."""
        code = scope.resource.get("resourceType")
        item = Item(scope.place, scope.resource, None, code if isinstance(code, str) else "")
        return self.conforms(run, scope, item, canonical) is not False

    def why_not(self, run: Run, scope: Scope, part: Plan, items: list[Item]) -> None:
        """Say why items of the right type are not in a slice that lacks some: what they break of its profile."""
        for child in (part, *part.children):
            for each in child.types.values():
                if len(each.profiles) != 1:
                    continue
                profile = self._structures.added(each.profiles[0])
                found = (
                    items
                    if child is part
                    else [i for item in items for i in items_of(held_by(item), item.place, child.element)]
                )
                for item in found:
                    if profile is not None and item.code == profile.type and item.code != "Extension":
                        self.value(run, self.holder(run, scope, item), item, each.profiles[0])

    def holder(self, run: Run, scope: Scope, item: Item) -> Scope:
        """The scope of a resource that stands in an element; else the scope it stands in."""
        if isinstance(item.value, dict) and "resourceType" in item.value and item.value is not scope.resource:
            held = run.memo.get(("scope", id(item.value)))
            return held if isinstance(held, Scope) else Scope(item.value, item.place, "other", scope)
        return scope

    def _stands_for(self, plan: Plan, code: str, wanted: str) -> bool:
        """Whether a value of one type may stand where another is listed. A choice names each of its types: a code is
        no string there (R4 2.1.2.1.3)."""
        return wanted in _ANY or (not plan.element.choice and self._is_a(code, wanted))

    def _named(self, code: str) -> str:
        """A type as it is told: what a resource says itself may be anything."""
        return "?" if self._structures.type(code) is None else code

    def _is_a(self, code: str, wanted: str) -> bool:
        """Whether a type is another or derives from it."""
        for _ in range(8):
            if code == wanted:
                return True
            structure: Structure | None = self._structures.type(code)
            if structure is None or not structure.base:
                return wanted in _ANY and structure is None
            code = structure.base.rpartition("/")[2]
        return False


def is_error(told: Told) -> bool:
    """Whether a finding makes a value not conform."""
    severity = told.severity or (RULES[told.rule].severity if told.rule in RULES else "error")
    return severity in ("error", "fatal")
