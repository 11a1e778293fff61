"""What the door asks of a patient's identity: the right kind of matricule, and nowhere but in its own field.

A matricule that is not qualified leaves in no form (INS/va1.53). Written into a name or another number it would leave
all the same, so it is looked for in every word of the event; not inside the document, which is the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gateway.model.errors import BadIdentifier
from gateway.model.event import Event, write_event
from gateway.model.faults import Fault, Notice, Place
from gateway.model.identity import Ins, InsKind

_OIDS = frozenset(kind.oid for kind in InsKind)
_BETWEEN = re.compile(r"[\s._/-]+")  # what people put between the parts of a number
_SEXES = frozenset("123478")  # first digit: 1 2 registered, 3 4 waiting for a number, 7 8 provisional (INSEE, NIR)


def check_identity(event: Event, *, production: bool) -> tuple[tuple[Fault, ...], tuple[Notice, ...]]:
    """What is wrong with the identity, and what its sender should know.

    Faults: `test-identity-in-production`, `real-identity-in-test`, `ins-as-local-id`, `ins-in-another-field`.
    Notices: `ins-kept-inside`, `local-id-like-ins`.
    """
    patient = event.patient
    ins, local = patient.ins, patient.local_id
    faults: list[Fault] = []
    notices: list[Notice] = []
    faults += [Fault(told.code, told.at) for told in kind_notices(ins, production=production)]
    if local and local.system.removeprefix("urn:oid:") in _OIDS:
        faults.append(Fault("ins-as-local-id", ("patient", "local_id", "system")))
    if ins and patient.outgoing_ins is None:
        faults += [Fault("ins-in-another-field", at) for at in _saying(ins.number[:13], write_event(event))]
        notices.append(Notice("ins-kept-inside", ("patient", "ins")))
    elif local and ins is None and _like_ins(local.value):
        notices.append(Notice("local-id-like-ins", ("patient", "local_id", "value")))
    return tuple(faults), tuple(notices)


def kind_notices(ins: Ins | None, *, production: bool) -> tuple[Notice, ...]:
    """What is told of a matricule of a kind that has no place here: given to people, or for tests and demonstrations.

    In what is received it is told and no more: other people's mistakes make no document unreadable.
    """
    if ins is None or ins.kind.for_real == production:
        return ()
    return (
        Notice("test-identity-in-production" if production else "real-identity-in-test", ("patient", "ins", "kind")),
    )


def _saying(number: str, tree: Any) -> Iterator[Place]:
    """The places of an event, save the matricule's own and the document's content, whose words hold that number."""
    todo: list[tuple[Place, Any]] = [((), tree)]
    while todo:
        at, value = todo.pop()
        if at in (("patient", "ins"), ("report", "document")):
            continue
        if isinstance(value, dict):
            todo.extend(((*at, name), item) for name, item in value.items())
        elif isinstance(value, list):
            todo.extend(((*at, n), item) for n, item in enumerate(value))
        elif isinstance(value, str) and number in _compact(value):
            yield at


def _compact(text: str) -> str:
    return _BETWEEN.sub("", text).upper()


def _like_ins(value: str) -> bool:
    """True for 15 characters in the form of a matricule, with its key."""
    number = _compact(value)
    try:
        return number[:1] in _SEXES and bool(Ins(number))
    except BadIdentifier:
        return False
