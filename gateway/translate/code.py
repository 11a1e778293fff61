"""The verb of codes: national lists, and tables of their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from gateway.model.codes import Coded, Terms
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import Tree
from gateway.model.identity import InsKind, Scheme
from gateway.translate.verb import Unsayable, Verb


class Pairs(NamedTuple):
    """A code table: `inward` by type and word of theirs, so that 1 is not true; `outward` by `key_of` ours."""

    inward: Mapping[tuple[type, Any], Any]
    outward: Mapping[Any, Any]


def key_of(ours: Any) -> Any:
    """One key for each code, however it is written."""
    if isinstance(ours, (list, tuple)):
        return tuple(key_of(word) for word in ours)
    if isinstance(ours, dict):
        return (ours["list"], ours["code"]) if "list" in ours else ours.get("code")
    return ours


@dataclass(frozen=True, slots=True)
class Code(Verb):
    """A code. `of`: the national lists a bare code may belong to; `also`: lists it may name. Neither: any list.

    `table`: their word → ours, both ways.
    """

    FITS = (str, Coded, Literal, InsKind, Scheme)
    of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    table: str = ""
    pairs: Pairs = field(default_factory=lambda: Pairs({}, {}))
    terms: Terms = field(default_factory=lambda: Terms({}))

    def inward(self, raw: Tree) -> Tree:
        """Our code; `unknown-code` for one that its list or the table has not."""
        if self.table:
            if isinstance(raw, (dict, list)):
                return raw
            if (type(raw), raw) not in self.pairs.inward:
                raise Rejected([Fault("unknown-code", about=self._known())])
            return self.pairs.inward[type(raw), raw]
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

    def _known(self) -> str:
        """The words the table has, the first twenty of many."""
        words = [str(word) for _, word in self.pairs.inward]
        return ", ".join(words[:20]) + (" …" if len(words) > 20 else "")

    def _check(self, code: str, lists: tuple[str, ...], *at: str) -> None:
        if lists and self.terms.find(code, *lists) is None:
            raise Rejected([Fault("unknown-code", at, ", ".join(lists))])

    def outward(self, value: Tree) -> Tree:
        """Their word, or the code as short as it can be; Unsayable when the table has no word for it."""
        if not self.table:
            return value["code"] if isinstance(value, dict) and value.keys() == {"code"} else value
        key = key_of(value)
        if key not in self.pairs.outward:
            raise Unsayable(f"code table {self.table} has no word for this code")
        return self.pairs.outward[key]

    def limits(self) -> tuple[str, ...]:
        """The codes its table has no word for."""
        return (f"codes that table {self.table} has no word for",) if self.table else ()
