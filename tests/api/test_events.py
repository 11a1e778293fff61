"""An event comes in: once, whole, or refused with every reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Example = Callable[..., dict[str, Any]]


def test_an_event_is_accepted_and_its_exchange_can_be_read_at_location(http: httpx.Client, example: Example) -> None:
    answer = http.post("/v1/events", json=example("team.created"))
    assert answer.status_code == 202, answer.text
    assert answer.json().keys() == {"id", "state", "warnings"}
    assert answer.json()["state"] == "accepted"
    exchange = http.get(answer.headers["location"]).json()
    assert (exchange["id"], exchange["state"]) == (answer.json()["id"], "accepted")
