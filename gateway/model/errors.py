"""Everything that can go wrong, named once. (A polite "no" from the other side is
not an error but an answer: see deliver.DeliveryReport.)

GatewayError
├── Rejected       the caller must change something       → HTTP 422, never retried
│   └── BadIdentifier   one identifier, caught where its place is known
├── Unreachable    the other side did not answer           → retried on the backoff schedule
└── Broken         we, or our settings, are at fault       → HTTP 500, job held for a person
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.model.faults import Fault


class GatewayError(Exception):
    """Root of the tree. Raise a leaf, never this class.

    `code` is stable and public. `str(error)` says what happened and what to do next; it never holds patient data.
    """

    code = "gateway-error"

    def __init__(self, what: str, *, advice: str) -> None:
        super().__init__(f"{what}. {advice}.")
        self.what, self.advice = what, advice


class Rejected(GatewayError):
    """What was sent cannot be accepted; `faults` names every reason at once, at least one."""

    code = "rejected"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        codes = ", ".join(dict.fromkeys(fault.code for fault in self.faults))
        super().__init__(f"{len(self.faults)} fault(s): {codes}", advice="Correct what was sent")


class BadIdentifier(Rejected):
    """One identifier is malformed; the reader that knows its place adds it."""

    code = "bad-identifier"

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__([Fault(code, about=about)])


class Unreachable(GatewayError):
    """No answer at all: nothing can have arrived. Worth trying again later."""

    code = "unreachable"


class Broken(GatewayError):
    """Our own fault, or our settings': a person must look."""

    code = "broken"
