"""Words into PDF/A-1a, by a style of ours.

All words reach typst as one JSON string in sys.inputs: data, never markup. The same words at the same time give the
same bytes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from gateway.model.errors import Broken

_STYLES = Path(__file__).with_name("style")

# A text no font has, as typst names it in its complaint (Rust's notation: \u{1f600}, \", \\).
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.){1,400})"` could not be displayed')
_ESCAPED = re.compile(r"\\(?:u\{([0-9a-f]{1,6})\}|(.))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
# Failing everything else: Latin alone.
_LATIN = re.compile("[^\n\x20-\x7e\xa0-\u017f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u20ac]")
_HOLLOW = "\u25a1"

_one_at_a_time = threading.Lock()  # a typst compiler is not made for several threads


def typeset(style: str, words: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of these words, tagged, in the style of that name.

    at  the time the document says it was made (aware)

    A character no font has (an emoji, an ideogram) is shown as a hollow square. A page with more than 8,191 parts in
    one place (ISO 19005-1 §6.1.12) is PDF/A-1b, untagged. Raises Broken when typst fails: its words are ours.
    """
    text = json.dumps(words, ensure_ascii=False)
    stamp = at.astimezone(UTC).replace(microsecond=0)
    made, missing = _compile(style, text, stamp, tagged=True)
    if made is None and missing:
        text = text.translate(dict.fromkeys(map(ord, missing), _HOLLOW))
        made, _ = _compile(style, text, stamp, tagged=True)
    for told, tagged in ((text, False), (latin := _LATIN.sub("?", text), True), (latin, False)):
        if made is None:
            made, _ = _compile(style, told, stamp, tagged=tagged)
    if made is None:
        raise Broken("the page could not be typeset", advice="Report this to the makers of the gateway")
    return made


def _compile(style: str, text: str, stamp: datetime, *, tagged: bool) -> tuple[bytes | None, frozenset[str]]:
    """The PDF, or the characters that no font has."""
    try:
        with _one_at_a_time:
            made = _compiler(style).compile(
                sys_inputs={"page": text},
                format="pdf",
                pdf_standards=["a-1a" if tagged else "a-1b"],
                pdf_tags=tagged,
                timestamp=stamp,
            )
    except typst.TypstError as fault:
        return None, frozenset("".join(map(_unescaped, _MISSING.findall(fault.diagnostic)))) - set(" \n")
    except BaseException as fault:
        if (
            type(fault).__name__ != "PanicException"
        ):  # no Exception, so it would end the worker; pyo3 does not export it
            raise
        _compiler.cache_clear()
        return None, frozenset()
    return (made, frozenset()) if isinstance(made, bytes) else (None, frozenset())


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else _PLAIN.get(one[2], one[2]), text)


@cache
def _compiler(style: str) -> typst.Compiler:
    return typst.Compiler(input=_STYLES / f"{style}.typ", root=_STYLES, ignore_system_fonts=True)
