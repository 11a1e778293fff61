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
    must_say_why  nothing is done without a reason
    """

    wish: Wish
    word: str
    button: str
    leg: str
    exchange: str
    done: str
    must_say_why: bool = False


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
        "Chaque pli qui attend, est reporté ou d'issue inconnue reste ici jusqu'à ce que quelqu'un le libère.",
        "C'est retenu : rien ne partira avant d'être libéré.",
    ),
    Wished(
        "release",
        "liberer",
        "Libérer",
        "Le contrôle légal et l'adresse sont vérifiés de nouveau, puis le pli part. Si la cause demeure, il sera "
        "retenu de nouveau.",
        "Chaque pli retenu passe de nouveau le contrôle légal, puis part ; si la cause demeure, il reste ici.",
        "C'est libéré : l'envoi suit dans les secondes qui viennent.",
    ),
    Wished(
        "repeat",
        "renvoyer",
        "Renvoyer",
        "Ce pli est déjà parti, ou l'est peut-être. Le même, sans un octet changé, part une seconde fois : le "
        "destinataire peut le voir deux fois. Ce qui a été envoyé d'abord garde son état et ses accusés.",
        "",
        "C'est renvoyé : l'envoi suit dans les secondes qui viennent.",
        must_say_why=True,
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
