"""A sentence in French and English, with what to do next and who can do it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_BRACKETS = re.compile(r" \([^()]*\{about\}[^()]*\)")


@dataclass(frozen=True, slots=True)
class Text:
    """What people read beside a stable code.

    `who` names the one who can put it right: sender, recipient, operator, admin, gateway, nobody.
    """

    fr: str
    en: str
    remedy_fr: str = ""
    remedy_en: str = ""
    who: str = "sender"

    def about(self, word: str) -> Text:
        """The same text with its `{about}` filled by a safe word; without a word, its brackets are left out."""
        return replace(self, fr=_filled(self.fr, word), en=_filled(self.en, word))


def _filled(text: str, word: str) -> str:
    return text.replace("{about}", word) if word else _BRACKETS.sub("", text).replace("{about}", "").strip()
