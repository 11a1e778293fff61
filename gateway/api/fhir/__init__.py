"""The FHIR R4 door: transactions come in, resources are judged, log and deliveries are read; it says what it can.

Whatever is refused here is an OperationOutcome, in the language asked for, in JSON or XML.
"""

from __future__ import annotations

from fastapi import APIRouter

from gateway.api.fhir import audit, delivery, judge, metadata, transaction
from gateway.api.fhir.audit import fault_of_unknown

router = APIRouter()
for room in (transaction, judge, audit, delivery, metadata):
    router.include_router(room.router)

__all__ = ["fault_of_unknown", "router"]
