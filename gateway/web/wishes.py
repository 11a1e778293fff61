"""What a person may wish of a leg or an exchange: its word on the page, in the address, and what will happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.journey.steer import Wish, wishes_of
from gateway.model.exchange import LegState


@dataclass(frozen=True, slots=True)
class Wished:
    """One wish.

    word      as the address says it
    button    what the button says
    leg, exchange  what will happen, said before it does
    done      what is said once it is done
    """

    wish: Wish
    word: str
    button: str
    leg: str
    exchange: str
    done: str


_ALL = (
    Wished(
        "retry",
        "relancer",
        "Relancer",
        "Le même pli, sans un octet changé, repart tout de suite vers la même adresse. Si le premier était arrivé "
        "malgré tout, le destinataire le verra deux fois.",
        "Chaque pli en échec, refusé ou reporté repart tout de suite, sans un octet changé. Un échange retenu ou sans "
        "route est préparé de nouveau, avec les routes d'aujourd'hui.",
        "C'est relancé : l'envoi suit dans les secondes qui viennent.",
    ),
    Wished(
        "hold",
        "retenir",
        "Retenir",
        "Le pli reste ici jusqu'à ce que quelqu'un le libère. Les plis suivants pour ce patient passent devant.",
        "",
        "C'est retenu : rien ne partira avant d'être libéré.",
    ),
    Wished(
        "release",
        "liberer",
        "Libérer",
        "Le contrôle légal et l'adresse sont vérifiés de nouveau, puis le pli part. Si la cause demeure, il sera "
        "retenu de nouveau.",
        "",
        "C'est libéré : l'envoi suit dans les secondes qui viennent.",
    ),
    Wished(
        "cancel",
        "annuler",
        "Annuler",
        "Le pli ne partira jamais : une annulation est définitive. Ce qui est déjà parti ne peut pas être rappelé.",
        "Aucun pli qui attend, est reporté ou retenu ne partira : une annulation est définitive. Ce qui est déjà parti "
        "ne peut pas être rappelé.",
        "C'est annulé.",
    ),
)

WISHES: dict[str, Wished] = {one.wish: one for one in _ALL}
"""Every wish by its code."""

_WITHOUT_LEGS: dict[str, tuple[Wish, ...]] = {
    "held": ("retry", "cancel"),
    "unrouted": ("retry", "cancel"),
    "accepted": ("cancel",),
}


def exchange_wishes(shown: Mapping[str, Any]) -> tuple[Wish, ...]:
    """What may be asked of a whole exchange: of itself while it has no legs, else what one of its legs allows."""
    if shown["state"] in _WITHOUT_LEGS:
        return _WITHOUT_LEGS[shown["state"]]
    willing = {wish for leg in shown["legs"] for wish in wishes_of(LegState(leg["state"]))}
    return tuple(one.wish for one in _ALL if one.exchange and one.wish in willing)
