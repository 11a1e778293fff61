"""What is told: patients with a care team, and for each of them numbered events whose number can be read on arrival."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from functools import cached_property
from typing import Any

NURSES = ("10100023455", "10100034569", "10100054328")
"""RPPS of those who have a mailbox at the mail sink."""
GONE_NURSE = "10100067890"
"""Her mailbox is refused for good."""
MAILBOXES = {
    "10100023455": "sophie.bernard@b.mssante.test",
    "10100034569": "hugo.petit@b.mssante.test",
    "10100054328": "luc.durand@b.mssante.test",
    "10100067890": "bounce@b.mssante.test",
}
ENDPOINTS = {"dossier": "750000002", "registre": "750054322", "parti": "750000127"}
"""Endpoint → FINESS of the structure whose software it is; the last one says that it is gone."""
REFUSED = frozenset({MAILBOXES[GONE_NURSE], "parti"})
"""Destinations that say no for good: of what is for them the sender is told so."""

LANE = 8
"""Events of one patient: the first announces the team, the others are reports."""
AT_ONCE = 8
"""Patients told of in the same while: their next events come while the ones before are still under way."""

_MARK = re.compile(rb"Passage (\d+)-(\d+)\.")
_MARTIN = {"rpps": "10100012342", "family": "MARTIN", "given": "Jeanne", "profession": "10", "specialty": "SM54"}
_PRACTICE = {"ids": [{"scheme": "FINESS", "value": "750043218"}], "name": "Maison de santé", "sector": "SA52"}

Event = tuple[int, int]
"""(patient, running number from 0)."""


@dataclass(frozen=True)
class Stream:
    """`events` of them, a few patients at a time; those of one patient follow each other, number after number."""

    events: int

    @cached_property
    def all(self) -> tuple[Event, ...]:
        """Every event, in an order in which a patient's own come by number."""
        patients = range(-(-self.events // LANE))
        groups = (patients[first : first + AT_ONCE] for first in range(0, len(patients), AT_ONCE))
        whole = [(patient, number) for group in groups for number in range(LANE) for patient in group]
        return tuple(whole[: self.events])

    def recipients(self, event: Event) -> tuple[str, ...]:
        """The mail addresses and endpoints an event is for: two, for every third patient three."""
        patient, _ = event
        nurse = GONE_NURSE if patient % 11 == 5 else NURSES[patient % len(NURSES)]
        third = ("parti" if patient % 9 == 7 else "registre",) if patient % 3 == 1 else ()
        return (MAILBOXES[nurse], "dossier", *third)

    def body(self, event: Event) -> bytes:
        """As a practice software sends it: canonical JSON, about 2 KB."""
        patient, number = event
        told = self._team(event) if number == 0 else self._report(event)
        tree: dict[str, Any] = {
            "id": f"S-{patient}-{number}",
            "occurred_at": "2026-11-19T17:05:00+01:00",
            "sender": _MARTIN | {"organization": _PRACTICE | {"name": mark(event)}},
            "patient": {
                "identity_status": "validated",
                "birth_name": "PAT-TROIS",
                "birth_date": "1979-03-28",
                "local_id": {"system": "1.2.250.1.999.42", "value": f"P-{patient}"},
            },
            "legal": {"informed": {"at": "2026-11-02"}},
            **told,
        }
        return json.dumps(tree, ensure_ascii=False).encode()

    def _team(self, event: Event) -> dict[str, Any]:
        return {
            "type": "team.created",
            "team": {
                "id": f"T-{event[0]}",
                "structures": [{"kind": "MSP", **_PRACTICE}],
                "since": "2026-11-02",
                "status": "active",
                "ground": {"kind": "recognised-by-patient", "at": "2026-11-02"},
                "members": [
                    {"id": "M-0", **_MARTIN, "organization": _PRACTICE, "roles": ["PCP"], "since": "2026-11-02"},
                    *(self._member(n, to) for n, to in enumerate(self.recipients(event), start=1)),
                ],
            },
        }

    def _member(self, n: int, to: str) -> dict[str, Any]:
        member: dict[str, Any] = {"id": f"M-{n}", "since": "2026-11-02"}
        if to in ENDPOINTS:
            place = {"ids": [{"scheme": "FINESS", "value": ENDPOINTS[to]}], "name": to.title(), "sector": "SA63"}
            return member | {"organization": place, "roles": [{"list": "R85", "code": "330"}]}
        rpps = next(number for number, address in MAILBOXES.items() if address == to)
        who = {"rpps": rpps, "family": "SOIGNANT", "given": "Dominique", "profession": "60", "roles": ["PROV"]}
        return member | who

    def _report(self, event: Event) -> dict[str, Any]:
        patient, number = event
        return {
            "type": "report.shared",
            "team": {"id": f"T-{patient}"},
            "report": {
                "id": f"R-{patient}-{number}",
                "title": "Compte rendu",
                "type": "11488-4",
                "created_at": "2026-11-19T17:00:00+01:00",
                "authors": [_MARTIN | {"organization": _PRACTICE | {"name": mark(event)}}],
                "custodian": _PRACTICE,
                "service_start": "2026-11-19T16:20:00+01:00",
                "facility": "SA52",
                "setting": "AMBULATOIRE",
                "document": {"content_type": "application/pdf", "data": _DOCUMENT},
            },
        }


def _smallest_pdf() -> bytes:
    """One empty page."""
    pdf, places = b"%PDF-1.4\n", []
    for number, part in enumerate(
        (
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
        ),
        start=1,
    ):
        places.append(len(pdf))
        pdf += b"%d 0 obj%s endobj\n" % (number, part)
    rows = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return pdf + b"xref\n0 4\n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (rows, len(pdf))


_DOCUMENT = base64.b64encode(_smallest_pdf()).decode()


def mark(event: Event) -> str:
    """The words by which an event is known again where it arrives."""
    return f"Passage {event[0]}-{event[1]}."


def read_mark(parcel: bytes) -> Event | None:
    """The event a parcel carries, read from what a recipient would see; None when it carries none of ours."""
    marked = _MARK.search(parcel)
    if marked is None and b"IHE_XDM.zip" in parcel:
        for part in message_from_bytes(parcel).walk():
            if part.get_content_type() == "application/zip" and marked is None:
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    marked = _MARK.search(b"".join(archive.read(name) for name in archive.namelist()))
    return (int(marked[1]), int(marked[2])) if marked else None
