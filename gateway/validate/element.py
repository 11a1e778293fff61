"""A StructureDefinition as the checks need it: a tree of elements, each with what it asks for and nothing else.

Plain data: it holds no reference to a library and can be written to a cache and read back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Type:
    """One type an element may have (ElementDefinition.type).

    code      `Identifier`, `string`, `Reference`, `Patient`… (FHIRPath system types already turned into FHIR ones)
    profiles  any of these profiles of the type is enough
    targets   of a Reference or canonical: any of these profiles or types
    aggregation  contained | referenced | bundled; empty: all of them
    """

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """A value set and how strongly it binds: required, extensible, preferred, example. `max_value_set` binds as
    required beside an extensible one (extension elementdefinition-maxValueSet). `additional`: (purpose, value set) of
    more bindings beside it (extension additional-binding)."""

    strength: str
    value_set: str
    max_value_set: str = ""
    additional: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """An invariant: key, severity (error | warning), the sentence of its author, FHIRPath (may be empty: prose only).

    source: canonical of the definition it comes from, "" when it is that of the structure itself."""

    key: str
    severity: str
    human: str
    expression: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Slicing:
    """How items are told apart: (type, path) of each discriminator; rules open | closed | openAtEnd; ordered."""

    discriminators: tuple[tuple[str, str], ...] = ()
    rules: str = "open"
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a definition.

    path      as in the definition: `Patient.contact.name`, `Observation.value[x]`
    id        with slice names: `Patient.identifier:INS-NIR.system`
    name      last step without `[x]`
    choice    True for `[x]` elements
    max       None for `*`
    fixed, pattern  (JSON value,) or None, so that a fixed `false` is told from no fixed value
    children  unsliced children in the definition's order; slices stand in the `slices` of the element they slice
    content   id or path of the element whose children this one has (contentReference), "" for none
    min_length, must_have_value, value_alternatives  of R5, as extensions: characters at least; a value and not only
              extensions; extensions of which one must be there when there is no value
    code      of its type when it has one only, "" when several; a delta keeps it where `types` is left out
    """

    path: str
    id: str
    name: str
    choice: bool = False
    slice_name: str = ""
    min: int = 0
    max: int | None = None
    types: tuple[Type, ...] = ()
    fixed: tuple[Any] | None = None
    pattern: tuple[Any] | None = None
    binding: Binding | None = None
    constraints: tuple[Constraint, ...] = ()
    min_value: tuple[Any] | None = None
    max_value: tuple[Any] | None = None
    max_length: int | None = None
    min_length: int | None = None
    must_have_value: bool = False
    value_alternatives: tuple[str, ...] = ()
    modifier: bool = False
    content: str = ""
    code: str = ""
    children: tuple[Element, ...] = ()
    slicing: Slicing | None = None
    slices: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """One definition, ready to be checked against.

    type      the FHIR type it constrains or defines; kind: resource | complex-type | primitive-type | logical
    base      canonical of the definition it derives from; derivation: specialization | constraint
    contexts  of an extension: (type: element | extension | fhirpath, expression) where it may stand
    """

    url: str
    version: str
    name: str
    type: str
    kind: str
    base: str
    derivation: str
    abstract: bool
    root: Element
    contexts: tuple[tuple[str, str], ...] = ()
    context_invariants: tuple[str, ...] = ()

    @property
    def canonical(self) -> str:
        """url|version, or the url alone when it has no version."""
        return f"{self.url}|{self.version}" if self.version else self.url
