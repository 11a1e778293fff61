"""What a profile adds to its type: the elements and rules that the base pass does not check already.

An element that adds nothing, and has nothing under it that does, is left out. Most of a published snapshot goes.
A contentReference means the element of the type: what a profile adds to `Questionnaire.item` it does not add to the
items of items, unless it says so there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.validate.element import Binding, Element, Structure, Type

_BY_URL = (("value", "url"),)
TypeOf = Callable[[str], Structure | None]


def added_to(whole: Structure, type_of: TypeOf) -> Structure:
    """The structure reduced to what it adds to its type. The definition of a type itself adds nothing."""
    base = type_of(whole.type)
    if base is None or whole.url == base.url:
        return replace(whole, root=_bare(whole.root))
    return replace(whole, root=_Delta(type_of).of(whole.root, (base.root,)))


def _bare(element: Element) -> Element:
    return Element(path=element.path, id=element.id, name=element.name)


class _Delta:
    def __init__(self, type_of: TypeOf) -> None:
        self._type_of = type_of

    def of(self, element: Element, bases: tuple[Element, ...]) -> Element:
        """`element` less what its `bases` ask already: the element at its path in the type, and its type's own root."""
        known = {constraint.key for base in bases for constraint in base.constraints}
        base = bases[0] if bases else _bare(element)
        under = self._under(element, bases)
        children = [self.of(child, self._bases(child, under)) for child in element.children]
        slices = [self._slice(part, element, bases) for part in element.slices]
        if element.slicing is not None and element.slicing.discriminators == _BY_URL and not _closed(element):
            slices = [part for part in slices if not _says_only_its_url(part)]
        return replace(
            element,
            min=element.min if element.min > base.min else 0,
            max=element.max if _fewer(element.max, base.max) else None,
            types=() if _same_types(element.types, base.types) else element.types,
            binding=None if _same_binding(element, base) else element.binding,
            constraints=tuple(c for c in element.constraints if c.key not in known),
            min_value=None if element.min_value == base.min_value else element.min_value,
            max_value=None if element.max_value == base.max_value else element.max_value,
            max_length=None if element.max_length == base.max_length else element.max_length,
            content="",
            children=tuple(child for child in children if _asks(child)),
            slices=tuple(slices),
            slicing=element.slicing if slices or _closed(element) else None,
        )

    def _slice(self, part: Element, sliced: Element, bases: tuple[Element, ...]) -> Element:
        """A slice counts its own items: its cardinality is kept, but for a maximum the sliced element has already."""
        own = self.of(part, bases)
        return replace(own, min=part.min, max=part.max if _fewer(part.max, sliced.max) else None)

    def _under(self, element: Element, bases: tuple[Element, ...]) -> dict[str, Element]:
        """The elements that may stand under `element` by its base type, by name."""
        found: dict[str, Element] = {}
        for root in (*bases, *self._roots(element.types)):
            for child in self._children(root):
                found.setdefault(child.name, child)
        return found

    def _children(self, element: Element) -> Iterable[Element]:
        if element.children or not element.content:
            return element.children
        path = element.content.rpartition("#")[2]
        structure = self._type_of(path.partition(".")[0])
        referred = None if structure is None else at_path(structure.root, path)
        return () if referred is None else referred.children

    def _bases(self, child: Element, under: dict[str, Element]) -> tuple[Element, ...]:
        base = under.get(child.name)
        if base is None:
            return ()
        return (base, *self._roots(child.types or base.types))

    def _roots(self, types: tuple[Type, ...]) -> list[Element]:
        roots = (self._type_of(each.code) for each in types)
        return [structure.root for structure in roots if structure is not None]


def at_path(root: Element, path: str) -> Element | None:
    """The unsliced element of a definition at a path (`Questionnaire.item.item`)."""
    here: Element | None = root
    for step in path.split(".")[1:]:
        name = step.removesuffix("[x]")
        here = next((child for child in here.children if child.name == name), None) if here else None
    return here


def _fewer(most: int | None, base: int | None) -> bool:
    return most is not None and (base is None or most < base)


def _asks(element: Element) -> bool:
    """Whether anything is left to check at or under an element."""
    return bool(
        element.min
        or element.max is not None
        or element.types
        or element.binding
        or element.constraints
        or element.fixed
        or element.pattern
        or element.min_value
        or element.max_value
        or element.max_length
        or element.min_length
        or element.must_have_value
        or element.value_alternatives
        or element.children
        or element.slices
        or element.slicing
    )


def _says_only_its_url(part: Element) -> bool:
    """A slice of extensions that only names their definition: every extension is checked against its own anyway."""
    return [each.code for each in part.types] == ["Extension"] and not _asks(replace(part, types=()))


def _closed(element: Element) -> bool:
    return element.slicing is not None and element.slicing.rules != "open"


def _same_types(types: tuple[Type, ...], base: tuple[Type, ...]) -> bool:
    codes = {each.code for each in types}
    if codes == {"id"} and [each.code for each in base] == ["string"]:
        return True  # R4 types Resource.id as a string, its text and later snapshots as an id
    return not types or {_plain(t) for t in types} == {_plain(t) for t in base}


def _plain(each: Type) -> tuple[object, ...]:
    targets = frozenset(target.partition("|")[0] for target in each.targets)
    return (each.code, frozenset(each.profiles), targets, each.aggregation)


def _same_binding(element: Element, base: Element) -> bool:
    if element.binding is None or base.binding is None:
        return element.binding is None
    return _plain_binding(element.binding) == _plain_binding(base.binding)


def _plain_binding(binding: Binding) -> Binding:
    return replace(
        binding,
        value_set=binding.value_set.partition("|")[0],
        max_value_set=binding.max_value_set.partition("|")[0],
    )
