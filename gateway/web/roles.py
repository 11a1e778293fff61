"""Who may open which page: one table. What the HTTP door also does keeps the roles it has there."""

from __future__ import annotations

from gateway.api import ANYONE, MATRIX

_SIGNED_IN = frozenset({"vendor", "admin", "auditor", "dpo"})

PAGES: dict[str, frozenset[str]] = {
    "home": ANYONE,
    "sign-in": ANYONE,
    "read-statement": ANYONE,
    "read-style": ANYONE,
    "sign-out": _SIGNED_IN,
    "list-recipients": frozenset({"admin"}),
    "list-notices": frozenset({"admin"}),
    **{
        operation: MATRIX[operation]
        for operation in (
            "list-exchanges", "read-exchange", "retry-exchange", "cancel-exchange", "hold-leg", "release-leg",
            "retry-leg", "cancel-leg", "hold-exchange", "release-exchange", "repeat-leg", "redirect-leg", "settle-leg",
            "steer-exchanges", "search-audit", "read-checkpoint", "prove-entry",
        )
    },
    "verify-log": MATRIX["read-checkpoint"],
    "preview-steering": MATRIX["steer-exchanges"],
}  # fmt: skip
"""Page → the roles that may open it. A page this table does not name is refused to everyone."""


def may_open(role: str, page: str) -> bool:
    """True when somebody signed in with that role may."""
    roles = PAGES.get(page, frozenset())
    return roles == ANYONE or role in roles
