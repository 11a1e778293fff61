"""Why a carrier did not deliver, where its words or its code say it plainly.

Mon espace santé answers "Message non distribué" for a closed mailbox, a patient it does not know and a wrong address,
and "Undelivered Mail Returned to Sender" for a size (ENS messagerie §6). The cases are named there, the words are not:
the patterns are what a sentence about each would hold, in French or English.
"""

from __future__ import annotations

import re
from typing import Literal

Cause = Literal["patient-unknown", "patient-address-wrong", "mailbox-closed", "mailbox-full", "too-large-there"]
"""Reasons of legs (model/reasons.py)."""

PATIENT_DOMAIN = "patient.mssante.fr"  # Référentiel socle MSSanté #2, ECO.2.2.8

_LONGEST = 4_000  # characters that are looked at

_WORDS: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        "too-large-there",
        re.compile(r"\btaille|volumineu|too (?:large|big)\b|\bsize (?:limit|exceed)|\bexceeds\b", re.I),
    ),
    ("mailbox-full", re.compile(r"bo[iî]te[^.\n]{0,40}pleine|\bquota\b|\b(?:mailbox|over) ?(?:is )?full\b", re.I)),
    ("mailbox-closed", re.compile(r"\bcl[oô]tur|\bferm[ée]|\bd[ée]sactiv|\b(?:disabled|closed|inactive)\b", re.I)),
    ("patient-address-wrong", re.compile(r"\badresse\b[^.\n]{0,40}(?:erron|incorrect|invalid|mal form)", re.I)),
    ("patient-unknown", re.compile(r"\binconnu|introuvable|n'existe pas|\bunknown\b|\bnot found\b|\bno such\b", re.I)),
)

_CODES: dict[str, Cause] = {  # RFC 3463 §3.2 to §3.4
    "5.1.1": "patient-unknown",
    "5.1.2": "patient-address-wrong",
    "5.1.3": "patient-address-wrong",
    "5.1.10": "patient-unknown",
    "5.2.1": "mailbox-closed",
    "5.2.2": "mailbox-full",
    "5.2.3": "too-large-there",
    "5.3.4": "too-large-there",
}


def cause_of(words: str, code: str | None, recipient: str | None) -> Cause | None:
    """The cause; None when it is not plain. Of an address that does not exist only at Mon espace santé, where the
    address is the patient's INS and nobody can be asked for another; elsewhere it is a mere bounce.
    """
    said = next((cause for cause, pattern in _WORDS if pattern.search(words[:_LONGEST])), None)
    cause = said or _CODES.get(code or "")
    to_patient = (recipient or "").endswith("@" + PATIENT_DOMAIN)
    return cause if to_patient or cause not in ("patient-unknown", "patient-address-wrong") else None
