"""Pictures that come inside a document, judged and made fit for PDF/A-1: no transparency, 8 bits, grey or sRGB."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

BYTES_LIMIT = 8_000_000  # bytes of one picture as it came
PIXEL_LIMIT = 12_000_000  # pixels of one picture; a page at 300 dots an inch has 9 million
SIDE_LIMIT = 1_800  # pixels of the longer side on a page: more is not seen, and typst takes time for every byte
SCAN_LIMIT = 40  # passes over one JPEG: each costs the time of the whole

_FORMATS = ("PNG", "JPEG", "GIF")
_SCAN = b"\xff\xda"
_PLAIN = {"L", "RGB"}


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A picture for a page; `width` and `height` in pixels."""

    data: bytes
    width: int
    height: int


def passes(data: bytes) -> int:
    """Pixels a decoder goes through, those of a JPEG as often as its scans ask for; 0 for what is no picture."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            return opened.width * opened.height * max(data.count(_SCAN) // 4, 1)
    except Exception:  # as below
        return 0


def read_picture(data: bytes) -> Picture | None:
    """A picture as a page can show it; None for what is none, is damaged, or is too large.

    A JPEG that a page can show as it is keeps its bytes; anything else becomes a PNG over white, its first frame alone.
    """
    if len(data) > BYTES_LIMIT or data.count(_SCAN) > SCAN_LIMIT:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > PIXEL_LIMIT:
                return None
            opened.load()
            return _fit(opened, data)
    except Exception:  # whatever a decoder makes of hostile bytes: there is no picture, and their words are dropped
        return None


def _fit(opened: Image.Image, data: bytes) -> Picture:
    small = max(opened.size) <= SIDE_LIMIT
    if opened.format == "JPEG" and opened.mode in _PLAIN and small and not opened.info.get("icc_profile"):
        return Picture(data, opened.width, opened.height)
    flat = _flattened(opened)
    if not small:
        flat.thumbnail((SIDE_LIMIT, SIDE_LIMIT))
    made = io.BytesIO()
    if opened.format == "JPEG":
        flat.save(made, "JPEG", quality=92)
    else:
        flat.save(made, "PNG")
    return Picture(made.getvalue(), flat.width, flat.height)


def _flattened(opened: Image.Image) -> Image.Image:
    if opened.mode.startswith("I") or opened.mode == "F":  # 16 bits and more: scaled, not cut at 255
        low, high = (float(bound) for bound in opened.getextrema()[:2])  # type: ignore[arg-type]
        span = (high - low) or 1.0
        return opened.convert("F").point(lambda value: value * (255 / span) - low * 255 / span).convert("L")
    if "A" in opened.mode or "transparency" in opened.info:
        over = opened.convert("RGBA")
        flat = Image.new("RGB", over.size, "white")
        flat.paste(over, mask=over.getchannel("A"))
        return flat
    return opened.copy() if opened.mode in _PLAIN else opened.convert("RGB")
