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


def listen(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
    behind_proxy: bool = False,
    headers_within: float = 10.0,
) -> uvicorn.Server:
    """A server ready to `run()`. It writes no access log of its own: theirs hold whole addresses, ours do not.

    certificate, key  PEM files; both or neither
    behind_proxy      believe X-Forwarded-* of a proxy on this machine
    headers_within    seconds for the head of a request to arrive; a line that says nothing longer is closed
    """

    class Impatient(HttpToolsProtocol):
        """The server's own protocol has no such deadline: idle lines would pile up until it takes no more."""

        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._deadline = self.loop.call_later(headers_within, transport.close)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            if self._deadline is None:
                self._deadline = self.loop.call_later(headers_within, self.transport.close)

        def on_headers_complete(self) -> None:
            self._patient()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._patient()
            super().connection_lost(exc)

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
