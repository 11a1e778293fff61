"""The log as JSON lines, for anyone who wants to recompute it: 40 lines in any language are enough."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gateway.record.log import Kept


def export_lines(kept: Iterable[Kept]) -> Iterator[str]:
    """One line an entry: `seq`, `record` (its exact text as a JSON string, null once purged), `leaf` (hex).

    SHA-256(0x00 ‖ UTF-8 of `record`) is `leaf`; the leaves from 0 on make the tree of RFC 9162 §2.1.1.
    """
    for one in kept:
        yield json.dumps({"seq": one.seq, "record": one.record, "leaf": one.leaf.hex()}, ensure_ascii=False) + "\n"
