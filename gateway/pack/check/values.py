"""Rules of the values wherever they stand in the header: identifiers, codes, names, times, telecoms, addresses.

Source: CI-SIS, Structuration minimale (telecom, addr, identifiers); HL7 v3 data types II, CE, TS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from gateway.model.texts import Text
from gateway.pack.check.conditions import (
    all_at,
    among,
    at_most,
    both,
    told,
    unknown,
    worded,
)
from gateway.pack.check.rule import Asked, Condition, Rule, Spot
from gateway.pack.xml import Element

_TIMES = tuple(f".//{name}" for name in ("effectiveTime", "time", "low", "high", "birthTime", "sdtc:deceasedTime"))
_PERSONS = (".//assignedPerson", ".//relatedPerson", ".//associatedPerson", ".//guardianPerson")
_RECIPIENTS = ("informationRecipient/intendedRecipient/informationRecipient",)

_TS = re.compile(r"([0-9]{4,14})(\.[0-9]+)?([+-][0-9]{1,4})?", re.ASCII)
_FORMS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}

_FORMER = ("MLLE",)  # TRE_R81 before JDV_J245
_SCHEMES = ("tel", "fax", "mailto", "http", "ftp", "mllp")
_SILENCES = ("UNK", "NASK", "ASKU", "NAV", "MSK")
_REACHED = ("H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG")
_PARTS = (
    "country", "state", "city", "postalCode", "county", "houseNumber", "houseNumberNumeric", "streetName",
    "streetNameType", "additionalLocator", "unitID", "postBox", "precinct",
)  # fmt: skip


def _timed(wrong: Callable[[str], bool]) -> Condition:
    def condition(told: Element, asked: Asked) -> Iterator[Spot]:
        value = told.get("value")
        if value is not None and wrong(value.strip()):
            yield told, "@value"

    return condition


def _no_time(value: str) -> bool:
    return _TS.fullmatch(value) is None


def _no_date(value: str) -> bool:
    found = _TS.fullmatch(value)
    if found is None or len(found[1]) not in _FORMS:
        return False
    try:
        datetime.strptime(found[1], _FORMS[len(found[1])])  # noqa: DTZ007 (only whether it is a date)
    except ValueError:
        return True
    return False


def _ill_written(value: str) -> bool:
    found = _TS.fullmatch(value)
    return found is not None and (len(found[1]) not in _FORMS or len(found[3] or "+0000") != 5)


def _named(person: Element, asked: Asked) -> Iterator[Spot]:
    names = all_at(person, "name")
    if not unknown(person) and not any(unknown(name) or all_at(name, "family") for name in names):
        yield person, "name/family"


def _no_civility(prefix: Element, asked: Asked) -> Iterator[Spot]:
    text = told(prefix)
    if text and text not in _FORMER and asked.terms.find(text, "J245", "J246") is None:
        yield prefix, ""


def _former_civility(prefix: Element, asked: Asked) -> Iterator[Spot]:
    text = told(prefix)
    if text in _FORMER or asked.terms.find(text, "J246"):
        yield prefix, ""


def _reachable(telecom: Element, asked: Asked) -> Iterator[Spot]:
    silence, value = telecom.get("nullFlavor"), telecom.get("value")
    if (silence is None) == (value is None):
        yield telecom, "@value"


def _by_known_means(telecom: Element, asked: Asked) -> Iterator[Spot]:
    value = telecom.get("value")
    if value is not None:
        scheme, _, rest = value.partition(":")
        if scheme not in _SCHEMES or not rest:
            yield telecom, "@value"


def _in_one_form(address: Element, asked: Asked) -> Iterator[Spot]:
    if all_at(address, "streetAddressLine") and any(all_at(address, name) for name in _PARTS):
        yield address, ""


def _once_each(address: Element, asked: Asked) -> Iterator[Spot]:
    if not all_at(address, "streetAddressLine"):
        yield from ((extra, "") for name in _PARTS for extra in all_at(address, name)[1:])


TEXTS = (
    Rule(
        "CDA-NAM-FAMILY",
        (*_PERSONS, *_RECIPIENTS),
        _named,
        Text(
            "Une personne n'a pas de nom de famille.",
            "A person has no family name.",
            "Écrire name/family, avec nullFlavor s'il n'est pas connu.",
            "Write name/family, with nullFlavor when it is not known.",
        ),
    ),
    Rule(
        "CDA-NAM-ONCE",
        (".//assignedPerson/name",),
        both(*(at_most(1, part) for part in ("family", "given", "prefix", "suffix"))),
        Text(
            "Une partie du nom d'un professionnel est répétée.",
            "A part of a professional's name is repeated.",
            "Garder un seul family, given, prefix et suffix ; joindre les prénoms par un trait d'union.",
            "Keep one family, given, prefix and suffix; join given names by a hyphen.",
        ),
    ),
    Rule(
        "CDA-NAM-PREFIX",
        (".//prefix",),
        _no_civility,
        Text(
            "La civilité n'est pas dans JDV_J245 (Civilite).",
            "The civility is not in JDV_J245 (Civilite).",
            "Écrire M ou MME dans prefix ; un titre (DR) va dans suffix.",
            "Write M or MME into prefix; a title (DR) goes into suffix.",
        ),
    ),
    Rule(
        "CDA-NAM-PREFIX-FORMER",
        (".//prefix",),
        _former_civility,
        Text(
            "La civilité est un titre ou MLLE, que les anciennes versions admettaient dans prefix.",
            "The civility is a title or MLLE, which older versions allowed in prefix.",
            "Écrire M ou MME dans prefix, et le titre dans suffix.",
            "Write M or MME into prefix, and the title into suffix.",
        ),
        "warning",
    ),
    Rule(
        "CDA-NAM-SUFFIX",
        (".//suffix",),
        worded("J246"),
        Text(
            "Le titre n'est pas dans JDV_J246 (Titre).",
            "The title is not in JDV_J246 (Titre).",
            "Écrire DR, MC, MG, PC, PG ou PR dans suffix.",
            "Write DR, MC, MG, PC, PG or PR into suffix.",
        ),
    ),
    Rule(
        "CDA-TIM-FORM",
        _TIMES,
        _timed(_no_time),
        Text(
            "Une date n'a pas la forme HL7 (TS).",
            "A time is not of the HL7 form (TS).",
            "Écrire AAAAMMJJhhmmss+ZZzz, ou moins précis : 4 à 14 chiffres.",
            "Write YYYYMMDDhhmmss+ZZzz, or less precise: 4 to 14 digits.",
        ),
    ),
    Rule(
        "CDA-TIM-DATE",
        _TIMES,
        _timed(_no_date),
        Text(
            "Une date n'existe pas au calendrier.",
            "A time does not exist in the calendar.",
            "Écrire une date réelle.",
            "Write a real date.",
        ),
    ),
    Rule(
        "CDA-TIM-WRITING",
        _TIMES,
        _timed(_ill_written),
        Text(
            "Une date s'arrête au milieu d'un nombre, ou son fuseau ne s'écrit pas +hhmm.",
            "A time stops in the middle of a number, or its zone is not written +hhmm.",
            "Écrire année, mois, jour, heure, minute et seconde en entier, et le fuseau en quatre chiffres.",
            "Write year, month, day, hour, minute and second in full, and the zone in four digits.",
        ),
        "warning",
    ),
)
"""Names and times, wherever they stand."""

REACHED = (
    Rule(
        "CDA-TEL-VALUE",
        (".//telecom",),
        _reachable,
        Text(
            "Un telecom n'a ni valeur ni raison de son absence, ou il a les deux.",
            "A telecom has neither a value nor a reason for its absence, or it has both.",
            "Écrire value ou nullFlavor, l'un des deux.",
            "Write value or nullFlavor, one of them.",
        ),
    ),
    Rule(
        "CDA-TEL-SCHEME",
        (".//telecom",),
        _by_known_means,
        Text(
            "Un telecom n'est pas écrit moyen:adresse avec un moyen admis.",
            "A telecom is not written means:address with a means that is allowed.",
            "Écrire tel:, fax:, mailto:, http:, ftp: ou mllp: et la suite.",
            "Write tel:, fax:, mailto:, http:, ftp: or mllp: and what follows.",
        ),
    ),
    Rule(
        "CDA-TEL-SILENCE",
        (".//telecom",),
        among("nullFlavor", *_SILENCES),
        Text(
            "La raison d'absence d'un telecom n'est pas admise.",
            "The reason for the absence of a telecom is not allowed.",
            "Choisir UNK, NASK, ASKU, NAV ou MSK.",
            "Choose UNK, NASK, ASKU, NAV or MSK.",
        ),
    ),
    Rule(
        "CDA-TEL-USE",
        (".//telecom",),
        among("use", *_REACHED),
        Text(
            "L'usage d'un telecom n'est pas admis.",
            "The use of a telecom is not allowed.",
            "Choisir H, HP, HV, WP, DIR, PUB, EC, MC ou PG.",
            "Choose H, HP, HV, WP, DIR, PUB, EC, MC or PG.",
        ),
    ),
    Rule(
        "CDA-ADR-LINES",
        (".//addr",),
        at_most(7, "streetAddressLine"),
        Text(
            "Une adresse a plus de sept lignes.",
            "An address has more than seven lines.",
            "Garder au plus sept streetAddressLine.",
            "Keep at most seven streetAddressLines.",
        ),
    ),
    Rule(
        "CDA-ADR-FORM",
        (".//addr",),
        _in_one_form,
        Text(
            "Une adresse mêle des lignes et des parties.",
            "An address mixes lines and parts.",
            "Écrire des streetAddressLine, ou des parties (houseNumber, streetName, postalCode, city…).",
            "Write streetAddressLines, or parts (houseNumber, streetName, postalCode, city…).",
        ),
        "warning",
    ),
    Rule(
        "CDA-ADR-ONCE",
        (".//addr",),
        _once_each,
        Text(
            "Une partie d'adresse est répétée.",
            "A part of an address is repeated.",
            "Garder chaque partie une fois.",
            "Keep each part once.",
        ),
    ),
    Rule(
        "CDA-ADR-USE",
        (".//addr",),
        among("use", "H", "HP", "HV", "WP", "TMP"),
        Text(
            "L'usage d'une adresse n'est pas admis.",
            "The use of an address is not allowed.",
            "Choisir H, HP, HV, WP ou TMP.",
            "Choose H, HP, HV, WP or TMP.",
        ),
    ),
)
"""Telecoms and addresses, wherever they stand."""
