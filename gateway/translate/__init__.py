"""translate: a vendor's words ⇄ the event ⇄ FHIR."""

from __future__ import annotations

from gateway.translate.body import Part, read_json
from gateway.translate.check import check_tables
from gateway.translate.dialect import Dialect, MappingFault, Problem
from gateway.translate.dialects import Dialects, tables_in
from gateway.translate.fhir import (
    AUDIT_EVENT,
    DELIVERY,
    IDENTIFYING,
    Sought,
    acknowledgement,
    audit_event,
    audit_search,
    delivery_named,
    delivery_search,
    facts_of,
    from_bundle,
    parameter_of,
    profile_of,
    to_bundle,
    with_document,
    without_older,
)
from gateway.translate.fhir.others import (
    TAKEN,
    Mentioned,
    Understood,
    guide_of,
    logical_ids,
    of_pointer,
    read_transaction,
    speaks_of,
)
from gateway.translate.fingerprint import fingerprint
from gateway.translate.grammar import mapping_schema
from gateway.translate.losses import limits, losses
from gateway.translate.trace import Traced, trace
from gateway.translate.vendor import Item, point, read_many, read_once, read_vendor, split, write_vendor

__all__ = [
    "AUDIT_EVENT",
    "DELIVERY",
    "IDENTIFYING",
    "TAKEN",
    "Dialect",
    "Dialects",
    "Item",
    "MappingFault",
    "Mentioned",
    "Part",
    "Problem",
    "Sought",
    "Traced",
    "Understood",
    "acknowledgement",
    "audit_event",
    "audit_search",
    "check_tables",
    "delivery_named",
    "delivery_search",
    "facts_of",
    "fingerprint",
    "from_bundle",
    "guide_of",
    "limits",
    "logical_ids",
    "losses",
    "mapping_schema",
    "of_pointer",
    "parameter_of",
    "point",
    "profile_of",
    "read_json",
    "read_many",
    "read_once",
    "read_transaction",
    "read_vendor",
    "speaks_of",
    "split",
    "tables_in",
    "to_bundle",
    "trace",
    "with_document",
    "without_older",
    "write_vendor",
]
