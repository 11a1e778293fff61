"""Listening: the application on a port, with the settings every process of it shares."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

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
) -> uvicorn.Server:
    """A server ready to `run()`. It writes no access log of its own: theirs hold whole addresses, ours do not.

    certificate, key  PEM files; both or neither
    behind_proxy      believe X-Forwarded-* of a proxy on this machine
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
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
