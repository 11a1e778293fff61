"""An entry of the audit log as a sentence a person reads without knowing its codes. The record stays beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.model.catalogue import FAULTS
from gateway.model.problems import PROBLEMS
from gateway.model.reasons import REASONS, RECIPIENT_ERRORS
from gateway.model.steering import HOW_FR, WHY_FR, Why
from gateway.web.words import ROLES, STATES, TRANSPORTS, counted, event_name

Record = Mapping[str, Any]

KINDS: dict[str, str] = {
    "event-accepted": "Événement accepté",
    "event-rejected": "Événement rejeté à l'entrée",
    "exchange-moved": "Échange : changement d'état",
    "gate-decision": "Contrôle légal",
    "leg-created": "Pli préparé",
    "leg-moved": "Pli : changement d'état",
    "leg-settled": "Pli réglé autrement",
    "attempt-started": "Essai d'envoi commencé",
    "attempt-result": "Résultat d'un essai d'envoi",
    "receipt-received": "Accusé reçu",
    "receipt-unmatched": "Accusé sans pli correspondant",
    "mail-collected": "Mail relevé",
    "mail-forgotten": "Mail effacé de la boîte",
    "mail-not-understood": "Mail non compris",
    "inbox-received": "Événement reçu",
    "inbox-acknowledged": "Événement reçu, pris par le logiciel",
    "notice-sent": "Logiciel prévenu",
    "notice-failed": "Logiciel impossible à prévenir",
    "reply-owed": "Réponse à rendre à un expéditeur",
    "reply-started": "Envoi d'une réponse commencé",
    "reply-tried": "Résultat de l'envoi d'une réponse",
    "objection-recorded": "Opposition enregistrée",
    "objection-withdrawn": "Opposition retirée",
    "key-created": "Clé créée",
    "key-revoked": "Clé révoquée",
    "access-refused": "Accès refusé",
    "signed-in": "Connexion aux pages",
    "signed-out": "Déconnexion des pages",
    "log-verified": "Journal vérifié",
    "audit-searched": "Journal consulté",
    "audit-exported": "Journal exporté",
    "checkpoint-signed": "Point de contrôle signé",
    "content-read": "Contenu lu",
    "content-purged": "Contenu effacé",
    "document-converted": "Document converti en PDF/A-1 avant l'envoi",
    "document-not-converted": "Document impossible à convertir en PDF/A-1, transmis tel quel",
    "content-uploaded": "Document déposé",
    "content-refused": "Dépôt de document refusé",
    "content-expired": "Document déposé, jamais utilisé, effacé",
    "records-purged": "Entrées anciennes retirées",
    "books-differ": "Comptes inexacts",
    "books-agree": "Comptes de nouveau exacts",
    "disk-full": "Disque plein : la réserve est rendue, plus rien n'est pris",
    "disk-free": "Place retrouvée sur le disque : la réserve est refaite",
    "deadlines-moved": "Échéances décalées",
    "server-closed": "Serveur silencieux mis en pause",
    "server-opened": "Serveur de nouveau joignable",
    "clock-step": "Saut d'horloge",
    "gateway-started": "Démarrage de la passerelle",
    "gateway-stopped": "Arrêt de la passerelle",
    "configuration-changed": "Réglages modifiés",
}
"""Kind of entry → what people call it."""

_WISHES = {
    "retry": "relancer", "hold": "retenir", "release": "libérer", "cancel": "annuler", "repeat": "renvoyer",
    "redirect": "envoyer à une autre adresse",
}  # fmt: skip


def sentence(record: Record) -> str:
    """What happened, in French: the kind's own sentence where there is one, else its name. Never fails."""
    kind = str(record.get("kind", ""))
    facts = record.get("facts")
    tell = _TELL.get(kind)
    name = KINDS.get(kind, kind)
    if tell is None or not isinstance(facts, Mapping):
        return f"{name}."
    leg = f" {record['leg']}" if record.get("leg") is not None else ""
    return tell(facts, leg) or f"{name}."


def actor(word: str) -> str:
    """Who did it: `key:ab12` is a key of the API, `worker:…` the gateway itself."""
    kind, _, name = word.partition(":")
    return {
        "key": f"clé {name}",
        "worker": "la passerelle",
        "gateway": "la passerelle",
        "client": f"logiciel {name}",
        "cli": f"ligne de commande ({name})",
        "anonymous": "un inconnu",
    }.get(kind, word)


def _state(code: Any) -> str:
    return f"« {STATES.get(str(code), str(code))} »"


def _because(code: Any) -> str:
    """A reason in words; a code that is no reason as it is."""
    if not code:
        return ""
    text = REASONS.get(str(code))
    return f" Motif : {text.about('').fr}" if text else f" Motif : {code}."


def _accepted(facts: Record, leg: str) -> str:
    warned = " avec des avertissements" if facts.get("notices") else ""
    return f"{event_name(str(facts.get('type', '')))} : événement accepté de {facts.get('client')}{warned}."


def _rejected(facts: Record, leg: str) -> str:
    codes = str(facts.get("codes", "")).split(",")
    first = next((FAULTS[code].fr for code in codes if code in FAULTS and "{about}" not in FAULTS[code].fr), "")
    number = counted(len(codes), "faute", "fautes")
    return f"Événement de {facts.get('client')} rejeté à l'entrée : {number}. {first}".strip()


def _moved(facts: Record, leg: str) -> str:
    what = f"Pli{leg}" if leg else "Échange"
    wish = facts.get("wish")
    asked = f", à la demande d'une personne ({_WISHES.get(str(wish), str(wish))}{_why(facts)})" if wish else ""
    to = f" à {_state(facts['state'])}" if facts.get("state") else ""
    return f"{what} passé de {_state(facts.get('from'))}{to}{asked}.{_because(facts.get('reason'))}"


def _why(facts: Record) -> str:
    """The reason a person gave."""
    why = facts.get("why")
    return f" : {WHY_FR[Why(why)]}" if why in set(Why) else ""


def _settled_so(facts: Record, leg: str) -> str:
    how = HOW_FR.get(str(facts.get("how")), "autrement")
    return f"Pli{leg} réglé {how} ; il garde l'état {_state(facts.get('from'))}."


def _created(facts: Record, leg: str) -> str:
    if facts.get("stands_for"):
        what = "envoyé de nouveau" if facts.get("repeat") else "envoyé à une autre adresse"
        return f"Pli{leg}, à la place du pli {facts['stands_for']}, {what} à la demande d'une personne{_why(facts)}."
    channel = TRANSPORTS.get(str(facts.get("transport")), str(facts.get("transport")))
    return (
        f"Pli{leg} préparé pour {facts.get('recipient')} par {channel}, état {_state(facts.get('state'))} "
        f"(règle {facts.get('rule')}).{_because(facts.get('reason'))}"
    )


def _judged(facts: Record, leg: str) -> str:
    if facts.get("wish") != "redirect":
        return _created(facts, leg)
    return (
        f"Envoi du pli{leg} à une autre adresse non permis (règle {facts.get('rule')}).{_because(facts.get('reason'))}"
    )


def _started(facts: Record, leg: str) -> str:
    again = " ; le précédent est peut-être déjà arrivé" if facts.get("repeat") else ""
    return f"Essai {facts.get('attempt')} du pli{leg} commencé{again}."


def _result(facts: Record, leg: str) -> str:
    said = f", réponse {facts['code']}" if facts.get("code") else ""
    return f"Essai {facts.get('attempt')} du pli{leg} terminé : {_state(facts.get('state'))}{said}."


def _receipt(facts: Record, leg: str) -> str:
    kind = "lecture" if facts.get("receipt") == "mdn" else "remise"
    says = f" : {_state(facts['says'])}" if facts.get("says") else ""
    effect = "" if facts.get("moved") else " L'état n'a pas changé."
    return f"Accusé de {kind} reçu pour le pli{leg}{says}.{effect}"


def _refused(facts: Record, leg: str) -> str:
    text = PROBLEMS.get(str(facts.get("reason")))
    why = {
        "forbidden": "ce rôle ne le permet pas", "unknown-key": "clé inconnue ou révoquée", "no-key": "sans clé",
    }.get(str(facts.get("reason")), text.fr if text else str(facts.get("reason")))  # fmt: skip
    times = facts.get("count")
    number = f", {times} fois" if isinstance(times, int) and times > 1 else ""
    return f"Accès refusé à « {facts.get('operation')} »{number} : {why}."


def _searched(facts: Record, leg: str) -> str:
    by = facts.get("by") or "rien : tout le journal"
    return f"Journal consulté (critères : {by}) ; {counted(int(facts.get('found') or 0), 'entrée', 'entrées')}."


def _verified(facts: Record, leg: str) -> str:
    verdict = "entier" if facts.get("whole") else "ROMPU"
    return f"Journal vérifié : {verdict}, {counted(int(facts.get('entries') or 0), 'entrée', 'entrées')}."


def _taken(facts: Record, leg: str) -> str:
    client, error = facts.get("client"), facts.get("error")
    return f"Événement reçu, {f'refusé ({error})' if error else 'pris'} par le logiciel {client}."


def says(outcome: str) -> str:
    """What the sender of a mail is told of it: that all is well, or the error."""
    return f"{outcome}, {RECIPIENT_ERRORS[outcome]}" if outcome in RECIPIENT_ERRORS else "document intégré"


_REPLIED = {
    "sent": "Réponse remise à l'opérateur de l'expéditeur",
    "failed": "Réponse à un expéditeur abandonnée",
    "pending": "Réponse à un expéditeur remise à plus tard",
    "not-sent": "Aucune réponse n'est due à l'expéditeur",
}


def _replied(facts: Record, leg: str) -> str:
    told = _REPLIED.get(str(facts.get("state")))
    return f"{told} : {says(str(facts.get('says')))} ({facts.get('code')})." if told else ""


def _role(facts: Record) -> str:
    return ROLES.get(str(facts.get("role")), str(facts.get("role")))


_TELL: dict[str, Callable[[Record, str], str]] = {
    "event-accepted": _accepted,
    "event-rejected": _rejected,
    "exchange-moved": _moved,
    "leg-moved": _moved,
    "leg-created": _created,
    "leg-settled": _settled_so,
    "gate-decision": _judged,
    "attempt-started": _started,
    "attempt-result": _result,
    "receipt-received": _receipt,
    "access-refused": _refused,
    "server-closed": lambda facts, _: (
        f"Le serveur {facts.get('server')} n'a pas répondu {facts.get('failures')} fois de suite : "
        "laissé en paix un moment, les plis pour lui attendent."
    ),
    "server-opened": lambda facts, _: f"Le serveur {facts.get('server')} répond de nouveau.",
    "audit-searched": _searched,
    "log-verified": _verified,
    "key-created": lambda facts, _: f"Clé {facts.get('key')} créée pour {facts.get('client')}, rôle {_role(facts)}.",
    "key-revoked": lambda facts, _: f"Clé {facts.get('key')} révoquée.",
    "signed-in": lambda facts, _: f"Connexion aux pages, rôle {_role(facts)}.",
    "notice-sent": lambda facts, leg: f"Logiciel {facts.get('client')} prévenu{_of(leg)}.",
    "notice-failed": lambda facts, leg: f"Logiciel {facts.get('client')} impossible à prévenir{_of(leg)}.",
    "inbox-acknowledged": _taken,
    "reply-owed": lambda facts, _: f"Réponse à rendre à l'expéditeur d'un mail : {says(str(facts.get('says')))}.",
    "reply-started": lambda facts, _: f"Envoi de la réponse à un expéditeur commencé, essai {facts.get('attempt')}.",
    "reply-tried": _replied,
    "mail-collected": lambda facts, _: f"Mail relevé dans notre boîte{_size(facts)}.",
    "checkpoint-signed": lambda facts, _: f"Point de contrôle signé sur {facts.get('size')} entrées.",
    "books-differ": lambda facts, _: (
        f"{facts.get('figures')} comptes du journal ne sont pas ceux des tables : lancez passerelle exchange balance."
    ),
    "books-agree": lambda *_: "Le journal et les tables disent de nouveau la même chose.",
    "records-purged": lambda facts, _: f"{facts.get('count')} entrées anciennes retirées ; leurs empreintes restent.",
}
"""Kind → its sentence, from its facts and its leg's number. Others are told by their name."""


def _of(leg: str) -> str:
    return f" du changement du pli{leg}" if leg else ""


def _size(facts: Record) -> str:
    return f", {facts['size']} octets" if facts.get("size") else ""
