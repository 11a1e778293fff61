"""One leg's story in plain words, in order of time: each try, the other side's own words, the receipt, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.model.reasons import RECIPIENT_ERRORS
from gateway.web.words import DISPOSITIONS, OUTCOMES, Tone, leg_state


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, or that will.

    said    the other side's own words, shown as theirs
    ahead   True for what has not happened yet
    """

    at: str
    words: str
    tone: Tone = "calm"
    said: str = ""
    ahead: bool = False


def timeline(leg: Mapping[str, Any]) -> list[Step]:
    """Everything the contract's leg tells of its way."""
    return sorted(_steps(leg), key=lambda step: step.at)


_TONES: dict[str | None, Tone] = {
    "arrived": "good", "handed-over": "good", "never": "bad", "failed": "bad", "try-later": "watch",
    "postponed": "watch", "unknown": "watch",
}  # fmt: skip


_ANSWERED = frozenset({"read", "refused", "delivered", "unread", "failed"})
"""States in which the last receipt says how things stand."""


def _steps(leg: Mapping[str, Any]) -> Iterator[Step]:
    for attempt in leg["attempts"]:
        outcome = attempt["outcome"]
        words = OUTCOMES.get(outcome, outcome) if outcome else "en cours"
        said = _answer(attempt["code"] or "", attempt["detail"] or "")
        yield Step(attempt["at"], f"Essai {attempt['n']} : {words}", _TONES.get(outcome, "calm"), said)
    if leg["receipt"]:
        yield _receipt(leg)
    if not (leg["attempts"] or leg["receipt"]):
        label, tone = leg_state(leg["state"])
        yield Step(leg["since"], label, tone)
    if leg["state"] == "unread":
        yield Step(leg["since"], "Aucun accusé n'est venu dans le délai", "watch")
    if leg["next_at"]:
        yield Step(leg["next_at"], "Prochain essai", ahead=True)
    if leg["until"]:
        waits = leg["state"] in ("handed-over", "delivered")
        yield Step(leg["until"], "Fin de l'attente d'un accusé" if waits else "Abandon si rien n'a réussi", ahead=True)


def _answer(code: str, detail: str) -> str:
    """Code and words of the other side; many servers repeat the one in the other."""
    return detail if detail.startswith(code) else f"{code} {detail}".strip()


def _receipt(leg: Mapping[str, Any]) -> Step:
    receipt, code = leg["receipt"], leg["code"] or ""
    word = receipt["disposition"] or receipt["action"] or ""
    who = "Accusé de leur logiciel" if receipt["kind"] == "mdn" else "Avis de leur opérateur"
    words = f"{who} : {DISPOSITIONS.get(word, word)}"
    tone: Tone = "good"
    if leg["state"] not in _ANSWERED and word in ("processed", "displayed"):
        # a refusal is also told by such a word: its code went when somebody tried again
        words, tone = f"{who}, reçu avant que le pli soit relancé", "calm"
    elif leg["state"] == "refused":
        words, tone = f"Réponse de leur logiciel : refus {code}, {RECIPIENT_ERRORS.get(code, 'code inconnu')}", "bad"
    elif leg["state"] == "failed" or word in ("deleted", "failed"):
        tone = "bad"
    return Step(receipt["at"], words, tone, " ".join(filter(None, (receipt["kind"].upper(), word, code))))
