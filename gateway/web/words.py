"""The words of the pages: states, events, channels and roles, as a nurse or an admin says them."""

from __future__ import annotations

import re

from gateway.model.exchange import ExchangeState, LegState

Tone = str
"""`good`, `bad`, `watch` or `calm`: the colour and the mark of a state. Its words say it too."""

EVENTS: dict[str, str] = {
    "team.created": "Création d'équipe",
    "team.member-joined": "Arrivée dans l'équipe",
    "team.member-left": "Départ de l'équipe",
    "team.role-changed": "Changement de rôle",
    "team.closed": "Clôture d'équipe",
    "plan.created": "Nouveau plan",
    "plan.revised": "Plan révisé",
    "plan.activity-changed": "Action du plan modifiée",
    "plan.closed": "Clôture de plan",
    "report.shared": "Document envoyé",
    "report.replaced": "Document remplacé",
    "report.cancelled": "Document annulé",
}

LEG_STATES: dict[LegState, tuple[str, Tone]] = {
    LegState.WAITING: ("En attente d'envoi", "calm"),
    LegState.ATTEMPTED: ("Envoi en cours", "calm"),
    LegState.UNKNOWN: ("Issue inconnue", "watch"),
    LegState.POSTPONED: ("Reporté", "watch"),
    LegState.HELD: ("Retenu", "bad"),
    LegState.HANDED_OVER: ("Remis à l'opérateur", "calm"),
    LegState.DELIVERED: ("Déposé dans la boîte", "good"),
    LegState.UNREAD: ("Sans accusé de réception", "watch"),
    LegState.READ: ("Affiché ou traité", "good"),
    LegState.FAILED: ("En échec", "bad"),
    LegState.REFUSED: ("Refusé par leur logiciel", "bad"),
    LegState.DENIED: ("Non permis", "calm"),
    LegState.ARRIVED: ("Arrivé dans leur système", "good"),
    LegState.CANCELLED: ("Annulé", "calm"),
}

EXCHANGE_STATES: dict[ExchangeState, tuple[str, Tone]] = {
    ExchangeState.ACCEPTED: ("Accepté, en préparation", "calm"),
    ExchangeState.PREPARED: ("Plis préparés", "calm"),
    ExchangeState.HELD: ("Retenu", "bad"),
    ExchangeState.UNROUTED: ("Sans route", "bad"),
    ExchangeState.CANCELLED: ("Annulé", "calm"),
}

STATES: dict[str, str] = {
    **{state.value: words for state, (words, _) in EXCHANGE_STATES.items()},
    **{state.value: words for state, (words, _) in LEG_STATES.items()},
}
"""Every state by its code, for filters and sentences."""

TRANSPORTS: dict[str, str] = {
    "mssante": "MSSanté",
    "folder": "dossier",
    "fhir_server": "serveur FHIR",
    "callback": "appel du logiciel",
}

KINDS: dict[str, str] = {
    "professional": "professionnel",
    "structure": "structure",
    "patient": "patient",
    "mailbox": "boîte aux lettres",
}

WHO: dict[str, str] = {
    "sender": "l'émetteur",
    "recipient": "le destinataire",
    "operator": "l'opérateur MSSanté",
    "admin": "vous, l'administrateur",
    "gateway": "l'éditeur de la passerelle",
    "nobody": "personne : rien à faire",
}
"""Who can put it right (model.texts.Text.who)."""

ROLES: dict[str, str] = {
    "vendor": "éditeur de logiciel",
    "admin": "administrateur",
    "auditor": "auditeur",
    "dpo": "délégué à la protection des données",
}

OUTCOMES: dict[str, str] = {
    "arrived": "arrivé dans leur système",
    "handed-over": "pris en charge par l'opérateur",
    "try-later": "à réessayer plus tard",
    "never": "refusé pour toujours",
    "unknown": "issue inconnue, la ligne est tombée",
    "postponed": "reporté",
    "failed": "refusé pour toujours",
}

DISPOSITIONS: dict[str, str] = {
    "displayed": "affiché par leur logiciel",
    "processed": "traité par leur logiciel",
    "deleted": "supprimé sans être affiché",
    "dispatched": "transmis plus loin",
    "failed": "non déposé par l'opérateur",
    "delayed": "retardé par l'opérateur",
    "delivered": "déposé dans la boîte",
    "relayed": "transmis à un serveur sans suivi",
    "expanded": "redistribué à une liste",
}
"""RFC 8098 dispositions and RFC 3464 actions."""


_WAYS: tuple[tuple[str, str], ...] = (
    ("repeat of leg", "second envoi du pli"),
    ("redirected from leg", "autre adresse que celle du pli"),
    ("named by the sender", "désigné par l'émetteur"),
    ("received the report", "a reçu le document"),
    ("treating physician", "médecin traitant"),
    ("a cancellation", "annulation"),
    ("a citizen's mailbox", "boîte d'un patient"),
    ("the patient", "le patient"),
    ("professional", "professionnel"),
    ("mailbox", "boîte aux lettres"),
    ("member", "membre"),
    ("role", "rôle"),
)


def chosen_because(reasons: str) -> str:
    """The ways that led to a recipient (route.Choice) in French; routes' names, in quotes, stay as they are."""
    parts = reasons.split('"')
    for number in range(0, len(parts), 2):
        for words, french in _WAYS:
            parts[number] = re.sub(rf"\b{words}\b", french, parts[number])
        parts[number] = parts[number].replace(": ", " : ").replace("; ", " ; ")
    quoted = [f"« {part} »" if number % 2 else part for number, part in enumerate(parts)]
    return "".join(quoted)


def event_name(type: str) -> str:
    """An event's type in French; the type itself when it is a new one."""
    return EVENTS.get(type, type)


def leg_state(code: str) -> tuple[str, Tone]:
    """A leg's state and its tone."""
    return LEG_STATES[LegState(code)]


def exchange_state(code: str) -> tuple[str, Tone]:
    """An exchange's state and its tone."""
    return EXCHANGE_STATES[ExchangeState(code)]


def recipient_name(kind: str, name: str) -> str:
    """Who a leg is for. A patient's name is of no use to who steers or audits."""
    return "Le patient" if kind == "patient" else name


def counted(number: int, one: str, many: str) -> str:
    """A number and its noun: 1 pli, 2 plis."""
    return f"{number} {one if number < 2 else many}"
