"""A verb: one way of writing a value, read and written. The verbs themselves are in `verbs.py` and `moments.py`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_origin

from gateway.model.form import Tree


class Unsayable(Exception):
    """This verb has no writing for that value; `str` says why, without the value."""


class Verb:
    """One way of writing a value. `FITS`: the kinds of field it can fill."""

    FITS: ClassVar[tuple[Any, ...]] = ()

    def fits(self, hint: Any) -> bool:
        """True when a field of that type can hold what the verb reads."""
        return (Literal if get_origin(hint) is Literal else hint) in self.FITS

    def inward(self, raw: Tree) -> Tree:
        """Our value of theirs. Raises Rejected, one fault without place."""
        return raw

    def outward(self, value: Tree) -> Tree:
        """Their value of ours. Raises Unsayable."""
        return value
