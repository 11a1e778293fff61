"""What the browser loads beside a page: our style sheet, and htmx as its package ships it. Nothing from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

KINDS = {"passerelle.css": "text/css; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8"}
"""The files there are, and what they are."""

FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=len(KINDS))
def read_style(name: str) -> bytes:
    """A file of KINDS, whole."""
    if name == "htmx.min.js":
        # the package is made for Django, which nobody needs for one file: it is read, not imported (decision 12)
        return Path(
            str(distribution("django-js-lib-htmx").locate_file("js_lib_htmx/static/htmx/htmx.min.js"))
        ).read_bytes()
    return Path(__file__).with_name(name).read_bytes()


@lru_cache(maxsize=len(KINDS))
def style_address(name: str) -> str:
    """Where a page finds it: the address changes with the bytes, so browsers may keep it for ever."""
    return f"/habillage/{sha256(read_style(name)).hexdigest()[:12]}/{name}"
