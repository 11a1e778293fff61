"""ADAPTER callback: one signed CloudEvent per parcel, posted to a software's own https address.

CloudEvents 1.0 in structured mode, Standard Webhooks headers. The body and `webhook-id` are the same at every attempt;
`webhook-timestamp` and `webhook-signature` are the attempt's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.deliver import Parcel
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.posting import Posting
from gateway.deliver.signature import sign

CONTENT_TYPE = "application/cloudevents+json"


class Callback(Posting):
    """A Transport to the callbacks of the settings. What a receiver writes in its answer is never kept."""

    kind = "callback"

    def _headers(self, endpoint: Endpoint, parcel: Parcel) -> Mapping[str, str]:
        return {
            "Content-Type": CONTENT_TYPE,
            **sign(endpoint.secrets, parcel.message_id, self._now(), parcel.body),
        }
