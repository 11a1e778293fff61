"""A verb: one way of writing a value, read and written. The verbs themselves are in `verbs.py` and `moments.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, get_origin

from gateway.model.form import Tree


class Unsayable(Exception):
    """There is no writing for that value; `str` says why, without the value.

    `parts`: of an object, each line of the table that cannot write its part, and why.
    """

    def __init__(self, why: str, parts: Sequence[tuple[Any, str]] = ()) -> None:
        super().__init__(why)
        self.parts = tuple(parts)


class Verb:
    """One way of writing a value. `FITS`: the kinds of field it can fill."""

    FITS: ClassVar[tuple[Any, ...]] = ()

    def fits(self, hint: Any) -> bool:
        """True when a field of that type can hold what the verb reads."""
        return self.fits_any(hint)

    @classmethod
    def fits_any(cls, hint: Any) -> bool:
        """The same of the verb, whatever its options."""
        return (Literal if get_origin(hint) is Literal else hint) in cls.FITS

    def inward(self, raw: Tree) -> Tree:
        """Our value of theirs. Raises Rejected, one fault without place."""
        return raw

    def outward(self, value: Tree) -> Tree:
        """Their value of ours. Raises Unsayable."""
        return value

    def limits(self) -> tuple[str, ...]:
        """The values it cannot write, or not whole, in words."""
        return ()
