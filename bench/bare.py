"""The denominator of `accept`: the same server, settings, payload and pragmas, and one durable row for each POST.

Requests that come while a commit is under way share the next one, as they do in the gateway.

python bench/bare.py URL      serves on a free port and prints it; URL as in the gateway's settings
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Annotated, Any

import psycopg
import pysqlite3
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse

from gateway.api import listen

sys.path.insert(0, __file__.rpartition("/")[0])
from load import serve

Row = tuple[str, bytes]
Keep = Callable[[Sequence[Row]], None]


def open_sqlite(file: str) -> Keep:
    """Keeps rows in one commit that is on the disk."""
    line = pysqlite3.connect(file, check_same_thread=False, isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("PRAGMA synchronous=FULL")
    line.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body BLOB NOT NULL)")

    def keep(rows: Sequence[Row]) -> None:
        line.execute("BEGIN IMMEDIATE")
        line.executemany("INSERT INTO event VALUES (?, ?)", rows)
        line.execute("COMMIT")

    return keep


def open_postgresql(url: str) -> Keep:
    """The same."""
    line = psycopg.connect(url, autocommit=True)
    line.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body BYTEA NOT NULL)")

    def keep(rows: Sequence[Row]) -> None:
        with line.transaction(), line.cursor() as cursor:
            cursor.executemany("INSERT INTO event VALUES (%s, %s)", rows)

    return keep


class Together:
    """Whoever gets the line keeps the rows of all who wait for it."""

    def __init__(self, keep: Keep) -> None:
        self._keep, self._line, self._waiting = keep, Lock(), list[tuple[Row, list[bool]]]()

    def add(self, row: Row) -> None:
        """Comes back when the row is on the disk."""
        kept: list[bool] = []
        self._waiting.append((row, kept))
        with self._line:
            if not kept:
                waiting, self._waiting = self._waiting, []
                self._keep([row for row, _ in waiting])
                for _, kept_ in waiting:
                    kept_.append(True)


def create_app(url: str) -> FastAPI:
    """Reads the JSON, keeps it under its id, and answers when it is on the disk."""
    together = Together(open_postgresql(url) if url.startswith("postgresql:") else open_sqlite(url))
    app = FastAPI(openapi_url=None)

    @app.post("/v1/events", status_code=202)
    def keep(event: Annotated[dict[str, Any], Body()]) -> JSONResponse:
        together.add((event["id"], repr(event).encode()))
        return JSONResponse({"id": event["id"], "state": "accepted", "warnings": []}, 202)

    return app


if __name__ == "__main__":
    serve(listen(create_app(sys.argv[1].removeprefix("sqlite:///")), host="127.0.0.1", port=0))
