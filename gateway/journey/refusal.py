"""Faults and warnings in words: the one JSON form behind the HTTP answers, the CLI and the drop folder's.

Never a value that was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.model.faults import Fault, Notice


def pointer(place: Sequence[str | int]) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def told_fault(fault: Fault) -> dict[str, Any]:
    """A fault: where in the sender's own body, with its line and column where they are known, and what to do."""
    text, at = fault.text, pointer(fault.at)
    return {
        "code": fault.code,
        "pointer": fault.pointer or at,
        **({"line": fault.line, "column": fault.column} if fault.line else {}),
        "at": at,
        "fr": text.fr,
        "en": text.en,
        "remedy": text.remedy_fr,
        "remedy_en": text.remedy_en,
    }


def told_notice(notice: Notice) -> dict[str, str]:
    """A warning about something accepted."""
    return {
        "code": notice.code,
        **({"pointer": pointer(notice.at)} if notice.at else {}),
        "fr": notice.text.fr,
        "en": notice.text.en,
    }
