"""Base types and code lists of R4 with no package: made once, kept for next time."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from gateway.validate.models.codes import value_set_of
from gateway.validate.models.made import type_named
from gateway.validate.packages.cache import Cache

__all__ = ["Models"]

_FORMAT = 2  # of what is kept: another number is made again


class Models:
    """What R4 says of a type, from models in place of HL7's package. Safe to share between threads."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._made: dict[str, dict[str, Any]] = {}

    def type(self, name: str) -> dict[str, Any] | None:
        """A type as a StructureDefinition with a snapshot; None for what R4 has not or no model tells."""
        made = self._made.get(name)
        if made is None and name.isalnum() and len(name) < 64 and (made := self._kept(name)) is not None:
            self._made[name] = made
        return made

    def value_set(self, canonical: str) -> dict[str, Any] | None:
        """One of R4's own short code lists as a ValueSet."""
        return value_set_of(canonical)

    @cached_property
    def _seal(self) -> str:
        """What was kept by another version, of ours or of the library, is made again."""
        from importlib.metadata import version  # its parser of mails is long to load, and rarely asked for

        return f"{_FORMAT} {version('fhir.resources')}"

    def _kept(self, name: str) -> dict[str, Any] | None:
        told = self._cache.read(f"model {name}")
        if isinstance(told, dict) and told.get("seal") == self._seal and isinstance(told.get("made"), dict):
            return dict(told["made"])
        made = type_named(name)
        if made is not None:
            self._cache.write(f"model {name}", {"seal": self._seal, "made": made})
        return made
