"""Whom the walk asks about what is not its own matter: codes, invariants, references and extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.validate.compile import Structures
from gateway.validate.element import Binding, Constraint, Structure, Type
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


class Terminology(Protocol):
    def check_binding(
        self, run: Run, place: Place, value: Any, type_code: str, binding: Binding, profile: str
    ) -> None: ...

    def check_coding(self, run: Run, place: Place, coding: dict[str, Any]) -> None: ...

    def check_unit(self, run: Run, place: Place, quantity: dict[str, Any]) -> None: ...

    def check_definition(self, run: Run, scope: Scope) -> None: ...

    def holds(self, value_set: str, value: Any) -> Any: ...


class Laws(Protocol):
    """The invariants."""

    def check(
        self,
        run: Run,
        scope: Scope,
        place: Place,
        value: Any,
        type_code: str,
        constraints: tuple[Constraint, ...],
        profile: str,
    ) -> None: ...

    def holds(self, run: Run, scope: Scope, value: Any, type_code: str, expression: str) -> bool | None: ...

    def acquaint(
        self, resolve: Callable[[Run, Scope, str], Any] | None, conforms: Callable[[Run, Scope, str], bool] | None
    ) -> None: ...


class Holding(Protocol):
    """What holds what: references, extensions, contained resources, Bundles, the profiles a resource claims."""

    def check_reference(self, run: Run, scope: Scope, place: Place, value: Any, type: Type, profile: str) -> None: ...

    def check_target(self, run: Run, scope: Scope, place: Place, value: Any, type: Type, profile: str) -> None: ...

    def check_extension(self, run: Run, scope: Scope, place: Place, value: Any, key: str) -> Structure | None: ...

    def check_attachment(self, run: Run, scope: Scope, place: Place, value: dict[str, Any]) -> None: ...

    def check_resource(self, run: Run, scope: Scope) -> None: ...

    def claimed(self, run: Run, scope: Scope) -> tuple[Structure, ...]: ...

    def resolve(self, run: Run, scope: Scope, reference: str) -> Any: ...


@dataclass(slots=True)
class Experts:
    """One of each, or None where a check is left out."""

    structures: Structures
    terms: Terminology | None = None
    invariants: Laws | None = None
    hold: Holding | None = None
