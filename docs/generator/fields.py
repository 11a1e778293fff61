"""fields.md: where each field of an event stands in each of its forms, found by changing it and looking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context

from docs.generator.changed import Found, Places, measured
from docs.generator.specimen import Path, leaves
from docs.generator.table import table
from gateway.model.event import KINDS

COLUMNS = {"fhir": "FHIR", "cda": "CDA", "xdm": "XDM", "mail": "Mail"}
FAMILIES = {"team": "team.created", "plan": "plan.created", "report": "report.shared"}
PARTS = {
    "id": "The event itself",
    "occurred_at": "The event itself",
    "sender": "Who speaks",
    "patient": "The patient",
    "legal": "Information and consent",
    "context": "For indicators",
    "recipients": "Recipients",
    "recipients_mode": "Recipients",
    "team": "The team",
    "member": "One member of the team",
    "plan": "The plan",
    "activity": "One activity of the plan",
    "report": "The report",
}
_WORKERS = 2


def fields() -> str:
    """The page."""
    found = _every_field()
    parts = [_INTRODUCTION]
    for title, group in groupby(found.items(), key=lambda item: PARTS[item[0][0]]):
        rows = [(names, *(_cell(places.get(form, ())) for form in COLUMNS)) for names, places in _rows(list(group))]
        parts += [f"## {title}\n", table(("Field", *COLUMNS.values()), rows)]
    return "\n".join(parts)


_INTRODUCTION = """\
# Where each field goes

One row for each field of an event, and where it stands in each form: the FHIR Bundle (an entry or a contained
resource), the CDA document (an XPath from `ClinicalDocument`), the archive's `METADATA.XML` (an XDS attribute of the
document entry, or of the `SubmissionSet`; `INDEX.HTM`, `README.TXT`), and the mail (a header, the body, the name or the
content of the PDF).

The table is measured: an event is made with every field said, one field is changed, every form is made again, and what
differs is listed. `–`: nothing does. A code goes with its list and its label, a number with its scheme: one row each.

- What is computed from the rest (hash, size, UUID) is left out; an identifier under `2.25` that is made from a field is
  listed only where that field stands nowhere else.
- `(team)`, `(plan)`, `(report)`: only in the documents of these events. What documents of a team and of a report say
  alike, those of a plan are taken to say too.
- Of an organisation one number is written, FINESS before SIRET before others, so `siret` and `ids` are looked for in
  one that has no other.
- An extension `event`, `spoken-by`, `team`… is ours: see [FHIR](../reference-fhir.md).
- A CDA that the sender brings with a report is not changed: its own header then speaks, not these fields.
- `–` under CDA and XDM: the French header has no element for it. What a person needs of it is on the page (PDF), the
  rest in the Bundle.
- The INS stands in these places only when `identity_status` is `qualified`; otherwise in none.
"""

NOTES: Mapping[Path, str] = {
    ("report", "document", "content"): "as `data`, once fetched",
}


# — measuring


def _every_field() -> Found:
    """Each field of the model with its places, in the model's order."""
    order = list(dict.fromkeys(path for kind in KINDS for path, _, _ in leaves(KINDS[kind])))
    shared = set.intersection(*({path for path, _, _ in leaves(kind)} for kind in KINDS.values()))
    told: dict[str, Found] = {kind: {} for kind in KINDS}
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:

        def look(jobs: Mapping[str, Sequence[Path]]) -> None:
            """Look for fields in events of a kind, some at a time."""
            parts = [(kind, some) for kind, paths in jobs.items() for some in _portions(paths)]
            for (kind, _), found in zip(parts, pool.map(measured, parts), strict=True):
                told[kind] |= found

        whole = {kind: [path for path, _, _ in leaves(KINDS[kind]) if path not in NOTES] for kind in KINDS}
        team, plan, report = FAMILIES.values()
        look(
            {
                team: whole[team],
                report: whole[report],
                "team.member-joined": _only(whole["team.member-joined"], "member"),
            }
        )
        unlike = [path for path in shared if _documents(told[team].get(path)) != _documents(told[report].get(path))]
        look({plan: sorted(unlike) + [path for path in whole[plan] if path not in shared],
              "plan.activity-changed": _only(whole["plan.activity-changed"], "activity")})  # fmt: skip
        nowhere = {path for path in order if not any(any(found.get(path, {}).values()) for found in told.values())}
        look({kind: [path for path in whole[kind] if path in nowhere and path not in told[kind]] for kind in KINDS})
    told[plan] |= {path: told[team][path] for path in shared if path in told[team] and path not in told[plan]}
    unseen = [
        ".".join(path) for path in order if path not in NOTES and not any(path in found for found in told.values())
    ]
    if unseen:
        raise LookupError(f"no event is accepted that says {', '.join(unseen)} otherwise: specimen.py lacks a value")
    found = {path: _united(path, path in shared, told) for path in order if path not in NOTES}
    found |= {path: dict.fromkeys(COLUMNS, (note,)) for path, note in NOTES.items()}
    return dict(sorted(found.items(), key=lambda item: (list(PARTS).index(item[0][0]), order.index(item[0]))))


def _only(paths: Iterable[Path], part: str) -> list[Path]:
    return [path for path in paths if path[0] == part]


def _portions(paths: Iterable[Path]) -> Iterator[tuple[Path, ...]]:
    """Fields that are looked for by one process, one after another: those of one part."""
    for _, some in groupby(paths, key=lambda path: path[0]):
        yield tuple(some)


def _documents(places: Places | None) -> Places | None:
    return places and {form: said for form, said in places.items() if form != "fhir"}


def _united(path: Path, shared: bool, told: Mapping[str, Found]) -> Places:
    """Places as they are shown; of what all events share, with the families in whose documents alone they are found."""
    united: dict[str, tuple[str, ...]] = {}
    for form in COLUMNS:
        shown = {}
        for place in dict.fromkeys(place for found in told.values() for place in found.get(path, {}).get(form, ())):
            some = [family for family, kind in FAMILIES.items() if place in told[kind].get(path, {}).get(form, ())]
            everywhere = not shared or form == "fhir" or len(some) in (0, len(FAMILIES))
            shown[f"`{place}`" if everywhere else f"`{place}` ({', '.join(some)})"] = None
        united[form] = tuple(shown)
    return united


# — showing


def _rows(items: Sequence[tuple[Path, Places]], depth: int = 1) -> list[tuple[str, Places]]:
    """Fields under one name that stand in the same places are one row, and so are neighbours."""
    rows: list[tuple[str, Places]] = []
    for name, some in groupby(items, key=lambda item: item[0][:depth]):
        group, words = list(some), ".".join(name)
        if all(places == group[0][1] for _, places in group):
            single = len(group[0][0]) == depth
            rows.append((f"`{words}`" if single else f"`{words}.*`", group[0][1]))
        else:
            rows += _rows(group, depth + 1)
    return [
        ("<br>".join(name for name, _ in some), places)
        for places, some in (
            (one[0][1], one) for _, run in groupby(rows, key=lambda row: row[1]) for one in [list(run)]
        )
    ]


def _cell(places: Sequence[str]) -> str:
    return "<br>".join(places) or "–"
