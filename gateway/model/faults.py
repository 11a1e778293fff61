"""What a caller must change, said once: a stable code, where, in two languages, and what to do next.

A fault never holds the value that caused it: faults travel into answers, logs and the audit log.
Codes are public and permanent: vendors branch on them, auditors count them.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model.catalogue import FAULTS, NOTICES
from gateway.model.texts import Text

Place = tuple[str | int, ...]
"""A path into the canonical tree: ('patient', 'ins', 'number') or ('member', 'roles', 0)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent.

    `at` is the path in canonical words; `pointer` is the same place in the sender's own body
    (JSON Pointer, RFC 6901, XPath, or row and column of a table), filled in by the dialect that read it, with its
    `line` and `column` in that body where they could be had: both count from 1, columns in characters, 0 = not known.
    `about` is a safe word put into the text: a field's name, a limit, the codes allowed. Never a value received.
    """

    code: str
    at: Place = ()
    about: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0

    @property
    def text(self) -> Text:
        """What it means and what to do, in French and English."""
        return FAULTS[self.code].about(self.about)

    def under(self, *above: str | int) -> Fault:
        """The same fault, seen from higher up in the tree."""
        return Fault(self.code, (*above, *self.at), self.about, self.pointer, self.line, self.column)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something accepted that the sender should know: not a fault, nothing to correct.

    On receipt it may have the code of a fault: what would be refused from a sender is told of a document received.
    """

    code: str
    at: Place = ()
    about: str = ""

    @property
    def text(self) -> Text:
        """What it means, in French and English."""
        return (NOTICES.get(self.code) or FAULTS[self.code]).about(self.about)
