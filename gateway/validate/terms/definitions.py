"""What is asked of a library of definitions."""

from __future__ import annotations

from typing import Any, Protocol


class Definitions(Protocol):
    """Definitions by canonical, `url` or `url|version`; a version that is not there hides none."""

    def find(self, canonical: str, kind: str | None = None) -> dict[str, Any] | None:
        """The definition of any kind, or of one resource type."""
        ...

    def value_set(self, canonical: str) -> dict[str, Any] | None:
        """The ValueSet."""
        ...

    def code_system(self, canonical: str) -> dict[str, Any] | None:
        """The CodeSystem, never a supplement."""
        ...

    def supplements(self, url: str) -> tuple[dict[str, Any], ...]:
        """The supplements of a code system."""
        ...
