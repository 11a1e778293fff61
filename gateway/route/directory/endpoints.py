"""Endpoints: the software of recipients that has an https address of its own, as the settings name it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from gateway.route.addressee import structure_keys
from gateway.route.choice import Choice

EndpointKind = Literal["fhir_server", "callback"]

BY_ENDPOINT: frozenset[str] = frozenset(get_args(EndpointKind))
"""Channels that lead to an endpoint; the others lead to a mailbox, or into a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One software that takes parcels over https.

    stands_for  whose software it is: `RPPS:…`, `FINESS:…`, as exchanges show recipients
    dialect     what a callback is written in
    max_bytes   the largest parcel it takes

    Raises ValueError for an address that is not https: such an endpoint does not exist.
    """

    name: str
    kind: EndpointKind
    url: str
    stands_for: frozenset[str]
    dialect: str = "canonical"
    max_bytes: int = 20_000_000

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise ValueError("an endpoint is reached by https")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Every endpoint of the settings, in their order."""

    known: tuple[Endpoint, ...] = ()

    def find(self, choice: Choice) -> Endpoint | None:
        """The endpoint of that channel that stands for the addressee, else for a site they work at."""
        whom = choice.addressee
        for keys in (whom.ids, structure_keys(whom.organizations)):
            for key in keys:
                for one in self.known:
                    if one.kind == choice.transport and key in one.stands_for:
                        return one
        return None

    def reaches(self, name: str | None, kind: str, keys: Iterable[str]) -> bool:
        """True while the settings hold that endpoint, of that kind, for one of these recipients' keys."""
        return any(one.name == name and one.kind == kind and not one.stands_for.isdisjoint(keys) for one in self.known)
