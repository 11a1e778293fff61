"""Level-3 documents of our own: the header of an example, around a narrative that a test writes."""

from __future__ import annotations

import re

from tests.pack.material import packed

_TEMPLATE = b"1.3.6.1.4.1.19376.1.2.20"  # IHE XDS-SD: a body that is not XML


def section(title: str, text: str, *inside: str, entry: str = "") -> str:
    """A section with its narrative; `inside` are sections, `entry` what the narrative refers to."""
    nested = "".join(f"<component>{one}</component>" for one in inside)
    heading = f"<title>{title}</title>" if title else ""
    return f"<section>{heading}<text>{text}</text>{entry}{nested}</section>"


def level3(*sections: str, title: str = "") -> bytes:
    """A document of these sections under the header of the example report."""
    body = "".join(f"<component>{one}</component>" for one in sections)
    cda = packed("report.shared").cda.replace(_TEMPLATE, b"1.2.250.1.213.1.1.1.13")
    whole = f"<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"
    cda = re.sub(rb"<component>.*", lambda _: whole.encode(), cda, flags=re.DOTALL)
    return re.sub(rb"<title>.*?</title>", lambda _: f"<title>{title}</title>".encode(), cda, count=1) if title else cda
