"""Verbs: how one value of a practice software becomes a value of ours, and back.

A verb changes the writing of a value, never judges its meaning: that is the model's, once the tree is whole. What
has another shape than the verb expects passes through unchanged, and the model says what is wrong with it.
The fields of a verb's class are the options a table may give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import Prose, Tree
from gateway.model.identity import Identifier, Ins, InsKind, LocalId, MailAddress, Rpps, Scheme
from gateway.translate.code import Code
from gateway.translate.moments import DayOf, InstantOf, LocalTime, MomentOf
from gateway.translate.verb import Unsayable, Verb


@dataclass(frozen=True, slots=True)
class Text(Verb):
    """A text, or a word of one of our closed lists, as it is."""

    FITS = (str, Prose, Literal, InsKind, Scheme, MailAddress)


@dataclass(frozen=True, slots=True)
class RppsNumber(Verb):
    """An RPPS number; with wording `prefix: "8"` when the software writes the 12 characters of IDNPS (TRE_G08)."""

    FITS = (Rpps,)


@dataclass(frozen=True, slots=True)
class InsNumber(Verb):
    """A matricule INS alone, of one series: NIR unless `kind` says another."""

    FITS = (Ins,)
    kind: str = "NIR"

    def __post_init__(self) -> None:
        InsKind(self.kind)

    def inward(self, raw: Tree) -> Tree:
        """The matricule with the series it is of."""
        return {"number": raw, "kind": self.kind}

    def outward(self, value: Tree) -> Tree:
        """The matricule alone; one of another series is Unsayable."""
        if value.get("kind", "NIR") != self.kind:
            raise Unsayable(f"the matricule is not of series {self.kind}")
        return value["number"]

    def limits(self) -> tuple[str, ...]:
        """Numbers of other series."""
        return (f"numbers of another series than {self.kind}",)


@dataclass(frozen=True, slots=True)
class OwnIdentifier(Verb):
    """An identifier written as its value alone: `scheme` or `system` says whose it is."""

    FITS = (LocalId, Identifier)
    scheme: str = ""
    system: str = ""

    def __post_init__(self) -> None:
        if self.scheme:
            Scheme(self.scheme)
        if not self.scheme and not self.system:
            raise ValueError("an identifier needs a scheme or a system")

    @property
    def _whose(self) -> dict[str, str]:
        return {name: said for name, said in (("scheme", self.scheme), ("system", self.system)) if said}

    def inward(self, raw: Tree) -> Tree:
        """The value with its owner."""
        return {**self._whose, "value": raw}

    def outward(self, value: Tree) -> Tree:
        """The value alone; one of another owner is Unsayable."""
        if {name: said for name, said in value.items() if name != "value"} != self._whose:
            raise Unsayable("the identifier is of another system")
        return value["value"]

    def limits(self) -> tuple[str, ...]:
        """Identifiers of other owners."""
        return (f"identifiers of another owner than {self.scheme or self.system}",)


@dataclass(frozen=True, slots=True)
class Flag(Verb):
    """True or false; `yes` and `no` are their words for it, the first of each is written."""

    FITS = (bool,)
    yes: tuple[str | int | bool, ...] = (True,)
    no: tuple[str | int | bool, ...] = (False,)

    def __post_init__(self) -> None:
        if any(not isinstance(word, (str, int)) for word in self.yes + self.no) or not (self.yes and self.no):
            raise ValueError("yes and no are texts, whole numbers or true/false")
        if {(type(word), word) for word in self.yes} & {(type(word), word) for word in self.no}:
            raise ValueError("yes and no are different words")

    def inward(self, raw: Tree) -> Tree:
        """Whether it is their yes; `wrong-type` when it is neither of their words."""
        for theirs, ours in ((self.yes, True), (self.no, False)):
            if any(type(raw) is type(word) and raw == word for word in theirs):
                return ours
        raise Rejected([Fault("wrong-type", about=" / ".join(_shown(word) for word in self.yes + self.no))])

    def outward(self, value: Tree) -> Tree:
        """Their word for it."""
        return self.yes[0] if value else self.no[0]


@dataclass(frozen=True, slots=True)
class Number(Verb):
    """A whole number; `quoted: true` when they write it as a text."""

    FITS = (int,)
    quoted: bool = False

    def inward(self, raw: Tree) -> Tree:
        """The number; `wrong-type` for a text that is none, written plainly, of at most 15 digits."""
        if not self.quoted:
            return raw
        if not isinstance(raw, str) or not re.fullmatch(r"0|-?[1-9]\d{0,14}", raw, re.ASCII):
            raise Rejected([Fault("wrong-type", about="integer")])
        return int(raw)

    def outward(self, value: Tree) -> Tree:
        """The number, in quotes when they write it so."""
        return str(value) if self.quoted else value


@dataclass(frozen=True, slots=True)
class Base64(Verb):
    """Bytes in standard base64 (RFC 4648 §4)."""

    FITS = (bytes,)


@dataclass(frozen=True, slots=True)
class Split(Verb):
    """Several texts in one: `separator` between them, cut at its first (or `last: true`, at its last) occurrences."""

    FITS = (str,)
    separator: str = " "
    last: bool = False

    def __post_init__(self) -> None:
        if not self.separator:
            raise ValueError("separator is a text")

    def inward(self, raw: Tree) -> Tree:
        """The pieces, as many as there are."""
        if not isinstance(raw, str):
            return raw
        pieces = raw.rsplit(self.separator, 1) if self.last else raw.split(self.separator, 1)
        return [piece.strip() or None for piece in pieces] + [None] * (2 - len(pieces))

    def outward(self, value: Tree) -> Tree:
        """The pieces put together, when they can be taken apart again."""
        written = self.separator.join(piece for piece in value if piece is not None)
        if self.inward(written) != list(value):
            raise Unsayable("it could not be taken apart again")
        return written

    def limits(self) -> tuple[str, ...]:
        """Texts in which the separator stands where it would cut wrongly."""
        return (f"texts that hold '{self.separator}' where it would cut them",)


@dataclass(frozen=True, slots=True)
class FullName(Verb):
    """A family name in capitals and a given name: `MARTIN-DURAND Anne`, or `given_first: true` for the other order."""

    FITS = (str,)
    given_first: bool = False

    def inward(self, raw: Tree) -> Tree:
        """Family and given name, cut where the capitals end or begin; `wrong-type` when nothing is in capitals."""
        if not isinstance(raw, str):
            return raw
        words = raw.split()
        if self.given_first:
            words.reverse()
        count = next((index for index, word in enumerate(words) if not word.isupper()), len(words))
        if not count:
            raise Rejected([Fault("wrong-type", about="NOM Prénom")])
        family, given = words[:count], words[count:]
        if self.given_first:
            family.reverse()
            given.reverse()
        return [" ".join(family), " ".join(given) or None]

    def outward(self, value: Tree) -> Tree:
        """Both names; Unsayable when capitals would not tell them apart."""
        pieces = [piece for piece in value if piece is not None]
        written = " ".join(reversed(pieces) if self.given_first else pieces)
        try:
            again = self.inward(written)
        except Rejected:
            again = None
        if again != list(value):
            raise Unsayable("capitals do not tell the family name from the given one")
        return written

    def limits(self) -> tuple[str, ...]:
        """Names whose capitals are not those of the form."""
        return ("family names not in capitals, given names in capitals",)


VERBS: dict[str, type[Verb]] = {
    "text": Text,
    "rpps": RppsNumber,
    "ins": InsNumber,
    "identifier": OwnIdentifier,
    "code": Code,
    "day": DayOf,
    "instant": InstantOf,
    "moment": MomentOf,
    "local-time": LocalTime,
    "flag": Flag,
    "number": Number,
    "base64": Base64,
}
"""Verbs of one field."""

SEVERAL: dict[str, type[Verb]] = {"code": Code, "split": Split, "full-name": FullName}
"""Verbs of several fields that one place of theirs holds, in the order the rule names them."""


def _shown(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)
