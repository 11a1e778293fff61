"""A sentence in French and English, with what to do next and who can do it."""

from __future__ import annotations

from dataclasses import dataclass, replace


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
        """The same text with its `{about}` filled by a safe word."""
        return replace(self, fr=self.fr.replace("{about}", word), en=self.en.replace("{about}", word))
