"""Causes: what is held, said once for each cause with its remedy, and where all of it may be acted on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.model.reasons import REASONS
from gateway.record import Cause
from gateway.web.words import WHO, counted

_NAMES = {"exchange": ("échange", "échanges"), "leg": ("pli", "plis")}


@dataclass(frozen=True, slots=True)
class Held:
    """A cause as an admin reads it.

    number   how many wait: « 12 plis »
    first    the exchange of the oldest of them
    steered  where all of them may be acted on
    """

    number: str
    sentence: str
    remedy: str
    who: str
    first: str
    steered: str


def held(causes: Iterable[Cause]) -> list[Held]:
    """Each cause, in the order they come."""
    return [_held(one) for one in causes]


def _held(cause: Cause) -> Held:
    text = REASONS.get(cause.reason)
    said = text.about(cause.detail or "") if text else None
    asked = {"etat": cause.state, **({"cause": cause.reason} if text else {})}
    return Held(
        number=counted(cause.number, *_NAMES[cause.what]),
        sentence=said.fr if said else "Sans cause connue.",
        remedy=said.remedy_fr if said else "Regardez le plus ancien, puis libérez, ou annulez.",
        who=WHO[said.who if said else "admin"],
        first=cause.first,
        steered=f"/plis?{urlencode(asked)}",
    )
