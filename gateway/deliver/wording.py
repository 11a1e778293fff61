"""The other side's own words, made fit to be kept: one line, short, and free of patients."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters
_PATIENT_ADDRESS = re.compile(r"[^\s<>:;,\"'()]+@patient\.[A-Za-z0-9.-]*", re.IGNORECASE)
# An INS or NIR, with or without its key, as people and servers write it: run together or in groups (INSEE).
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])\d[ .]?\d\d[ .]?\d\d[ .]?(?:\d\d|2[AB])[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d\d)?(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def one_line(words: str | bytes) -> str:
    """What a server said, on one line of at most 500 characters.

    Control, invisible and text-direction characters become spaces; addresses at `patient.*` and numbers of 13 or 15
    digits are masked. Bytes that are not UTF-8 are shown as replacement characters.
    """
    text = words[: 8 * LONGEST]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    text = _PATIENT_ADDRESS.sub("***@patient", " ".join(text.split()))
    return _NUMBER.sub("***", text)[:LONGEST]
