"""A practice software, as small as one can be: it sends events to a gateway and asks what became of them."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx


class Practice:
    """Speaks to one gateway over HTTP with one API key."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._client.close()

    def tell(self, event: bytes) -> str:
        """Send an event; gives the exchange's id. Raises httpx.HTTPStatusError when it is refused."""
        answer = self._client.post("/v1/events", content=event, headers={"Content-Type": "application/json"})
        answer.raise_for_status()
        id: str = answer.json()["id"]
        return id

    def ask(self, exchange: str) -> dict[str, Any]:
        """What became of an exchange."""
        answer = self._client.get(f"/v1/exchanges/{exchange}")
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def inbox(self) -> list[dict[str, Any]]:
        """What came for this software and it has not acknowledged: the first page."""
        answer = self._client.get("/v1/inbox")
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def acknowledge(self, item: str) -> None:
        """Say that this software has it."""
        self._client.post(f"/v1/inbox/{item}/ack").raise_for_status()
