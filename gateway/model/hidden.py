"""What hides in a text until a reader decodes it: line breaks and other controls inside an encoded-word (RFC 2047).

A reader that decodes a header and writes it again makes two headers of such a text (CVE-2024-6923). No honest name or
title holds one, so it is refused where the text comes in, and once more where a header is written.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re

# C0 and C1 controls, line and paragraph separators, bidirectional overrides, surrogates, non-characters.
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What no line of text may hold."""

_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?([bBqQ])\?([^?]*)\?=")


def hides_controls(text: str) -> bool:
    """True when an encoded-word in the text holds something forbidden, once decoded."""
    return "=?" in text and any(FORBIDDEN.search(inside) for inside in _decoded(text))


def _decoded(text: str) -> list[str]:
    found = []
    for encoding, word in _ENCODED_WORD.findall(text):
        raw = word.encode("utf-8", "replace")
        try:
            if encoding in "bB":
                raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
            else:
                raw = quopri.decodestring(raw, header=True)
        except binascii.Error:
            continue  # nobody can decode it either
        found.append(raw.decode(errors="ignore"))
    return found
