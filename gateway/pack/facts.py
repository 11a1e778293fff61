"""The Facts of every form a packing makes: the event, each CDA, each entry of the archive, and the written mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.model.facts import Facts
from gateway.pack.mail_field import decoded
from gateway.pack.mime import open_message

if TYPE_CHECKING:
    from gateway.pack.header import Header
    from gateway.pack.xds import Entry

_PDF = re.compile(r"(\d{4,8})_([^_]+)_.*\.pdf", re.DOTALL)


def form_facts(event: Facts, documents: Sequence[tuple[Header, Entry]]) -> dict[str, Facts]:
    """`event`, `cda` and `xdm`; what is said of further documents is named `cda[2]`, `xdm[2]`…

    documents  the header as it reads, and the entry as it reads, of each document of the archive
    """
    forms = {"event": event}
    for n, (header, entry) in enumerate(documents, start=1):
        which = f"[{n}]" if n > 1 else ""
        forms[f"cda{which}"] = header.facts
        forms[f"xdm{which}"] = entry.facts.made_from(header.facts)
    return forms


def mail_facts(raw: bytes) -> Facts:
    """What a mail says on its outside: subject, X-MSS headers, the name of its first PDF (ECO.2.1.3, 2.1.6, 2.4).

    Raises Rejected as `open_message` does.
    """
    message = open_message(raw)
    subject = re.sub(r"\AXDM/1\.0/DDM\+", "", decoded(message.first("subject")))
    codes = [code for code in message.first("x-mss-codecda").replace(" ", "").split(",") if code]
    names = (part.filename for part in message.walk() if part.type == "application/pdf")
    day, label = found.groups() if (found := _PDF.fullmatch(next(names, ""))) else (None, None)
    return Facts(
        type=",".join(dict.fromkeys(codes)) or None,
        service=day,
        ins={"O": True, "N": False}.get(message.first("x-mss-ins")),
        label=label,
        line=subject,
    )
