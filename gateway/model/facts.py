"""What every form of one parcel must say alike: whose it is, who wrote it, what it is, and when.

Each room tells the Facts of what it made or read; they are compared before anything leaves. Differences are told by
name, never by value. Alike is what a person would call so: `1979` and `1979-03-28` do not contradict each other, nor
do `20261120093000+0100` and `20261120083000+0000`, nor `Dupré` and `DUPRE`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from gateway.model.identity import InsKind

FIELDS: Mapping[str, tuple[str, ...]] = {
    "patient": ("patient",),
    "birth_name": ("patient", "birth_name"),
    "given_name": ("patient", "first_given_name"),
    "birth_date": ("patient", "birth_date"),
    "sex": ("patient", "sex"),
    "author": ("report", "authors"),
    "type": ("report", "type"),
    "created": ("report", "created_at"),
    "service": ("report", "service_start"),
}
"""Where an event says each fact."""

_FACTS_FR: Mapping[str, str] = {
    "patient": "identifiant du patient",
    "birth_name": "nom de naissance",
    "given_name": "premier prénom",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "author": "auteur",
    "type": "type de document",
    "created": "date du document",
    "service": "date de l'acte",
    "ins": "présence de l'INS",
    "label": "libellé du type",
    "line": "patient dans l'objet",
}
_FORMS_FR: Mapping[str, str] = {
    "event": "événement",
    "cda": "document CDA",
    "xdm": "métadonnées de l'archive",
    "mail": "message",
    "bundle": "ressources FHIR",
}

_INS_OIDS = frozenset(kind.oid for kind in InsKind)
_PERSONS = "1.2.250.1.71.4.2.1"  # ANS: professionals
_TIME = re.compile(r"(\d{4,14})(?:\.\d+)?([+-]\d{4})?", re.ASCII)
_FORMS = {10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l"})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Writer:
    """An author as one form names them: `ids` are `OID|value`, `name` is given name and family name in any order."""

    ids: frozenset[str] = frozenset()
    name: str = ""

    def may_be(self, other: Writer) -> bool:
        """False when a number of the same register, or else the name, says that they are two people."""
        mine, theirs = _by_register(self.ids), _by_register(other.ids)
        if both := mine.keys() & theirs.keys():
            return any(mine[register] & theirs[register] for register in both)
        names = _words(self.name), _words(other.name)
        return "" in names or sorted(names[0].split()) == sorted(names[1].split())


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Facts:
    """None, or an author list of nobody, means that this form does not say it, which never counts as a difference.

    patient     identifiers as `OID|value` (or `URL|value`), the matricule only when it may leave
    birth_name  as on the birth certificate
    given_name  first given name
    birth_date  `YYYY-MM-DD`, `YYYY-MM` or `YYYY`
    sex         M, F or U
    author      the authors who are people
    type        the document's type code (JDV_J07); several documents: the codes in order, with commas
    created     creation time as HL7 v3 writes it (`20261120093000+0100`), as precise as it is known
    service     start of the act documented, likewise
    ins         whether matricule, OID and traits are all there (X-MSS-INS)
    label       the type's official name, or its beginning
    line        how a subject names the patient; a form may say more before it
    """

    patient: frozenset[str] | None = None
    birth_name: str | None = None
    given_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    author: tuple[Writer, ...] = ()
    type: str | None = None
    created: str | None = None
    service: str | None = None
    ins: bool | None = None
    label: str | None = None
    line: str | None = None

    def __repr__(self) -> str:
        return "Facts(***)"

    def made_from(self, source: Facts) -> Facts:
        """The same, with no zone in times that were taken from a form that names none: there was nothing to convert."""
        sure = {
            name: mine[:-5] if mine and its and mine[-5:-4] in "+-" and its[-5:-4] not in "+-" else mine
            for name in ("created", "service")
            for mine, its in [(getattr(self, name), getattr(source, name))]
        }
        return replace(self, **sure)

    def differences(self, other: Facts) -> tuple[str, ...]:
        """Names of the facts both state and cannot both be right about, in the order of the fields."""
        both = disagreements({"": self, "other": other})
        return tuple(place.removeprefix("other.") for place in both)


def disagreements(forms: Mapping[str, Facts]) -> tuple[str, ...]:
    """`form.fact` for every fact in which a form contradicts one before it that was not itself contradicted.

    forms  by their names, the most trusted one first
    """
    places: list[tuple[int, str]] = []
    for name, agree in _AGREE.items():
        agreed: list[Any] = []
        for n, (form, facts) in enumerate(forms.items()):
            said = getattr(facts, name)
            if said in (None, ()):
                continue
            if all(before == said or agree(before, said) for before in agreed):
                agreed.append(said)
            else:
                places.append((n, f"{form}.{name}"))
    return tuple(place for _, place in sorted(places, key=itemgetter(0)))


def places_in_french(places: Sequence[str]) -> str:
    """Places of disagreements for people: `auteur : document CDA, métadonnées de l'archive ; sexe : document CDA`."""
    where: dict[str, list[str]] = {}
    for place in places:
        form, _, fact = place.partition(".")
        name, _, number = form.partition("[")
        said = " ".join(filter(None, (_FORMS_FR.get(name, name), number.rstrip("]"))))
        where.setdefault(_FACTS_FR.get(fact, fact), []).append(said)
    return " ; ".join(f"{fact} : {', '.join(forms)}" for fact, forms in where.items())


def person_key(oid: str, value: str) -> str:
    """An identifier as Facts compare it; `urn:oid:` before an OID says nothing."""
    return f"{oid.removeprefix('urn:oid:')}|{value}"


# — when two say the same


def _by_register(ids: frozenset[str]) -> dict[str, set[str]]:
    """Values by the register they are unique in. All matricules are one register: nobody has two that both hold.

    In the national register of people the first digit says which numbering it is (ANS, TRE_G08).
    """
    found: dict[str, set[str]] = {}
    for one in ids:
        oid, _, value = one.partition("|")
        if oid in _INS_OIDS:
            found.setdefault("INS", set()).add(one)
        else:
            found.setdefault(oid + (value[:1] if oid == _PERSONS else ""), set()).add(value)
    return found


def _same_patient(mine: frozenset[str], its: frozenset[str]) -> bool:
    """One identifier in common at least, and none of the same register that differs."""
    ours, theirs = _by_register(mine), _by_register(its)
    both = ours.keys() & theirs.keys()
    return bool(both) and all(ours[register] & theirs[register] for register in both)


def _same_authors(mine: tuple[Writer, ...], its: tuple[Writer, ...]) -> bool:
    """Everyone the shorter list names is in the longer one, in whatever order."""
    few, many = sorted((mine, its), key=len)
    return all(any(one.may_be(other) for other in many) for one in few)


def _words(text: str) -> str:
    """A text as it sounds: without accents, case, hyphens, apostrophes and blanks that differ from form to form."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    kept = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join(kept.split())


def _same_words(mine: str, its: str) -> bool:
    return (_words(mine) or mine) == (_words(its) or its)


def _one_begins_the_other(mine: str, its: str) -> bool:
    few, many = sorted((mine, its), key=len)
    return many.startswith(few)


def _same_label(mine: str, its: str) -> bool:
    return _one_begins_the_other(_words(mine), _words(its))


def _ends_with(mine: str, its: str) -> bool:
    return f" {_words(its)}".endswith(f" {_words(mine)}")


def _same_time(mine: str, its: str) -> bool:
    """Compared as far as both are precise: in UTC when both name their zone, else on the clock either one shows.

    A day alone is that of some zone: a time converted to UTC may lie on the day before or after.
    """
    one, other = _read_time(mine), _read_time(its)
    if one is None or other is None:
        return mine == its
    if one[1] and other[1]:
        return _one_begins_the_other(one[1], other[1])
    if any(_one_begins_the_other(a, b) for a in one if a for b in other if b):
        return True
    (day, _), (digits, utc) = sorted((one, other), key=lambda said: len(said[0]))
    return len(day) == 8 and digits == utc and any(day == _shifted(utc, hours)[:8] for hours in (-12, 14))


def _shifted(utc: str, hours: int) -> str:
    try:
        return (datetime.strptime(utc, _FORMS[len(utc)]) + timedelta(hours=hours)).strftime("%Y%m%d%H")  # noqa: DTZ007
    except (KeyError, ValueError, OverflowError):
        return ""


def _read_time(text: str) -> tuple[str, str] | None:
    """The digits as written, and in UTC (empty when the zone is not said, or a day alone is); None for no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    digits, zone = found.groups()
    form = _FORMS.get(len(digits))
    if form is None or zone is None:
        return digits, ""
    try:
        offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
        return digits, (datetime.strptime(digits, form) - offset).strftime("%Y%m%d%H%M%S")[: len(digits)]  # noqa: DTZ007 UTC
    except (ValueError, OverflowError):
        return digits, ""


_AGREE: Mapping[str, Callable[[Any, Any], bool]] = {
    "patient": _same_patient,
    "birth_name": _same_words,
    "given_name": _same_words,
    "birth_date": _one_begins_the_other,
    "sex": str.__eq__,
    "author": _same_authors,
    "type": str.__eq__,
    "created": _same_time,
    "service": _same_time,
    "ins": bool.__eq__,
    "label": _same_label,
    "line": _ends_with,
}
