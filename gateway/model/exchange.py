"""Exchange and leg: their states, and the one table of allowed changes.

An exchange is one accepted event; a leg is one recipient by one channel. Nothing else in the gateway says what may
follow what: the store refuses a move this table does not hold, and the docs' picture is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum


class ExchangeState(StrEnum):
    """Where an accepted event stands on our side. None of these says anything about a recipient: legs do."""

    ACCEPTED = "accepted"
    PREPARED = "prepared"
    HELD = "held"
    UNROUTED = "unrouted"
    CANCELLED = "cancelled"


class LegState(StrEnum):
    """Where one recipient's parcel stands, and what that does not prove (see `PROOF`)."""

    WAITING = "waiting"
    ATTEMPTED = "attempted"
    UNKNOWN = "unknown"
    POSTPONED = "postponed"
    HELD = "held"
    HANDED_OVER = "handed-over"
    DELIVERED = "delivered"
    UNREAD = "unread"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"
    DENIED = "denied"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


TRANSPORTS = ("callback", "fhir_server", "folder", "mssante")
"""Every way a parcel leaves by."""

E, L = ExchangeState, LegState

EXCHANGE_MOVES: dict[ExchangeState, frozenset[ExchangeState]] = {
    E.ACCEPTED: frozenset({E.PREPARED, E.HELD, E.UNROUTED, E.CANCELLED}),
    E.HELD: frozenset({E.ACCEPTED, E.CANCELLED}),
    E.UNROUTED: frozenset({E.ACCEPTED, E.CANCELLED}),
    E.PREPARED: frozenset(),
    E.CANCELLED: frozenset(),
}

LEG_MOVES: dict[LegState, frozenset[LegState]] = {
    L.WAITING: frozenset({L.ATTEMPTED, L.HELD, L.DENIED, L.CANCELLED}),
    L.ATTEMPTED: frozenset({L.ARRIVED, L.HANDED_OVER, L.POSTPONED, L.FAILED, L.UNKNOWN}),
    L.UNKNOWN: frozenset({L.ATTEMPTED, L.HANDED_OVER, L.ARRIVED, L.DELIVERED, L.READ, L.REFUSED, L.FAILED, L.HELD}),
    L.POSTPONED: frozenset({L.ATTEMPTED, L.HELD, L.DENIED, L.CANCELLED, L.FAILED}),
    L.HELD: frozenset({L.WAITING, L.CANCELLED}),
    L.HANDED_OVER: frozenset({L.DELIVERED, L.READ, L.REFUSED, L.FAILED, L.UNREAD}),
    L.DELIVERED: frozenset({L.READ, L.REFUSED, L.FAILED, L.UNREAD}),
    L.UNREAD: frozenset({L.DELIVERED, L.READ, L.REFUSED, L.FAILED}),
    L.READ: frozenset({L.REFUSED}),
    L.FAILED: frozenset({L.WAITING, L.DELIVERED, L.READ, L.REFUSED}),
    L.REFUSED: frozenset({L.WAITING, L.READ}),
    L.DENIED: frozenset(),
    L.ARRIVED: frozenset(),
    L.CANCELLED: frozenset(),
}

BY_A_PERSON: frozenset[tuple[LegState, LegState]] = frozenset(
    {(L.FAILED, L.WAITING), (L.REFUSED, L.WAITING), (L.HELD, L.WAITING)}
)
"""Moves only a person may ask for (retry, release)."""

BLOCKS_LANE: frozenset[LegState] = frozenset({L.WAITING, L.ATTEMPTED, L.UNKNOWN, L.POSTPONED})
"""What follows in the same lane (tenant, patient, transport, destination) waits while a leg is in one of these."""

OPEN: frozenset[LegState] = BLOCKS_LANE | {L.HELD}
"""Legs we still have something to do for."""

AWAITED: frozenset[LegState] = OPEN | {LegState.HANDED_OVER, LegState.DELIVERED}
"""Legs something more is expected of, from us or from the other side, until a time that is known."""

PROOF: dict[LegState, tuple[str, str]] = {
    L.WAITING: ("the parcel is made and its turn has not come", "that anything has left"),
    L.ATTEMPTED: ("a worker is sending it now", "that anything has left"),
    L.UNKNOWN: ("the line dropped after the last byte", "that it arrived, or that it did not"),
    L.POSTPONED: ("the carrier said: not now", "that it will be taken later"),
    L.HELD: ("it waits for a person", "that anything has left"),
    L.HANDED_OVER: ("a relay has taken it", "that it reached a mailbox"),
    L.DELIVERED: ("a mailbox has it", "that anyone opened it"),
    L.UNREAD: ("no receipt came in the time allowed", "that nobody read it"),
    L.READ: ("their software displayed or processed it", "that anyone understood it or acted on it"),
    L.FAILED: ("the carrier, or our schedule, said never", "that nothing arrived: a late success is recorded"),
    L.REFUSED: ("their software answered with an error code", "that nobody saw it"),
    L.DENIED: ("the legal gate said no: nothing left", "that the recipient may never receive it"),
    L.ARRIVED: ("their own system has it", "that anyone opened it"),
    L.CANCELLED: ("it was withdrawn before it left, or a newer one took its place", "anything about earlier parcels"),
}
"""State → (what it proves, what it does not prove)."""

PROOF_FR: dict[LegState, tuple[str, str]] = {
    L.WAITING: ("le pli est prêt et attend son tour", "que quoi que ce soit soit parti"),
    L.ATTEMPTED: ("un envoi est en cours", "que quoi que ce soit soit parti"),
    L.UNKNOWN: ("la ligne est tombée après le dernier octet", "que le pli est arrivé, ni qu'il ne l'est pas"),
    L.POSTPONED: ("le transporteur a dit : pas maintenant", "qu'il l'acceptera plus tard"),
    L.HELD: ("le pli attend une personne", "que quoi que ce soit soit parti"),
    L.HANDED_OVER: ("un relais l'a pris en charge", "qu'il a atteint une boîte"),
    L.DELIVERED: ("il est dans une boîte", "que quelqu'un l'a ouvert"),
    L.UNREAD: ("aucun accusé n'est venu dans le délai", "que personne ne l'a lu"),
    L.READ: ("leur logiciel l'a affiché ou traité", "que quelqu'un l'a compris ou a agi"),
    L.FAILED: (
        "le transporteur, ou notre calendrier, a dit : jamais",
        "que rien n'est arrivé : un succès tardif sera noté",
    ),
    L.REFUSED: ("leur logiciel a répondu par un code d'erreur", "que personne ne l'a vu"),
    L.DENIED: ("le contrôle légal a dit non : rien n'est parti", "que ce destinataire ne pourra jamais recevoir"),
    L.ARRIVED: ("leur système l'a", "que quelqu'un l'a ouvert"),
    L.CANCELLED: ("retiré avant départ, ou remplacé par un plus récent", "quoi que ce soit des plis précédents"),
}
"""The same in French, for people."""
del E, L


STATES: tuple[str, ...] = tuple(dict.fromkeys([*map(str, ExchangeState), *map(str, LegState)]))
"""Every word for a state, of an exchange or of a leg."""


def state_named(word: str) -> ExchangeState | LegState | None:
    """The state of that name; a word both have (`held`, `cancelled`) gives the exchange's. None for no state."""
    return next((kind(word) for kind in (ExchangeState, LegState) if word in set(kind)), None)


def may_move(state: LegState, to: LegState) -> bool:
    """True when the table holds that move."""
    return to in LEG_MOVES[state]
