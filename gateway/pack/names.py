"""What documents, patients and senders are called where a person reads it: file name, subject line, display name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from gateway.model.people import Patient
from gateway.pack import times
from gateway.pack.header import Header, Name
from gateway.pack.parties import first_given

TYPE_LENGTH = 40  # characters of the type's label in a file name (ECO.2.1.6)
PART_LENGTH = 60  # characters of a name in a file name

# Path and drive separators, wildcards, quotes, parameters of a header: nothing that means something to someone.
_MEANING = re.compile(r"[/\\:*?\"<>|%;=`$]+")


def pdf_name(header: Header) -> str:
    """`20261120_Plan personnalisé de soins_PAT-TROIS_DOMINIQUE.pdf` (ECO.2.1.6).

    The day is the act's first; the label is cut at 40 characters; the birth name is in capitals.
    """
    act = header.acts[0] if header.acts else None
    day = (act.low if act else "")[:8] or header.effective[:8]
    name = header.subject.name or Name()
    label = _plain(header.code.display or header.code.code)[:TYPE_LENGTH].strip()
    family = _plain(name.family("BR", "CL", "").upper())[:PART_LENGTH]
    given = _plain(name.given("BR", "CL", ""))[:PART_LENGTH]
    return "_".join(part for part in (day, label, family, given) if part) + ".pdf"


def pdf_names(headers: Sequence[Header]) -> tuple[str, ...]:
    """The names of several documents of one mail: those that would be alike are told apart by `_2`, `_3`…"""
    found: list[str] = []
    for header in headers:
        first = name = pdf_name(header)
        again = 1
        while name in found:
            again += 1
            name = f"{first.removesuffix('.pdf')}_{again}.pdf"
        found.append(name)
    return tuple(found)


def person_name(given: str, family: str, *, title: str = "", entity: str = "") -> str:
    """`Dr_Jeanne_MARTIN_Cabinet Martin`: the display name of a personal mailbox (ECO.2.2.7).

    The family name is in capitals; title and entity may be empty. An underscore inside a part becomes a hyphen, for
    it is what separates the parts. `<`, `>`, `"`, CR and LF are taken out when the header is written.
    """
    parts = (title, given, family.upper(), entity)
    return "_".join(said for part in parts if (said := _line(part).replace("_", "-")))


def patient_line(patient: Patient) -> str:
    """`PAT-TROIS DOMINIQUE 28/03/1979`, as much of it as is known (ECO.2.1.3)."""
    family = (patient.birth_name or patient.used_name or "").upper()
    given = first_given(patient) or patient.used_given_name or ""
    born = times.french(patient.birth_date) if patient.birth_date else ""
    return " ".join(part for part in (_line(family), _line(given), born) if part)


def _plain(text: str) -> str:
    """Safe in a path and in a header: no separator, no control or invisible character, no dot at either end."""
    return re.sub(r"\.{2,}", ".", _MEANING.sub("-", _line(text))).replace("_", "-").strip(". ")


def _line(text: str) -> str:
    """One line: control, format and surrogate characters dropped, blanks folded."""
    kept = (char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(kept).split())
