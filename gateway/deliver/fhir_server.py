"""ADAPTER fhir_server: one transaction Bundle per parcel, posted to the base of a FHIR R4 server.

Repeating is harmless: what the Bundle creates it creates only if none exists, what it updates it names by identifier.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.deliver import DeliveryReport, Parcel
from gateway.deliver.conversation import Answer
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.fhir_answer import judge
from gateway.deliver.posting import Posting, by_status

CONTENT_TYPE = "application/fhir+json"


class FhirServer(Posting):
    """A Transport to the FHIR servers of the settings."""

    kind = "fhir_server"

    def _headers(self, endpoint: Endpoint, parcel: Parcel) -> Mapping[str, str]:
        return {"Content-Type": CONTENT_TYPE, "Accept": CONTENT_TYPE, "Prefer": "return=minimal"}

    def _judge(self, answer: Answer, parcel: Parcel) -> DeliveryReport:
        return judge(answer, parcel.body, by_status(answer, self._now()))
