"""Specimens: an event of each kind with every field said, and the same with one field said otherwise.

The fields are found in the model; what stands here is only what the model's types do not tell: values of national
lists, fields that exclude each other, which event must have been told before which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from itertools import count
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from gateway.journey.recall import Replayed
from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, Recipient, read_event
from gateway.model.form import WORDS, Tree, grammar
from gateway.model.identity import Identifier, Ins, LocalId, MailAddress, Rpps, luhn
from gateway.model.people import TreatingPhysician
from gateway.model.plan import Activity, Schedule, Who
from gateway.model.report import Document
from gateway.model.team import Member, MemberMention
from gateway.model.when import Day, Instant, When

Path = tuple[str, ...]
"""A field by its names, without list indexes: ("team", "members", "rpps")."""

WHOLE = (Coded, Identifier, Ins, LocalId)
"""Classes whose fields mean nothing apart: a code and its list, a number and its system. One leaf each."""

STORY: Mapping[str, tuple[str, ...]] = {
    "team.created": (),
    **dict.fromkeys(("team.member-joined", "team.member-left", "team.role-changed", "team.closed"), ("team.created",)),
    "plan.created": ("team.created",),
    **dict.fromkeys(("plan.revised", "plan.activity-changed", "plan.closed"), ("team.created", "plan.created")),
    "report.shared": ("team.created",),
    **dict.fromkeys(("report.replaced", "report.cancelled"), ("team.created", "report.shared")),
}
"""Kind → the kinds told before it."""

# What one object may hold at once, where it cannot hold everything. A list gets one item for each.
_ALTERNATIVES: Mapping[type, tuple[Path, ...]] = {
    Recipient: (("mss", "name", "category"), ("rpps", "organization"), ("finess",), ("member",), ("patient",)),
    Who: (("member",),),
    Schedule: (("text",),),
    Document: (("content_type", "data"),),
}
_LEFT_OUT: Mapping[type, Path] = {
    Member: ("related",),
    MemberMention: ("related",),
    TreatingPhysician: ("none", "unknown"),
}
_ABSENT = {  # said by the variant alone: they end what later events speak of, or are what another field says
    ("team.created", "team", "closed_reason"),
    ("team.created", "team", "until"),
    ("team.created", "team", "members", "until"),
    ("plan.created", "plan", "closed_reason"),
    ("plan.revised", "plan", "closed_reason"),
    ("report.shared", "report", "document"),
    ("report.replaced", "report", "document"),
}

_IDS: Mapping[Path, str] = {
    ("team", "id"): "T-1",
    ("team", "members", "id"): "M-1",
    ("member", "id"): "M-1",
    ("plan", "id"): "P-1",
    ("plan", "activities", "id"): "A-1",
    ("activity", "id"): "A-1",
    ("report", "id"): "R-1",
}
_FRESH: Mapping[tuple[str, Path], str | int] = {
    ("team.member-joined", ("member", "id")): "M-9",
    ("report.replaced", ("report", "id")): "R-2",
    ("report.replaced", ("report", "replaces")): "R-1",
    ("report.replaced", ("report", "version")): 9,
}
"""The keys by which events of a story speak of the same things."""
_REPAIRS = 5  # rounds of leaving out what an event of that kind may not say
_KEYS = frozenset(_IDS.values()) | frozenset(_FRESH.values())

_WORDS: Mapping[tuple[str, str] | str, tuple[Any, ...]] = {
    "birth_place": ("51215", "75056"),
    "until": ("2027-03-01", "2027-04-02"),
    "due": ("2027-03-01", "2027-04-02"),
    "service_end": ("2027-03-01", "2027-04-02"),
    "language": ("fr-FR", "en-GB"),
    "specialty": ("SM54", "SM26"),
    "function": ("CORRE", "PRELV"),
    "sector": ("SA07", "SA08"),
    "facility": ("SA01", "SA02"),
    "setting": ("ETABLISSEMENT", "HAD"),
    "content_type": ("application/pdf", "application/pdf; version=1.4"),
    "phone": ("+33639980001", "+33639980002"),
    "role": ("PCP", "PROV"),
    "member": ("M-1", "M-2"),
    "country": ("FRA", "BEL"),
    "insee": ("75120", "51454"),
    "postal_code": ("75020", "51100"),
    "status": ("active", "on-hold", "suspended", "cancelled"),
    ("Activity", "status"): ("scheduled", "in-progress"),
    ("Report", "type"): ("11488-4", "34133-9"),
    ("Report", "replaces"): ("R-0", "R-00"),
    ("Report", "title"): ("Compte rendu", "Lettre"),
    ("Encounter", "type"): ("AMB", "IMP"),
    ("Recipient", "role"): ("PCP", "PROV"),
    ("Telecom", "value"): ("+33639980011", "+33639980012"),
    ("Patient", "birth_rank"): (1, 2),
    ("Report", "version"): (7, 8),
}
_CODES: Mapping[str, tuple[Tree, ...]] = {
    "profession": ("10", "60"),
    "roles": ("PCP", "CORRE", "PROV"),
    "previous_roles": ("PCP", "PROV"),
    "relationship": ("MTH", "FTH"),
}
_OPEN_CODES = tuple(
    {"list": "CIM-10", "code": code, "display": text} for code, text in (("E11", "Un"), ("I50", "Deux"))
)
_WHEN = ("2026-11-02", "2026-11-03")
_INSTANT = ("2026-11-02T18:10:00+01:00", "2026-11-03T08:05:00+01:00")
_INS = ({"number": "279035121518989", "kind": "NIR-TEST"}, {"number": "277076322082910", "kind": "NIR-TEST"})


def leaves(kind: type) -> Iterator[tuple[Path, type, Any]]:
    """Every field of a class that holds a value, with the class it stands in and its type."""
    for name, (hint, _) in grammar(kind).items():
        inner = _bare(hint)
        if is_dataclass(inner) and inner not in WORDS and inner not in WHOLE:
            yield from (((name, *path), owner, leaf) for path, owner, leaf in leaves(inner))  # type: ignore[arg-type]
        else:
            yield (name,), kind, inner


@cache
def specimen(kind: str) -> str:
    """The canonical tree of an event of that kind as JSON, with every field that can be said beside the others."""
    tree = {"type": kind, **_object(kind, KINDS[kind], (), count(1))}
    told = [read_event(json.loads(specimen(earlier))) for earlier in STORY[kind]]
    for _ in range(_REPAIRS):
        try:
            Replayed(told).count(read_event(tree))
        except Rejected as bad:
            for fault in bad.faults:
                _object_at(tree, fault.at[:-1]).pop(fault.at[-1])  # not to be said here: an arrival names no members
        else:
            return json.dumps(tree)
    raise AssertionError(f"no specimen of {kind} is accepted")


def others(kind: str, tree: Tree, path: Path, owner: type, hint: Any) -> Iterator[tuple[Tree, str, str]]:
    """The same event with one field said otherwise: each way that may be accepted, the closest first.

    Beside it, the key of a team, plan, member or report that must change wherever it is told, and its new form.
    """
    where = _object_at(_copy(tree), path[:-1])
    name, old = path[-1], where.get(path[-1])
    single = old[0] if isinstance(old, list) and old else old
    for new in _values(kind, path, owner, hint, count(900)):
        if new == single:
            continue
        key = single if isinstance(single, str) and single in _KEYS and name in ("id", "replaces") else ""
        said = {name: [new] if _is_list(owner, name) else new}
        needed = {one: where[one] for one, (_, must) in grammar(owner).items() if must and one in where}
        for whole in ({**where, **said}, {**needed, **said}):
            yield _replaced(tree, path[:-1], whole), key, new if key else ""
        if not where and len(path) > 2:  # in an object that stands for its neighbours
            alone = {path[-2]: {**_object(kind, owner, path[:-1], count(500)), **said}}
            kept = {name: value for name, value in _object_at(_copy(tree), path[:-2]).items() if name == "id"}
            yield _replaced(tree, path[:-2], {**kept, **alone}), "", ""


def _copy(tree: Tree) -> Tree:
    return json.loads(json.dumps(tree))


def _replaced(tree: Tree, path: Path, whole: Tree) -> Tree:
    changed = _copy(tree)
    target = _object_at(changed, path)
    target.clear()
    target.update(whole)
    return changed


def without(tree: Tree, path: Path, names: Path) -> Tree:
    """The event without some neighbours of a field."""
    changed = _copy(tree)
    where = _object_at(changed, path[:-1])
    for name in names:
        where.pop(name, None)
    return changed


def renamed(tree: Tree, key: str, new: str) -> Tree:
    """The event with a key told everywhere by its new form."""
    return json.loads(json.dumps(tree).replace(json.dumps(key), json.dumps(new))) if key else tree


def _object_at(tree: Tree, path: Path) -> Tree:
    """The object at a path; of a list, the item that goes on along the path, else the first. Made where missing."""
    for step, name in enumerate(path):
        tree = tree.setdefault(name, {})
        if isinstance(tree, list):
            tree = max(tree, key=lambda item: _length(item, path[step + 1 :]))
    return tree


def _length(tree: Tree, path: Path) -> int:
    """How far a path leads into a tree."""
    if isinstance(tree, list):
        return max((_length(item, path) for item in tree), default=0)
    return 1 + _length(tree[path[0]], path[1:]) if path and isinstance(tree, dict) and path[0] in tree else 0


def _object(kind: str, cls: type, at: Path, number: Iterator[int], only: Path | None = None) -> Tree:
    only = only or next(iter(_ALTERNATIVES.get(cls, ())), None)
    tree: dict[str, Tree] = {}
    for name, (hint, _) in grammar(cls).items():
        left_out = name in _LEFT_OUT.get(cls, ()) or (kind, *at, name) in _ABSENT
        if left_out or (only is not None and name not in only):
            continue
        inner = _bare(hint)
        if not (is_dataclass(inner) and inner not in WORDS and inner not in WHOLE):
            value = next(_values(kind, (*at, name), cls, inner, number))
            tree[name] = [value] if _is_list(cls, name) else value
        elif _is_list(cls, name):
            forms = _ALTERNATIVES.get(inner, (None,))  # type: ignore[call-overload]
            tree[name] = [_object(kind, inner, (*at, name), number, form) for form in forms]  # type: ignore[arg-type]
            if inner is Member:
                tree[name].append({"id": "M-2", **_object(kind, Member, (*at, name), number, ("related", "roles"))})
                tree[name][-1]["related"] = {"name": "Parente", "relationship": "MTH", "phone": "+33639980003"}
            if inner is Activity:
                timing = {"times": 2, "every": 2, "unit": "week"}
                tree[name].append({"id": "A-2", "what": "Un", "who": {"text": "Une"}, "when": {"timing": timing}})
                tree[name].append({"id": "A-3", "what": "Deux", "when": {"due": "2027-03-01"}})
        else:
            tree[name] = _object(kind, inner, (*at, name), number)  # type: ignore[arg-type]
    return tree


def _values(kind: str, path: Path, owner: type, hint: Any, number: Iterator[int]) -> Iterator[Tree]:
    """Values that field can have, the specimen's first; texts and numbers are each unlike any other."""
    name, n = path[-1], next(number)
    if key := _FRESH.get((kind, path)) or _IDS.get(path):
        yield from (key, f"{key}x" if isinstance(key, str) else key + 1)
    elif get_origin(hint) is Literal:
        known = [one for one in _known(owner, name) if one in get_args(hint)]
        yield from dict.fromkeys((*known, *get_args(hint)))
    elif known := list(_known(owner, name)):
        yield from known
    else:
        yield from _of_type(name, hint, n)


def _known(owner: type, name: str) -> tuple[Any, ...]:
    return _WORDS.get((owner.__name__, name)) or _WORDS.get(name, ())


def _of_type(name: str, hint: Any, n: int) -> tuple[Tree, ...]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(member.value for member in hint)
    if name in ("finess", "siret"):
        return tuple(_keyed(f"{n + more:0{8 if name == 'finess' else 13}d}") for more in (0, 1000))
    by_type: dict[Any, tuple[Tree, ...]] = {
        Rpps: tuple(_keyed(f"1010{n + more:06d}") for more in (0, 1000)),
        MailAddress: (f"boite{n}@exemple.mssante.fr", f"autre{n}@exemple.mssante.fr"),
        Instant: _INSTANT,
        When: _WHEN,
        Day: ("1979-03-28", "1980-04-29"),
        bool: (True, False),
        int: (1, 2),
        Ins: _INS,
        LocalId: tuple({"system": "1.2.250.1.999.1", "value": value} for value in (f"P{n}", f"Q{n}")),
        Identifier: tuple({"scheme": "LOCAL", "value": f"L{v}{n}", "system": "1.2.250.1.999.2"} for v in "ab"),
        Coded: _CODES.get(name, _OPEN_CODES),
        bytes: ("JVBERi0xLjQKQQ==", "JVBERi0xLjQKQg=="),
    }
    return by_type.get(hint, (f"Mot {n}", f"Terme {n}"))


def _keyed(number: str) -> str:
    return next(number + key for key in "0123456789" if luhn(number + key))


def _bare(hint: Any) -> Any:
    """A type without `| None` and without its tuple."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _bare(next(arm for arm in get_args(hint) if arm is not NoneType))
    return _bare(get_args(hint)[0]) if origin is tuple else hint


def _is_list(owner: type, name: str) -> bool:
    hint = grammar(owner)[name][0]
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return any(get_origin(arm) is tuple for arm in arms)
