"""What a form sends: application/x-www-form-urlencoded, small, every field once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.api import Intake, Refused

BODY_LIMIT = 16_384  # bytes of a form
FIELDS_LIMIT = 40
IN_FLIGHT = 4_000_000  # bytes of all forms at once
RECEIVE_WITHIN = 10.0  # seconds

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def form_intake(retry_after: int) -> Intake:
    """Where forms come in: counted while they arrive."""
    return Intake(body=BODY_LIMIT, in_flight=IN_FLIGHT, receive_within=RECEIVE_WITHIN, retry_after=retry_after)


async def receive_form(request: Request, intake: Intake) -> Mapping[str, str]:
    """The fields of a form, trimmed. Raises Refused 413, 408, 503, 415, or 422 for what no form of ours sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, "unsupported-media-type")
    async with intake.take(request) as body:
        try:
            pairs = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT, errors="strict"
            )
        except (ValueError, UnicodeDecodeError):
            raise Refused(422, "bad-parameter", about="formulaire") from None
    fields = {name: value.strip() for name, value in pairs}
    if len(fields) != len(pairs) or any(_CONTROL.search(value) for value in fields.values()):
        raise Refused(422, "bad-parameter", about="formulaire")
    return fields
