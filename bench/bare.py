"""The denominator of `accept`: the same server, settings, payload and pragmas, and one durable insert for each POST.

python bench/bare.py DATABASE      serves on a free port and prints it
"""

from __future__ import annotations

import sys
from threading import Lock
from typing import Annotated, Any

import pysqlite3
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse

from gateway.api import listen

sys.path.insert(0, __file__.rpartition("/")[0])
from load import serve


def create_app(database: str) -> FastAPI:
    """Reads the JSON, keeps it under its id, and answers when it is on the disk."""
    line = pysqlite3.connect(database, check_same_thread=False, isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("PRAGMA synchronous=FULL")
    line.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
    alone = Lock()
    app = FastAPI(openapi_url=None)

    @app.post("/v1/events", status_code=202)
    def keep(event: Annotated[dict[str, Any], Body()]) -> JSONResponse:
        body = repr(event).encode()
        with alone:
            line.execute("BEGIN IMMEDIATE")
            line.execute("INSERT INTO event VALUES (?, ?)", (event["id"], body))
            line.execute("COMMIT")
        return JSONResponse({"id": event["id"], "state": "accepted", "warnings": []}, 202)

    return app


if __name__ == "__main__":
    serve(listen(create_app(sys.argv[1]), host="127.0.0.1", port=0))
