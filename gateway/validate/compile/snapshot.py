"""Differential → snapshot, for a definition published without one (FHIR R4, §5.1.0.8 and ElementDefinition §2.26.7).

The base's snapshot is grown into a tree; each element of the differential finds its place there, opening the type of an
element where it goes further than the base does, and says over it what it asks for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.validate.compile.structure import BadDefinition

JSON = dict[str, Any]

_TYPES = "http://hl7.org/fhir/StructureDefinition/"
_OWN = frozenset({"id", "path", "sliceName", "sliceIsConstraining", "constraint", "condition", "mapping", "example"})
_GATHERED = ("constraint", "condition", "mapping")
_BY_URL = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}
_BY_TYPE = {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "open"}
_DEPTH = 40  # bases of bases, and steps of a path


class Definitions(Protocol):
    """What is asked of a library."""

    def structure_definition(self, canonical: str) -> JSON | None:
        """The StructureDefinition of a canonical; None when there is none."""

    def type_definition(self, name: str) -> JSON | None:
        """That of a type of R4 by its name, with a snapshot; None for what R4 has not."""


def with_snapshot(definition: JSON, library: Definitions) -> JSON:
    """The definition with a snapshot: its own, else one made of its base's and its differential.

    Raises BadDefinition when a base is missing or goes round in a circle, or when the differential speaks of an element
    its base does not have.
    """
    if (definition.get("snapshot") or {}).get("element"):
        return definition
    return _Maker(library).whole(definition, ())


@dataclass(slots=True)
class _Part:
    """An element on its way into a snapshot. `name`: the last step of its path; `slice_name`: "" when it is no slice.

    every  of a choice narrowed by naming some of its types: those it had
    """

    name: str
    said: JSON
    slice_name: str = ""
    children: list[_Part] = field(default_factory=list)
    slices: list[_Part] = field(default_factory=list)
    every: list[JSON] | None = None

    def child(self, name: str) -> _Part | None:
        return next((part for part in self.children if part.name == name), None)

    def copied(self) -> _Part:
        children, slices = [one.copied() for one in self.children], [one.copied() for one in self.slices]
        return _Part(self.name, copy.deepcopy(self.said), self.slice_name, children, slices)

    def flat(self, path: str, id: str) -> Iterator[JSON]:
        path = f"{path}.{self.name}" if path else self.name
        own = f"{id}.{self.name}" if id else self.name
        if self.slice_name:
            own = f"{own}:{self.slice_name}"
        yield {"id": own, "path": path, **({"sliceName": self.slice_name} if self.slice_name else {}), **self.said}
        for child in self.children:
            yield from child.flat(path, own)
        for part in self.slices:
            yield from part.flat(path.rpartition(".")[0], id)


class _Maker:
    def __init__(self, library: Definitions) -> None:
        self._library = library

    def whole(self, definition: JSON, under: tuple[str, ...]) -> JSON:
        """The definition with its snapshot; `under`: the definitions this one is the base of."""
        url = str(definition.get("url", ""))
        if (definition.get("snapshot") or {}).get("element"):
            return definition
        if url in under or len(under) > _DEPTH:
            raise BadDefinition("its bases go round in a circle", url)
        base = self._found(str(definition.get("baseDefinition", "")))
        if base is None:
            raise BadDefinition("its base is not there", str(definition.get("baseDefinition", url)))
        root = grown(self.whole(base, (*under, url))["snapshot"]["element"], str(base.get("url", "")))
        new = definition.get("derivation") == "specialization"
        if new:
            root.name = str(definition.get("type", "")).rpartition("/")[2]
        try:
            for element in identified((definition.get("differential") or {}).get("element", ())):
                self._say(root, element, url, new)
        except (AttributeError, TypeError, KeyError) as error:
            raise BadDefinition("not shaped as a StructureDefinition", url) from error
        return {**definition, "snapshot": {"element": list(root.flat("", ""))}}

    def _found(self, canonical: str) -> JSON | None:
        found = self._library.structure_definition(canonical)
        if found is None and canonical.startswith(_TYPES):
            found = self._library.type_definition(canonical.removeprefix(_TYPES).partition("|")[0])
        return found

    def _say(self, root: _Part, element: JSON, url: str, new: bool) -> None:
        """Put one element of the differential in its place."""
        steps = list(steps_of(element))
        if len(steps) > _DEPTH or steps[0][0] != root.name:
            raise BadDefinition("its base has no such element", str(element["path"])[:200])
        here = root
        for at, (name, slice_name) in enumerate(steps[1:], 1):
            last = at == len(steps) - 1
            wanted = str(element.get("sliceName", "")) if last else slice_name
            self._open(here, root)
            here = self._step(here, name, wanted, str(element["path"]), new and last)
        if not element.get("sliceName") and len(steps) > 1 and steps[-1][1] and not here.slice_name:
            here = self._slice(here, steps[-1][1])
        _say_over(here, element, url)

    def _own_type(self, name: str) -> _Part | None:
        definition = self._library.type_definition(name)
        if definition is None:
            return None
        return grown(self.whole(definition, ())["snapshot"]["element"], str(definition.get("url", "")))

    def _step(self, above: _Part, name: str, slice_name: str, path: str, new: bool) -> _Part:
        found = above.child(name)
        if found is None and (choice := _choice(above, name)) is not None:
            # `valueQuantity` stands for the slice of `value[x]` that is a Quantity (§2.26.7.2)
            code = name[len(choice.name) - 3 :]
            alone = choice.every is not None or "slicing" not in choice.said
            found, every = self._slice(choice, name), choice.every or choice.said.get("type", [])
            kept = [one for one in every if _is_called(one, code)]
            found.said["type"] = copy.deepcopy(kept)
            if alone:  # nothing else was said of `value[x]`: only the types so named are left
                left = kept if choice.every is None else [*choice.said["type"], *kept]
                choice.every = every
                choice.said |= {"slicing": {**_BY_TYPE, "rules": "closed"}, "type": copy.deepcopy(left)}
            return found if not slice_name or slice_name == name else self._slice(found, slice_name)
        if found is None and new:
            found = _Part(name, {})
            above.children.append(found)
        if found is None:
            raise BadDefinition("its base has no such element", path)
        return self._slice(found, slice_name) if slice_name else found

    def _slice(self, sliced: _Part, name: str) -> _Part:
        """The slice of that name, made from what it slices when it is not there. `a/b` is a slice of slice `a`."""
        owner = sliced
        while inner := next((one for one in owner.slices if name.startswith(one.slice_name + "/")), None):
            owner = inner
        found = next((one for one in owner.slices if one.slice_name == name), None)
        if found is not None:
            return found
        if "slicing" not in owner.said and owner.name in ("extension", "modifierExtension"):
            owner.said["slicing"] = copy.deepcopy(_BY_URL)
        if "slicing" not in owner.said and owner.name.endswith("[x]"):
            owner.said["slicing"] = copy.deepcopy(_BY_TYPE)
        said = {key: copy.deepcopy(value) for key, value in owner.said.items() if key != "slicing"}
        found = _Part(owner.name, {**said, "min": 0}, name, [one.copied() for one in owner.children])
        owner.slices.append(found)
        return found

    def _open(self, part: _Part, root: _Part) -> None:
        """Give an element the children of its type, its type's profile, or of the element it refers to."""
        if part.children:
            return
        if refers := str(part.said.get("contentReference", "")).rpartition("#")[2]:
            # The type's own elements: what a profile asks of the one referred to is not asked again inside it.
            found = self._own_type(refers.partition(".")[0]) or root
            for name in refers.split(".")[1:]:
                found = found.child(name) or _Part(name, {})
            if found.children:
                part.children = [one.copied() for one in found.children]
                del part.said["contentReference"]
                part.said["type"] = copy.deepcopy(found.said.get("type", []))
            return
        types = part.said.get("type", ())
        if not types:
            return
        one = types[0] if len(types) == 1 else {"code": "Element"}  # what every type of a choice has
        profiles = one.get("profile", ())
        definition = self._found(str(profiles[0])) if len(profiles) == 1 else None
        code = str(one.get("code", ""))
        if definition is None and not code.startswith("http://hl7.org/fhirpath/"):
            definition = self._library.type_definition(code.removeprefix(_TYPES))
        if definition is not None:
            whole = self.whole(definition, ())
            part.children = grown(whole["snapshot"]["element"], str(definition.get("url", ""))).children


def grown(elements: list[JSON], url: str) -> _Part:
    """The tree of a snapshot's flat list. `url`: whose constraints they are that do not say."""
    root = _Part(str(elements[0]["path"]), _said(elements[0], url))
    latest: dict[str, _Part] = {root.name: root}
    for element in elements[1:]:
        path = str(element["path"])
        above = latest.get(path.rpartition(".")[0])
        if above is None:
            raise BadDefinition("an element stands under none", path)
        name, slice_name = path.rpartition(".")[2], str(element.get("sliceName", ""))
        part = _Part(name, _said(element, url), slice_name)
        sliced = above.child(name)
        choice = _choice(above, name) if sliced is None else None
        if choice is not None:
            part.name, part.slice_name = choice.name, slice_name or name
            sliced = choice
        if sliced is None:
            above.children.append(part)
        else:
            owner = next((one for one in sliced.slices if part.slice_name.startswith(one.slice_name + "/")), sliced)
            owner.slices.append(part)
        latest[path] = part
        latest[f"{path.rpartition('.')[0]}.{part.name}"] = part
    return root


def identified(elements: Iterable[JSON]) -> Iterator[JSON]:
    """The elements of a differential with their ids; one that has none stands in the slices named last before it."""
    latest: dict[str, str] = {}
    for element in elements:
        path = str(element["path"])
        above, _, name = path.rpartition(".")
        slice_name = str(element.get("sliceName", ""))
        own = f"{latest.get(above, above)}.{name}" if above else name
        own = str(element.get("id") or (f"{own}:{slice_name}" if slice_name else own))
        latest = {key: id for key, id in latest.items() if not key.startswith(path + ".")} | {path: own}
        yield {**element, "id": own}


def steps_of(element: JSON) -> Iterator[tuple[str, str]]:
    """(name, slice) of each step of an element, as its id says the slices it stands in."""
    path, id = str(element["path"]).split("."), str(element.get("id", "")).split(".")
    if len(path) != len(id):
        id = path
    for name, step in zip(path, id, strict=True):
        yield name, step.partition(":")[2]


def _choice(above: _Part, name: str) -> _Part | None:
    for part in above.children:
        stem = part.name.removesuffix("[x]")
        if stem != part.name and name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper():
            return part
    return None


def _is_called(type: JSON, name: str) -> bool:
    return str(type.get("code", "")).rpartition("/")[2].lower() == name.lower()


def _said(element: JSON, url: str) -> JSON:
    said = {key: copy.deepcopy(value) for key, value in element.items() if key not in ("id", "path", "sliceName")}
    for one in said.get("constraint", ()):
        one.setdefault("source", url)
    return said


def _say_over(part: _Part, element: JSON, url: str) -> None:
    said = part.said
    if any(key.startswith(("fixed", "pattern")) for key in element):
        for key in [key for key in said if key.startswith(("fixed", "pattern"))]:
            del said[key]
    if "type" in element and part.children and _opened_otherwise(said, element):
        part.children = []
    said.update({key: copy.deepcopy(value) for key, value in element.items() if key not in _OWN})
    for name in _GATHERED:
        found = {str(one): one for one in said.get(name, ())}
        if name == "constraint":
            found = {str(one.get("key")): one for one in said.get(name, ())}
            found |= {str(one.get("key")): {**one, "source": one.get("source", url)} for one in element.get(name, ())}
        else:
            found |= {str(one): one for one in element.get(name, ())}
        if found:
            said[name] = list(found.values())


def _opened_otherwise(said: JSON, element: JSON) -> bool:
    """True when children were taken from another type than the differential now asks for."""
    before = {str(one.get("code")) for one in said.get("type", ())}
    return len(before) > 0 and {str(one.get("code")) for one in element["type"]} != before
