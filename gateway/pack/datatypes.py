"""HL7 v2 data types as XDS metadata writes them: CX, XCN, XON and PID fields, both ways.

Sources: IHE ITI TF-3 §4.2.3.1.7; CI-SIS, Lien entre l'en-tête CDA et les métadonnées XDS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.model.facts import Facts, Writer, person_key
from gateway.pack import times
from gateway.pack.header import INS_ROOTS, PERSONS, STRUCTURES, Body, Id, Name, Party, Subject

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}  # HL7 v2.5 §2.7
_TABLE = str.maketrans(_ESCAPES)
_PLAIN = {escaped: plain for plain, escaped in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\[EFSTR]\\")
SIRENE = "1.3.2"  # INSEE: number of a legal body
_SEXES = {"F": "F", "M": "M", "UN": "U"}


def escape(text: str) -> str:
    """A text that holds no delimiter."""
    return text.translate(_TABLE)


def unescape(text: str) -> str:
    """What `escape` was given; an escape HL7 does not define here stays as it is."""
    return _ESCAPED.sub(lambda found: _PLAIN[found[0]], text)


def cx(id: Id) -> str:
    """A patient's identifier: type NH for the national one, PI for any other."""
    return f"{escape(id.extension)}^^^&{escape(id.root)}&ISO^{'NH' if id.root in INS_ROOTS else 'PI'}"


def read_cx(text: str) -> Id | None:
    """The identifier of a CX; None when it has no assigning authority."""
    parts = text.split("^")
    authority = parts[3].split("&") if len(parts) > 3 else []
    return Id(unescape(authority[1]), unescape(parts[0])) if len(authority) > 1 and authority[1] else None


def xcn(party: Party) -> str:
    """A person or software; "" when neither name nor number is known.

    The number's type is IDNPS for a national one, a patient's too (as official archives say it), EI for any other
    person's, RI for software, which has name type U. Of several numbers a professional's national one is said.
    """
    id = next((one for one in party.ids if one.root == PERSONS), party.ids[0] if party.ids else None)
    name = party.name or Name()
    family, given = (name.families[0].text if name.families else ""), (name.givens[0].text if name.givens else "")
    form, kind = "D", "EI"
    if party.device:
        (given, family), form, kind = party.device, "U", "RI"
    elif id and id.root in (PERSONS, *INS_ROOTS):
        kind = "IDNPS"
    if not (id or family or given):
        return ""
    authority = f"&{escape(id.root)}&ISO" if id else ""
    number = escape(id.extension) if id else ""
    return f"{number}^{escape(family)}^{escape(given)}^^^^^^{authority}^{form}^^^{kind if id else ''}"


def xon(body: Body | None) -> str:
    """An organisation: its national number is IDNST, its SIREN says so, any other is XX. "" when there is nothing."""
    if body is None or not (body.name or body.id):
        return ""
    if body.id is None:
        return escape(body.name)
    kind = {STRUCTURES: "IDNST", SIRENE: "SIREN"}.get(body.id.root, "XX")
    return f"{escape(body.name)}^^^^^&{escape(body.id.root)}&ISO^{kind}^^^{escape(body.id.extension)}"


def source_patient_info(subject: Subject) -> tuple[str, ...]:
    """The patient's traits as PID fields: names, other identifiers, birth date, sex, birthplace."""
    name = subject.name or Name()
    birth = (name.family("BR", ""), name.given("BR", ""), name.given("", "BR"))
    family_used = name.family("CL")
    used = (family_used, name.given("CL", "") if family_used else name.given("CL"))
    said = [f"PID-5|{'^'.join(map(escape, birth))}^^^^L"] if any(birth) else []
    if any(used):
        said.append(f"PID-5|{'^'.join(map(escape, used))}^^^^^D")
    others = [id for id in subject.ids if id.root not in INS_ROOTS][1:]
    said += [f"PID-3|{cx(id)}" for id in others]
    if subject.birth_time:
        said.append(f"PID-7|{escape(subject.birth_time)}")
    if subject.sex:
        said.append(f"PID-8|{_SEXES.get(subject.sex, escape(subject.sex))}")
    if subject.birth_place:
        said.append(f"PID-11|^^^^^^BDL^^{escape(subject.birth_place)}")
    return tuple(said)


def patient_facts(patient_ids: Iterable[str], info: tuple[str, ...]) -> Facts:
    """The patient's side of the Facts. A number under a derived root (2.25) is not stated: its system is lost here."""
    ids = [id for id in map(read_cx, patient_ids) if id and id.extension and not id.root.startswith("2.25.")]
    fields = [line.partition("|") for line in info]
    names = [value.split("^") for name, _, value in fields if name == "PID-5"]
    legal = next((parts for parts in names if len(parts) > 6 and parts[6] == "L"), ["", ""])
    first = {name: value for name, _, value in reversed(fields)}
    return Facts(
        patient=frozenset(person_key(id.root, id.extension) for id in ids) or None,
        birth_name=unescape(legal[0]) or None,
        given_name=unescape(legal[1]) or None,
        birth_date=times.day(first.get("PID-7", "")) or None,
        sex=first.get("PID-8", "")[:1] or None,
    )


def author_fact(person: str) -> Writer | None:
    """The author of an XCN: number and name. None for software."""
    parts = person.split("^")
    if len(parts) < 3 or (len(parts) > 9 and parts[9] == "U"):
        return None
    authority = parts[8].split("&") if len(parts) > 8 else []
    known = len(authority) > 1 and parts[0] and not authority[1].startswith("2.25.")
    ids = {person_key(authority[1], unescape(parts[0]))} if known else ()
    return Writer(ids=frozenset(ids), name=" ".join(unescape(part) for part in (parts[2], parts[1]) if part))
