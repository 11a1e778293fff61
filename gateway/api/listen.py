"""Listening: the application on a port, with the settings every process of it shares."""

from __future__ import annotations

import asyncio
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_S = 30
CONNECTIONS = 1000
"""Connections at once; beyond it the server itself answers 503."""
LEAST_BODY = 1000
"""Bytes a second of a body, on average over each span of `body_within`: a slow line is waited for, a trickle is not."""


def listen(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
    behind_proxy: bool = False,
    headers_within: float = 10.0,
    body_within: float = 60.0,
) -> uvicorn.Server:
    """A server ready to `run()`. It writes no access log of its own: theirs hold whole addresses, ours do not.

    certificate, key  PEM files; both or neither
    behind_proxy      believe X-Forwarded-* of a proxy on this machine
    headers_within    seconds for the head of a request to arrive; a line that says nothing longer is closed
    body_within       seconds within which a body has to get on by LEAST_BODY a second, whoever asked and whatever was
                      answered already; a line that brings less is closed
    """

    class Impatient(HttpToolsProtocol):
        """The server's own protocol has no such deadlines: slow lines would pile up until it takes no more."""

        _deadline: asyncio.TimerHandle | None = None
        _arrived = 0  # bytes of a body in this span

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._await_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._deadline is None and self.timeout_keep_alive_task is None and self._is_idle():
                self._await_head()  # line ends between two requests stopped the server's own timer

        def on_message_begin(self) -> None:
            super().on_message_begin()
            if self._deadline is None:
                self._await_head()

        def on_headers_complete(self) -> None:
            self._patient()
            super().on_headers_complete()
            self._await_body()

        def on_body(self, body: bytes) -> None:
            self._arrived += len(body)
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._patient()
            super().on_message_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._patient()
            super().connection_lost(exc)

        def _is_idle(self) -> bool:
            return self.cycle is None or (self.cycle.response_complete and not self.transport.is_closing())

        def _await_head(self) -> None:
            self._deadline = self.loop.call_later(headers_within, self.transport.close)

        def _await_body(self) -> None:
            self._arrived = 0
            self._deadline = self.loop.call_later(body_within, self._look_at_body)

        def _look_at_body(self) -> None:
            if self._arrived < LEAST_BODY * body_within and not self.flow.read_paused:  # paused: it waits for us
                self.transport.close()
            else:
                self._await_body()

        def _patient(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=Impatient,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=behind_proxy,
            timeout_keep_alive=KEEP_ALIVE_S,
            limit_concurrency=CONNECTIONS,
            lifespan="on",
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
