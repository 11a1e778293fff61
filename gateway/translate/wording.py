"""Around any verb: what their writing has that ours has not, a prefix, spaces, leading zeros, capitals.

Reading takes it away; writing puts back what can be put back, and refuses a value that would not read back the same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import Tree
from gateway.translate.verb import Unsayable, Verb


@dataclass(frozen=True, slots=True)
class Wording(Verb):
    """A verb whose texts are written otherwise.

    prefix, suffix  always around it; `remove`: characters that mean nothing in it, written never
    pad             so many characters, with zeros in front that software loses
    case            `upper` or `lower`: ours is so, whatever theirs is
    numeric         theirs is a number, ours its digits
    """

    verb: Verb
    prefix: str = ""
    suffix: str = ""
    remove: str = ""
    pad: int = 0
    case: str = ""
    numeric: bool = False

    def __post_init__(self) -> None:
        if self.case not in ("", "upper", "lower"):
            raise ValueError("case is upper or lower")
        if not 0 <= self.pad <= 100:
            raise ValueError("pad is a number of characters")

    def fits(self, hint: Any) -> bool:
        """As the verb itself."""
        return self.verb.fits(hint)

    def inward(self, raw: Tree) -> Tree:
        """What the verb reads of the bare text; `wrong-type` when the prefix or suffix is missing."""
        if self.numeric:
            if type(raw) is not int:
                raise Rejected([Fault("wrong-type", about="integer")])
            raw = str(raw)
        if not isinstance(raw, str):
            return self.verb.inward(raw)
        if not (raw.startswith(self.prefix) and raw.endswith(self.suffix)):
            raise Rejected([Fault("wrong-type", about=f"{self.prefix}…{self.suffix}")])
        return self.verb.inward(self._bare(raw))

    def _bare(self, text: str) -> str:
        text = text.removeprefix(self.prefix).removesuffix(self.suffix)
        if self.remove:
            text = text.translate({ord(character): None for character in self.remove})
        if text.isdecimal():
            text = text.zfill(self.pad)
        return text.upper() if self.case == "upper" else text.lower() if self.case == "lower" else text

    def outward(self, value: Tree) -> Tree:
        """The verb's text in its wording. Raises Unsayable when it would read back as another."""
        text = self.verb.outward(value)
        if not isinstance(text, str):
            return text
        written = self.prefix + text + self.suffix
        if self.numeric:
            if not text.isdecimal() or len(text) > 15 or self._bare(str(int(text))) != text:
                raise Unsayable("it is not a number")
            return int(text)
        if self._bare(written) != text:
            raise Unsayable("it would not read back the same")
        return written

    def limits(self) -> tuple[str, ...]:
        """Those of the verb, and what would not read back the same."""
        said = (
            (self.remove, f"texts that hold one of '{self.remove}'"),
            (self.case, "texts that are not all capitals" if self.case == "upper" else "texts with capitals"),
            (self.numeric, "texts that are not digits"),
            (self.pad, f"digits shorter than {self.pad}"),
        )
        return (*self.verb.limits(), *(what for given, what in said if given))


WORDINGS = tuple(one.name for one in fields(Wording) if one.name != "verb")
"""The options of a table that belong to the wording, whatever the verb."""
