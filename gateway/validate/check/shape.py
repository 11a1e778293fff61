"""A FHIR type as the base pass walks it: which JSON keys may stand in an object, and what each of them holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.validate.compile import Structures
from gateway.validate.compile.delta import at_path
from gateway.validate.element import Binding, Constraint, Element, Structure, Type
from gateway.validate.primitives import Fault, fault_of

RESOURCE, COMPLEX, PRIMITIVE = "resource", "complex", "primitive"
_NOT_PLAIN = frozenset({"xhtml", "canonical"})
_NO_CONSTRAINTS: tuple[Constraint, ...] = ()


@dataclass(slots=True, eq=False)
class Field:
    """One JSON key of an object.

    shown        the same step in FHIRPath: `value.ofType(Quantity)`
    kind         resource | complex | primitive
    many         a JSON array
    constraints  of the element and of its type; constrained: by more than ele-1, that every element has
    plain        a primitive, one alone, of which nothing is asked but its form
    fault        of a primitive: what a value breaks
    """

    key: str
    shown: str
    element: Element
    type: Type
    kind: str
    many: bool
    constraints: tuple[Constraint, ...]
    binding: Binding | None
    constrained: bool
    fault: Fault
    shape: Shape | None = None
    plain: bool = False


@dataclass(slots=True, eq=False)
class Shape:
    """What may stand in one kind of object.

    name      of the type; `Patient.contact` for an element with elements of its own
    url       canonical of the definition it comes from
    required  (element, its keys) of those with a minimum
    choices   the keys of elements that have one of several types, and what such an element is called: `value[x]`
    """

    name: str
    url: str
    resource: bool
    constraints: tuple[Constraint, ...]
    abstract: bool = False
    fields: dict[str, Field] = field(default_factory=dict)
    companions: dict[str, Field] = field(default_factory=dict)
    required: list[tuple[Element, tuple[str, ...]]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)


class Shapes:
    """Every shape, made once and when first asked for."""

    def __init__(self, structures: Structures) -> None:
        self._structures = structures
        self._made: dict[str, Shape | None] = {}

    def of_type(self, name: str) -> Shape | None:
        """The shape of a type by its name; None when R4 has no such type."""
        shape = self._made.get(name)
        if shape is None and (structure := self._structures.type(name)) is not None:
            shape = self._made[name] = self._shape(structure, structure.root, name)
        return shape

    def of(self, field: Field) -> Shape | None:
        """The shape of what stands in a field that is complex, or primitive (its `_` object)."""
        if field.shape is None:
            field.shape = self._of_element(field.element) or self.of_type(field.type.code)
        return field.shape

    def _of_element(self, element: Element) -> Shape | None:
        """The shape of an element that has its elements in place, or names another that has."""
        structure = self._structures.type(element.path.partition(".")[0])
        if structure is None:
            return None
        path = element.content.rpartition("#")[2] or element.path
        if path not in self._made:
            owner = at_path(structure.root, path)
            has = owner is not None and owner.children and owner is not structure.root
            self._made[path] = self._shape(structure, owner, path) if has and owner else None
        return self._made[path]

    def _shape(self, structure: Structure, element: Element, name: str) -> Shape:
        resource = structure.kind == RESOURCE and element is structure.root
        shape = Shape(name, structure.url, resource, element.constraints, resource and structure.abstract)
        primitive_itself = structure.kind == "primitive-type"
        for child in element.children:
            if child.max == 0 or (primitive_itself and child.name == "value"):
                continue
            fields = [self._field(child, each, structure) for each in child.types or (Type(""),)]
            for each in fields:
                shape.fields[each.key] = each
                if each.kind == PRIMITIVE:
                    shape.companions["_" + each.key] = each
            keys = tuple(each.key for each in fields)
            if child.min > 0:
                shape.required.append((child, keys))
            if len(keys) > 1:
                shape.choices |= dict.fromkeys(keys, child.name + "[x]")
        return shape

    def _field(self, element: Element, each: Type, structure: Structure) -> Field:
        code = each.code
        if element.name == "id" and structure.kind == RESOURCE and element.path.count(".") == 1:
            each = Type("id")  # R4 types Resource.id as System.String; its own text says id
        kind, root_constraints = COMPLEX, _NO_CONSTRAINTS
        if code in ("Resource", "DomainResource"):
            kind = RESOURCE
        elif code[:1].islower():
            kind = PRIMITIVE
        if kind == COMPLEX and code and not element.children:
            type_structure = self._structures.type(code)
            if type_structure is not None:
                root_constraints = type_structure.root.constraints
        known = {constraint.key for constraint in element.constraints}
        constraints = element.constraints + tuple(c for c in root_constraints if c.key not in known)
        constrained = any(constraint.key != "ele-1" for constraint in constraints)
        binding = element.binding if element.binding and element.binding.strength != "example" else None
        many = element.max is None or element.max > 1
        return Field(
            key=element.name + code[0].upper() + code[1:] if element.choice else element.name,
            shown=f"{element.name}.ofType({code})" if element.choice else element.name,
            element=element,
            type=each,
            kind=kind,
            many=many,
            constraints=constraints,
            binding=binding,
            constrained=constrained,
            fault=fault_of(each.code),
            plain=kind == PRIMITIVE and code not in _NOT_PLAIN and not (many or binding or constrained),
        )
