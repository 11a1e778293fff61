"""Why a person steers, and how they saw to a parcel otherwise: short lists, for no free text may enter the log."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """Why a person asks for something. Codes are public and permanent."""

    ADDRESS_CHANGED = "address-changed"
    ADDRESS_WRONG = "address-wrong"
    RECIPIENT_ASKS = "recipient-asks"
    SENDER_ASKS = "sender-asks"
    LOST_THERE = "lost-there"
    TROUBLE_OVER = "trouble-over"
    BY_MISTAKE = "by-mistake"
    OTHER = "other"


class How(StrEnum):
    """How a recipient was told when the parcel did not do it."""

    PHONE = "phone"
    PAPER = "paper"
    OTHER = "other"


WHY_FR: dict[Why, str] = {
    Why.ADDRESS_CHANGED: "le destinataire a changé d'adresse",
    Why.ADDRESS_WRONG: "l'adresse était fausse",
    Why.RECIPIENT_ASKS: "le destinataire le demande",
    Why.SENDER_ASKS: "l'émetteur le demande",
    Why.LOST_THERE: "le pli a été perdu ou effacé chez le destinataire",
    Why.TROUBLE_OVER: "la panne est terminée",
    Why.BY_MISTAKE: "le pli est parti, ou a été retenu, par erreur",
    Why.OTHER: "autre motif",
}
"""The same, as the pages say it."""

ANOTHER_LEG = "another-leg"
"""How a leg is settled when another one stands for it: written by us, never said by a person."""

HOW_FR: dict[str, str] = {
    How.PHONE: "par téléphone",
    How.PAPER: "sur papier",
    How.OTHER: "autrement",
    ANOTHER_LEG: "par un autre pli",
}
"""The same, as the pages say it."""
