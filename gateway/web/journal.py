"""Journal: the audit log for those who check it. Search, read, prove, and see whether it is whole.

What is searched for comes in a form, never in an address; the search itself is written into the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Path
from starlette.responses import PlainTextResponse, Response

from gateway.api import Refused
from gateway.journey.consult import Found, Question, prove, search_log
from gateway.journey.steer import NotFound
from gateway.journey.watch import last_verdict, verify_log
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.web.moments import day_end, day_start
from gateway.web.sentences import KINDS, actor, sentence
from gateway.web.visit import Here, Visit

router = APIRouter(prefix="/journal")

PAGE = 50

FIELDS = (
    "nature", "depuis", "jusquau", "echange", "acteur", "personne", "matricule", "matricule-nature", "systeme",
    "numero", "logiciel",
)  # fmt: skip
"""What the form asks; `personne` is the handle by which entries name a patient."""

_FIELD_OF = {
    "kind": "nature", "since": "depuis", "until": "jusquau", "exchange": "echange", "actor": "acteur",
    "handle": "personne", "client": "logiciel", "ins": "matricule", "local_id": "numero", "cursor": "suite",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on the page. `raw` is the record with its leaf hash, as it can be checked."""

    seq: int
    at: str | None
    kind: str
    sentence: str
    actor: str
    exchange: str | None
    raw: str


@router.get("", name="search-audit")
def open_journal(visit: Here) -> Response:
    """The state of the log, and the form. Nothing is searched yet."""
    return _page(visit, {}, None)


@router.post("", name="search-audit")
def search(visit: Here) -> Response:
    """The entries that match, oldest first."""
    said = {name: visit.form.get(name, "") for name in FIELDS}
    faults = {
        name: "Écrivez la date ainsi : 21/11/2026."
        for name in ("depuis", "jusquau")
        if said[name] and day_start(said[name]) is None
    }
    if faults:
        return _page(visit, said, None, faults)
    try:
        question = form.read(Question, _asked(said, visit.form.get("suite", "")))
        found = search_log(visit.gateway, visit.visitor.caller, question)
    except Rejected as rejected:
        return _page(visit, said, None, _faults(rejected))
    return _page(visit, said, found)


@router.get("/preuve/{seq}", name="prove-entry")
def prove_entry(visit: Here, seq: int = Path(ge=0, le=2**53)) -> Response:
    """A proof that checks without the gateway (c2sp.org/tlog-proof@v1)."""
    try:
        proof = prove(visit.gateway, visit.visitor.caller, seq)
    except NotFound:
        raise Refused(404, "not-found") from None
    return _download(proof, f"preuve-{seq}.txt")


@router.get("/point-de-controle", name="read-checkpoint")
def read_checkpoint(visit: Here) -> Response:
    """The last signed checkpoint, to be kept elsewhere."""
    note = visit.gateway.notary.latest()
    if note is None:
        raise Refused(404, "not-found")
    return _download(note, "journal.checkpoint")


@router.post("/verification", name="verify-log")
def verify(visit: Here) -> Response:
    """Recompute the whole log now; the verdict is on the page one comes back to."""
    verify_log(visit.gateway, visit.visitor.caller)
    return visit.go("/journal")


def _page(
    visit: Visit, said: Mapping[str, str], found: Found | None, faults: Mapping[str, str] | None = None
) -> Response:
    note = visit.gateway.notary.latest()
    return visit.show(
        "journal.html",
        422 if faults else 200,
        said={**dict.fromkeys(FIELDS, ""), **said},
        faults=faults or {},
        kinds=sorted(KINDS.items(), key=lambda one: one[1]),
        lines=None if found is None else [_line(entry) for entry in found.entries],
        following=found.next_cursor if found else None,
        verdict=last_verdict(visit.gateway),
        signed=None if note is None else int(note.split("\n")[1]),
    )


def _asked(said: Mapping[str, str], cursor: str) -> dict[str, Any]:
    """The form as the API's own question."""
    since, until = day_start(said["depuis"] or ""), day_end(said["jusquau"] or "")
    asked: dict[str, Any] = {
        "kind": said["nature"],
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
        "exchange": said["echange"].lower(),
        "actor": said["acteur"],
        "handle": said["personne"].lower(),
        "client": said["logiciel"],
        "cursor": cursor,
    }
    patient: dict[str, Any] = {}
    if said["matricule"]:
        patient["ins"] = {"number": said["matricule"].replace(" ", ""), "kind": said["matricule-nature"] or "NIR"}
    if said["numero"]:
        patient["local_id"] = {"system": said["systeme"], "value": said["numero"]}
    return (
        {name: value for name, value in asked.items() if value}
        | ({"patient": patient} if patient else {})
        | {"limit": PAGE}
    )


def _faults(rejected: Rejected) -> dict[str, str]:
    """Each fault beside its field; what has no field of its own goes on top."""
    faults = {}
    for fault in rejected.faults:
        place = next((_FIELD_OF[step] for step in fault.at if step in _FIELD_OF), "")
        faults[place] = f"{fault.text.fr} {fault.text.remedy_fr}".strip()
    return faults


def _line(entry: Mapping[str, Any]) -> Line:
    record = entry["record"]
    raw = json.dumps(entry, ensure_ascii=False, indent=2, sort_keys=True)
    if record is None:
        return Line(entry["seq"], None, "Entrée retirée", "Le texte a été retiré ; son empreinte reste.", "", None, raw)
    kind = str(record["kind"])
    return Line(
        entry["seq"], record["at"], KINDS.get(kind, kind), sentence(record), actor(record["actor"]),
        record.get("exchange"), raw,
    )  # fmt: skip


def _download(text: str, name: str) -> Response:
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="{name}"'})
