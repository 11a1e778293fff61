"""What every form of one parcel must say alike: whose it is, who wrote it, what it is, and when.

Each room returns the Facts of what it made or read; they are compared before anything leaves. Differences are
told by name, never by value.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Facts:
    """None means that this form does not say it, which never counts as a difference.

    patient     the INS matricule when the identity is qualified, else `system|value` of the local id
    birth_name  as on the birth certificate, upper case
    given_name  first given name, upper case
    birth_date  `YYYY-MM-DD`, `YYYY-MM` or `YYYY`
    sex         M, F or U
    author      the first author's RPPS (11 digits), else their name
    type        the document's type code (JDV_J07)
    created     creation time, UTC, `YYYYMMDDHHMMSS`
    service     start of the act documented, UTC, as precise as known
    """

    patient: str | None = None
    birth_name: str | None = None
    given_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    author: str | None = None
    type: str | None = None
    created: str | None = None
    service: str | None = None

    def __repr__(self) -> str:
        return "Facts(***)"

    def differences(self, other: Facts) -> tuple[str, ...]:
        """Names of the facts both state and state differently."""
        return tuple(
            field.name
            for field in fields(self)
            if None not in (mine := getattr(self, field.name), its := getattr(other, field.name)) and mine != its
        )
