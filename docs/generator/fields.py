"""fields.md: where each field of an event stands in each of its forms, found by changing it and looking."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import groupby
from multiprocessing import get_context
from typing import Any

from docs.generator.forms import Form, bundle, every_form
from docs.generator.specimen import STORY, Path, leaves, others, renamed, specimen, without
from docs.generator.table import table
from gateway.journey.recall import Replayed
from gateway.model.errors import GatewayError
from gateway.model.event import KINDS, Event, read_event
from gateway.model.form import Tree
from gateway.model.known import Known

Places = Mapping[str, tuple[str, ...]]
"""Form → the places that change with a field."""

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
# What hides a field: a body with a FINESS shows no other number, a person with an RPPS no local one in some places.
_HIDING: Mapping[str, Path] = {"ids": ("rpps", "finess", "siret"), "siret": ("finess",)}
_MADE = re.compile(r"2\.25\.\d+")
_TOGETHER = 3  # fields under one name, from which on they are first changed together: most of them stand nowhere
_MANY = 4  # elements of one resource
_WORKERS = 2

Leaf = tuple[Path, type, Any]
Found = dict[Path, Places]
Make = Callable[[Event, Known], dict[str, Form]]


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
            for (kind, _), found in zip(parts, pool.map(_measured, parts), strict=True):
                told[kind] |= found

        whole = {kind: [path for path, _, _ in leaves(KINDS[kind])] for kind in KINDS}
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


@cache
def _story(kind: str, key: str, new: str) -> tuple[Event, ...]:
    return tuple(read_event(renamed(json.loads(specimen(earlier)), key, new)) for earlier in STORY[kind])


def _told(kind: str, tree: Tree, key: str = "", new: str = "") -> tuple[Event, Known]:
    """An event after its story. Raises GatewayError when it is not accepted."""
    event = read_event(tree)
    _, known, _ = Replayed(_story(kind, key, new)).count(event)
    return event, known


def _measured(job: tuple[str, Collection[Path]]) -> Found:
    """The places of some fields of an event of that kind."""
    kind, paths = job
    wanted = [leaf for leaf in leaves(KINDS[kind]) if leaf[0] in paths and leaf[0] not in NOTES]
    tree = json.loads(specimen(kind))
    brought = [leaf for leaf in wanted if leaf[0][:2] == ("report", "document")]
    found = _Looked(kind, tree).at([leaf for leaf in wanted if leaf not in brought])
    return found | (_Looked(kind, _with_document(tree)).at(brought) if brought else {})


def _with_document(tree: Tree) -> Tree:
    document = {"content_type": "application/pdf", "data": "JVBERi0xLjQKQQ=="}
    return {**tree, "report": {**tree["report"], "document": document}}


class _Looked:
    """One event, its forms, and what of them changes with its fields."""

    def __init__(self, kind: str, tree: Tree) -> None:
        self._kind, self._tree = kind, tree
        self._forms = every_form(*_told(kind, tree))

    def at(self, wanted: Sequence[Leaf], make: Make = every_form, depth: int = 0) -> Found:
        """The places of these fields; those under one name are changed together first, to see whether one matters."""
        found: Found = {}
        for _, some in groupby(wanted, key=lambda leaf: leaf[0][: depth + 1]):
            inside = list(some)
            if len(inside[0][0]) == depth + 1:
                found |= self._places(inside[0], make)
            elif depth and len(inside) >= _TOGETHER:
                matter = self._matter(inside, make)
                found |= self.at(inside, matter, depth + 1) if matter else {path: {} for path, _, _ in inside}
            else:
                found |= self.at(inside, make, depth + 1)
        return found

    def _matter(self, inside: Sequence[Leaf], make: Make) -> Make | None:
        """How to see what these fields do: by every form, by the Bundle alone, or not at all."""
        tree = self._tree
        for leaf in inside:
            ways = (one for one, key, _ in others(self._kind, tree, *leaf) if not key and self._accepted(one))
            if (changed := next(ways, None)) is None:
                return make  # not all of them can be changed at once
            tree = changed
        after = make(*_told(self._kind, tree))
        if any(after[form] != self._forms[form] for form in after if form != "fhir"):
            return make
        return bundle if after["fhir"] != self._forms["fhir"] else None

    def _accepted(self, tree: Tree) -> bool:
        try:
            _told(self._kind, tree)
        except GatewayError:
            return False
        return True

    def _places(self, leaf: Leaf, make: Make) -> Found:
        """Where that field stands; nothing when no other way to say it is accepted here."""
        path = leaf[0]
        base, before = self._tree, self._forms
        if hiding := _HIDING.get(path[-1]):
            base = without(base, path, hiding)
            if not self._accepted(base):
                return {}
            before = make(*_told(self._kind, base))
        for tree, key, new in others(self._kind, base, *leaf):
            try:
                after = make(*_told(self._kind, tree, key, new))
            except GatewayError:
                continue
            return {path: {form: _changed(before[form], said, path) for form, said in after.items()}}
        return {}


def _changed(before: Form, after: Form, path: Path) -> tuple[str, ...]:
    places = [place for place in {**before, **after} if before.get(place) != after.get(place)]
    real = [place for place in places if _plain(before.get(place)) != _plain(after.get(place))]
    if path != ("id",):  # the command's seed; a gateway draws another
        real = real or places
    return tuple(_outermost(_whole_resources(real), {**before, **after}))


def _plain(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else [_MADE.sub("made", value) for value in values]


def _whole_resources(places: Sequence[str]) -> list[str]:
    """A resource that comes, goes or becomes another one is named alone."""
    kinds = [place.partition(".")[0] for place in places]
    many = {kind for kind, times in Counter(kinds).items() if times >= _MANY and kind[0].isupper()} - {"SubmissionSet"}
    return list(dict.fromkeys(kind if kind in many else place for kind, place in zip(kinds, places, strict=True)))


def _outermost(places: Sequence[str], every: Iterable[str]) -> Iterator[str]:
    """An element all of whose parts change stands for them; of the submission set only what is not the entry's too."""
    shown: dict[str, None] = {}
    every = list(every)
    for place in places:
        steps = place.split("/")
        outer = next(
            (
                root
                for length in range(1, len(steps))
                if len(inside := [one for one in every if one.startswith((root := "/".join(steps[:length])) + "/")]) > 1
                and all(one in places for one in inside)
            ),
            place,
        )
        if place.removeprefix("SubmissionSet.") == place or place.removeprefix("SubmissionSet.") not in places:
            shown[outer] = None
    yield from shown


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
