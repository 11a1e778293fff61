"""What each code of a fault or a notice means, in two languages, and what to do next (`GET /v1/errors`)."""

from __future__ import annotations

from gateway.model.catalogue import body, document, door, notices, pdf, people, state, transaction
from gateway.model.texts import Text

__all__ = ["FAULTS", "NOTICES"]

FAULTS: dict[str, Text] = {
    **body.FAULTS,
    **people.FAULTS,
    **state.FAULTS,
    **document.FAULTS,
    **pdf.FAULTS,
    **door.FAULTS,
    **transaction.FAULTS,
}
NOTICES: dict[str, Text] = {**notices.NOTICES, **pdf.NOTICES, **transaction.NOTICES}
