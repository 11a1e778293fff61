"""An event's written form: JSON-shaped trees ⇄ the words of the model, every fault at once.

The dataclasses are the grammar: a field without default is required, a tuple is a list, a union with
None is optional, a Literal or StrEnum is a closed list. A tree never holds null. A class may say in
`SHORT` which one field may stand for the whole object: `"who": "the patient"` is `{"text": "the patient"}`, and it is
written short whenever that field alone is set. With `SHORT_READ` it may stand for the whole too, but is written long.
"""

from gateway.model.form.grammar import LINE_LIMIT, LIST_LIMIT, PROSE_LIMIT, WORDS, Prose, Tree, grammar
from gateway.model.form.reading import read, refused
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
