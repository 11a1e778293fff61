"""The technical log: one JSON object a line on stderr, constant sentences and facts, never persons."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

ALLOWED = frozenset({
    "event", "level", "at", "exchange", "leg", "step", "code", "reason", "defect", "worker", "count", "wait_s",
    "mailbox", "handle", "why", "size", "status", "method", "route", "request", "ms", "tenant",
    "under_way", "unfinished", "given_back",
})  # fmt: skip
"""Fields a line may hold; any other is dropped, so that a careless call cannot leak a name."""


class Stubborn:
    """A stream that loses what cannot be written: a log on a full disk must not end the work it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or lose it."""
        with suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Flush, or lose it."""
        with suppress(OSError):
            self._stream.flush()


def open_log() -> structlog.stdlib.BoundLogger:
    """Send our lines, and the libraries' warnings, to stderr."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format='{"level": "%(levelname)s", "event": "%(name)s"}'
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, Stubborn(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger


def _only_allowed(_: object, __: str, facts: structlog.types.EventDict) -> structlog.types.EventDict:
    return {name: value for name, value in facts.items() if name in ALLOWED}
