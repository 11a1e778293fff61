"""The FHIR R4 door: transactions come in, resources are judged, and it says what it can (`metadata`).

Whatever is refused here is an OperationOutcome, in the language asked for, in JSON or XML.
"""

from __future__ import annotations

from fastapi import APIRouter

from gateway.api.fhir import judge, metadata, transaction

router = APIRouter()
for room in (transaction, judge, metadata):
    router.include_router(room.router)

__all__ = ["router"]
