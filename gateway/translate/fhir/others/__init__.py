"""others: transactions that other software makes of the French guides, read as the one event each of them is.

Ours name their event and hold all of it (`from_bundle`). Theirs follow a guide that knows no events: a care circle is
created or put again whole (CDS 2.0.1), a document is provided (ITI-65). What an event needs and such a transaction does
not hold is a fault; what a rule allows to take instead is told; what it holds and no event has a field for is told too.
"""

from __future__ import annotations

from gateway.translate.fhir.others.expression import of_pointer
from gateway.translate.fhir.others.guide import TAKEN, guide_of
from gateway.translate.fhir.others.located import logical_ids
from gateway.translate.fhir.others.reading import Mentioned, Understood, read_transaction, speaks_of

__all__ = ["TAKEN", "Mentioned", "Understood", "guide_of", "logical_ids", "of_pointer", "read_transaction", "speaks_of"]
