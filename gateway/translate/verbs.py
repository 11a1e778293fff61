"""Verbs: how one value of a practice software becomes a value of ours, and back.

A verb changes the writing of a value, never judges its meaning: that is the model's, once the tree is whole. What
has another shape than the verb expects passes through unchanged, and the model says what is wrong with it.
The fields of a verb's class are the options a table may give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.model.codes import Coded, Terms
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import Prose, Tree
from gateway.model.identity import Identifier, Ins, InsKind, LocalId, MailAddress, Rpps, Scheme
from gateway.translate.moments import DayOf, InstantOf, LocalTime, MomentOf
from gateway.translate.verb import Unsayable, Verb


@dataclass(frozen=True, slots=True)
class Text(Verb):
    """A text, or a word of one of our closed lists, as it is."""

    FITS = (str, Prose, Literal, InsKind, Scheme, MailAddress)


@dataclass(frozen=True, slots=True)
class RppsNumber(Verb):
    """An RPPS number; `prefix: "8"` when the software writes the 12 characters of IDNPS (TRE_G08)."""

    FITS = (Rpps,)
    prefix: str = ""

    def inward(self, raw: Tree) -> Tree:
        """The number without its prefix; `rpps-form` when the prefix is not there."""
        if not isinstance(raw, str) or not self.prefix:
            return raw
        if not raw.startswith(self.prefix):
            raise Rejected([Fault("rpps-form")])
        return raw.removeprefix(self.prefix)

    def outward(self, value: Tree) -> Tree:
        """The number after its prefix."""
        return self.prefix + str(value)


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


@dataclass(frozen=True, slots=True)
class Code(Verb):
    """A code. `of`: the national lists a bare code may belong to; `also`: lists it may name. Neither: any list.

    `table`: their word → ours, both ways; `pairs` holds it, keyed by type and word so that 1 is not true.
    """

    FITS = (str, Coded, Literal)
    of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    table: str = ""
    pairs: Mapping[tuple[type, Any], str] = field(default_factory=dict)
    terms: Terms = field(default_factory=lambda: Terms({}))

    def inward(self, raw: Tree) -> Tree:
        """Our code; `unknown-code` for one that its list or the table has not."""
        if self.table:
            if isinstance(raw, (dict, list)):
                return raw
            if (type(raw), raw) not in self.pairs:
                raise Rejected([Fault("unknown-code", about=self.table)])
            return self.pairs[type(raw), raw]
        if isinstance(raw, str):
            self._check(raw, self.of)
        elif isinstance(raw, dict) and isinstance(raw.get("code"), str):
            named = raw.get("list")
            if named is None:
                self._check(raw["code"], self.of)
            elif isinstance(named, str) and (self.of or self.also) and named not in self.of + self.also:
                raise Rejected([Fault("unknown-code", ("list",), ", ".join(self.of + self.also))])
            elif isinstance(named, str) and self.terms.pairs(named):
                self._check(raw["code"], (named,), "code")
        return raw

    def _check(self, code: str, lists: tuple[str, ...], *at: str) -> None:
        if lists and self.terms.find(code, *lists) is None:
            raise Rejected([Fault("unknown-code", at, ", ".join(lists))])

    def outward(self, value: Tree) -> Tree:
        """Their word, or the code as short as it can be; Unsayable when the table has no word for it."""
        bare = value["code"] if isinstance(value, dict) and value.keys() == {"code"} else value
        if not self.table:
            return bare
        for (_, theirs), ours in self.pairs.items():
            if ours == bare:
                return theirs
        raise Unsayable(f"code table {self.table} has no word for this code")


@dataclass(frozen=True, slots=True)
class Flag(Verb):
    """True or false; `yes` and `no` are their words for it."""

    FITS = (bool,)
    yes: str | int | bool = True
    no: str | int | bool = False

    def inward(self, raw: Tree) -> Tree:
        """Whether it is their yes; `wrong-type` when it is neither of their words."""
        for theirs, ours in ((self.yes, True), (self.no, False)):
            if type(raw) is type(theirs) and raw == theirs:
                return ours
        raise Rejected([Fault("wrong-type", about=f"{_shown(self.yes)} / {_shown(self.no)}")])

    def outward(self, value: Tree) -> Tree:
        """Their word for it."""
        return self.yes if value else self.no


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


def _shown(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)
