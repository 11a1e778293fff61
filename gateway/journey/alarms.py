"""alarms: what a person in charge must know of the gateway itself, for its pages, its probes and its figures."""

from __future__ import annotations

from contextlib import suppress

from gateway.journey.clocks import Timekeeper
from gateway.journey.gateway import Gateway
from gateway.model.errors import GatewayError
from gateway.model.texts import Text

ALARMS: dict[str, Text] = {
    "disk-full": Text(
        "Le disque est plein : la passerelle termine ce qu'elle a, et ne prend plus rien.",
        "The disk is full: the gateway finishes what it has, and takes in nothing more.",
        "Libérez de la place ; la passerelle reprend d'elle-même.",
        "Free some room; the gateway goes on by itself.",
        "admin",
    ),
    "disk-low": Text(
        "Il reste peu de place sur le disque : la passerelle ne prend plus rien.",
        "Little room is left on the disk: the gateway takes in nothing more.",
        "Libérez de la place, ou baissez limits.disk ; la passerelle reprend d'elle-même.",
        "Free some room, or lower limits.disk; the gateway goes on by itself.",
        "admin",
    ),
    "overloaded": Text(
        "La passerelle a trop à envoyer, ou trop peu de mémoire, pour prendre autre chose.",
        "The gateway has too much to send, or too little memory, to take in anything else.",
        "Regardez les destinataires qui ne répondent pas ; ajoutez un processus passerelle work.",
        "Look for recipients that do not answer; add a passerelle work process.",
        "admin",
    ),
    "books-differ": Text(
        "Les comptes ne sont plus exacts : le journal et les tables ne disent pas la même chose.",
        "The books do not balance: the audit log and the tables do not say the same.",
        "Lancez passerelle exchange balance : chaque différence est nommée, avec ce qu'il faut faire.",
        "Run passerelle exchange balance: it names each difference, and what to do.",
        "admin",
    ),
    "server-closed": Text(
        "Un serveur ne répond plus : les plis pour lui attendent, sans perdre d'essai ; les autres partent.",
        "A server does not answer: what is for it waits and loses no attempt; everything else leaves.",
        "Lancez passerelle exchange stuck : lequel, depuis quand. Vérifiez le réseau, les réglages et sa page d'état ; "
        "il est interrogé de nouveau de lui-même.",
        "Run passerelle exchange stuck: which one, since when. Check the network, the settings and its state page; it "
        "is asked again by itself.",
        "operator",
    ),
    "clock-stepped": Text(
        "L'horloge de la machine a sauté : les échéances ont été décalées d'autant, rien n'est perdu.",
        "The machine's clock jumped: what is due was moved by as much, nothing is lost.",
        "Vérifiez la synchronisation de l'horloge (NTP) ; le journal dit de combien elle a sauté.",
        "Check the synchronisation of the clock (NTP); the log says how far it jumped.",
        "admin",
    ),
}
"""Code → what it means. The first three also stand in the way of taking work in (`/health/ready`)."""

IN_THE_WAY = frozenset({"disk-full", "disk-low", "overloaded"})


def alarms(gateway: Gateway) -> tuple[str, ...]:
    """Codes of what is wrong now, as last looked at."""
    pressure, found = gateway.pressure, []
    full = pressure.everyone()
    if pressure.is_full:
        found.append("disk-full")
    elif full is not None:
        found.append("disk-low" if full.code == "storage-full" else full.code)
    with suppress(GatewayError), gateway.store.glance() as unit:
        if unit.totals.verdicts():
            found.append("books-differ")
        if any(silence.closed_until for silence in unit.servers.all().values()):
            found.append("server-closed")
    if isinstance(gateway.clock, Timekeeper) and gateway.clock.stepped_lately:
        found.append("clock-stepped")
    return tuple(found)
