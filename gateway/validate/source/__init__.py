"""Reading: the bytes of a file as the JSON tree of a resource, with the line of each place and what is wrong so far."""

from __future__ import annotations

from gateway.validate.source.reader import Reader
from gateway.validate.source.source import Source

__all__ = ["Reader", "Source"]
