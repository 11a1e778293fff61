"""An event's written form: JSON-shaped trees ⇄ the words of the model, every fault at once.

The dataclasses are the grammar: a field without default is required, a tuple is a list, a union with
None is optional, a Literal or StrEnum is a closed list. A tree never holds null. A class may say in
`SHORT` which one field may stand for the whole object: `"who": "the patient"` is `{"text": "the patient"}`, and it is
written short whenever that field alone is set. With `SHORT_READ` it may stand for the whole too, but is written long.

A tree is read in haste first. When anything is wrong with it, it is read once more with care: a tree without faults
pays nothing for the places of faults.
"""

from __future__ import annotations

from typing import Any, TypeVar

from gateway.model.errors import Rejected
from gateway.model.faults import Fault, Place
from gateway.model.form import careful, haste
from gateway.model.form.grammar import LINE_LIMIT, LIST_LIMIT, PROSE_LIMIT, WORDS, Prose, Tree, grammar
from gateway.model.form.writing import write

__all__ = [
    "LINE_LIMIT",
    "LIST_LIMIT",
    "PROSE_LIMIT",
    "WORDS",
    "Prose",
    "Tree",
    "grammar",
    "read",
    "refused",
    "write",
]

T = TypeVar("T")


def read(kind: type[T], tree: Tree, at: Place = ()) -> T:
    """Build `kind` (a dataclass) from a tree. Raises Rejected with every fault, each with its path below `at`."""
    wanted: Any = kind
    try:
        value = haste.reader(wanted)(tree)
    except haste.WRONG:
        faults: list[Fault] = []
        value = careful.reader(wanted)(tree, faults)
        if faults:
            raise Rejected([fault.under(*at) for fault in faults] if at else faults) from None
    assert isinstance(value, kind)
    return value


def refused(hint: Any, tree: Tree) -> tuple[Fault, ...]:
    """What a field of that type says against a tree: nothing when it takes it."""
    faults: list[Fault] = []
    careful.reader(hint)(tree, faults)
    return tuple(faults)
