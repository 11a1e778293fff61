"""errors.md: every stable code, what it means, what to do, and who can."""

from __future__ import annotations

from collections.abc import Mapping

from docs.generator.table import table
from gateway.model.catalogue import FAULTS, NOTICES
from gateway.model.problems import PROBLEMS
from gateway.model.reasons import REASONS
from gateway.model.texts import Text

KINDS: tuple[tuple[str, str, Mapping[str, Text]], ...] = (
    ("Problems", "Why an HTTP request was not done: `code` of the answer (RFC 9457).", PROBLEMS),
    ("Faults", "What is wrong with an event: `errors[].code`, each with a pointer to its place.", FAULTS),
    ("Warnings", "Accepted, and the sender should know: `warnings[].code`.", NOTICES),
    ("Reasons", "Why an exchange or a leg stands where it stands: `reason.code`.", REASONS),
)


def codes() -> str:
    """The page."""
    parts = [
        "# Codes\n",
        "Branch on the code: it is stable. Show the text to people. `{about}` stands for a word told with it. The same "
        "list is at `GET /v1/errors`.\n",
    ]
    for title, about, texts in KINDS:
        rows = ((f"`{code}`", text.fr, text.en, _remedy(text), text.who) for code, text in sorted(texts.items()))
        parts += [f"## {title}\n", about + "\n", table(("Code", "Français", "English", "Remedy", "Who"), rows)]
    return "\n".join(parts)


def _remedy(text: Text) -> str:
    return "<br>".join(filter(None, (text.remedy_fr, text.remedy_en)))
