"""What the command line prints: JSON for machines with --json, a few plain lines for people otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from gateway.journey.refusal import pointer, told_fault
from gateway.model.errors import GatewayError, Rejected
from gateway.model.faults import Notice

CANNOT_RUN = 1
REFUSED = 2
BROKEN_LOG = 3


class Misused(GatewayError):
    """The command was called in a way that means nothing; nothing was done."""

    code = "usage"


def show(answer: Any, as_json: bool, lines: Iterable[str] = ()) -> None:
    """Print the answer: as JSON, or as `lines` when there are any and JSON was not asked for."""
    lines = tuple(lines)
    if as_json or not lines:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines))


def pass_on(body: bytes) -> None:
    """Print a body as it is, whatever its encoding: what is redirected to a file is that body."""
    sys.stdout.flush()
    sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")
    sys.stdout.flush()


def warn(notices: Iterable[Notice], file: str) -> None:
    """Say on stderr what people should know of what is accepted."""
    for notice in notices:
        print(f"{file}: {pointer(notice.at) or '/'}: {notice.code}: {notice.text.fr}", file=sys.stderr)


def refuse(error: GatewayError, as_json: bool, file: str = "", code: int = REFUSED) -> NoReturn:
    """Say on stderr what is wrong, all of it, and leave."""
    faults = [told_fault(fault) for fault in error.faults] if isinstance(error, Rejected) else []
    if as_json:
        told: Mapping[str, Any] = {"file": file, "code": error.code, "detail": str(error), "errors": faults}
        print(json.dumps(told, ensure_ascii=False, indent=2), file=sys.stderr)
    elif faults:
        for fault in faults:
            place = fault["pointer"] or fault["at"] or "/"
            where = f"{file}:{fault['line']}:{fault['column']}: " if "line" in fault else f"{file}: " if file else ""
            print(f"{where}{place}: {fault['code']}: {fault['fr']} {fault['remedy']}", file=sys.stderr)
    else:
        print(f"{file}: {error}" if file else str(error), file=sys.stderr)
    raise SystemExit(code)
