"""People and organisations of a document's header, in the words of an event: what `parties` writes, read back.

A number whose form or key is wrong is kept as a LOCAL identifier under its own OID, and told: it never counts as the
number it claims to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from gateway.model.errors import BadIdentifier
from gateway.model.faults import Notice
from gateway.model.faults import Place as At
from gateway.model.identity import Identifier, Ins, InsKind, MailAddress, Rpps, Scheme
from gateway.pack import times
from gateway.pack.header import INS_ROOTS, PERSONS, STRUCTURES, Body, Code, Id, Name, Party, Place, Relative, Subject
from gateway.pack.parties import LISTS, OTHER_PROFESSIONAL, UNKNOWN_PLACE

Tree = dict[str, Any]

_KINDS = {kind.oid: kind for kind in InsKind}
_SCHEMES = {
    "0": Scheme.ADELI_RANG,
    "1": Scheme.FINESS,
    "2": Scheme.SIREN,
    "3": Scheme.SIRET,
    "4": Scheme.RPPS_RANG,
}
"""First digit of a structure's national identifier → what follows it (ANS, TRE_G08)."""
_PROFESSION = re.compile(r"G15_([^/]+)(?:/(.+))?")
_SPECIALITIES = "1.2.250.1.213.2.28"  # TRE_R38
_USES = {"H": "home", "HP": "home", "HV": "home", "WP": "work", "MC": "mobile"}
_SYSTEMS = {"tel": "phone", "mailto": "email", "fax": "fax"}
_TRUSTED = ".mssante.fr"


@dataclass(slots=True)
class Reading:
    """What is told of a document while it is read."""

    notices: list[Notice] = field(default_factory=list)

    def sound(self, at: At, kind: Callable[..., object], *said: object) -> bool:
        """Whether the numbers said make an identifier of that kind; told when they do not."""
        try:
            kind(*said)
        except BadIdentifier as bad:
            self.notices += [Notice(fault.code, at, fault.about) for fault in bad.faults]
            return False
        return True

    # — people at work

    def person(self, party: Party, at: At) -> Tree:
        """A professional: identifiers, name, profession, site and mailbox."""
        name, number = party.name or Name(), ""
        ids: list[Tree] = []
        for id in party.ids:
            claimed = id.extension[1:] if id.root == PERSONS and id.extension[:1] == "8" and not number else ""
            if claimed and self.sound((*at, "rpps"), Rpps, claimed):
                number = claimed
                continue
            if told := self._personal(id, (*at, "ids", len(ids))):
                ids.append(told)
        return {
            "rpps": number,
            "ids": ids,
            "family": name.families[0].text if name.families else "",
            "given": name.givens[0].text if name.givens else "",
            **_profession(party),
            "function": party.function.code if party.function else "",
            "organization": self.organization(party.organization, (*at, "organization")),
            "mss": _mailbox(party.mail),
        }

    def _personal(self, id: Id, at: At) -> Tree | None:
        if id.root == PERSONS and id.extension[:1] == "0":
            value = id.extension[1:]
            if self.sound(at, Identifier, Scheme.ADELI, value):
                return {"scheme": "ADELI", "value": value}
        return _local(id)

    def organization(self, body: Body | None, at: At) -> Tree | None:
        """An organisation by all its identifiers; None when it has neither name nor identifier."""
        if body is None:
            return None
        ids: list[Tree] = []
        for id in (body.id, *body.others):
            if id and (told := self._structure(id, (*at, "ids", len(ids)))):
                ids.append(told)
        return {"name": body.name, "ids": ids} if ids or body.name.strip() else None

    def _structure(self, id: Id, at: At) -> Tree | None:
        scheme = _SCHEMES.get(id.extension[:1]) if id.root == STRUCTURES else None
        value = id.extension[1:]
        if scheme and self.sound(at, Identifier, scheme, value):
            return {"scheme": scheme.value, "value": value}
        return _local(id)

    # — the patient and those close to them

    def patient(self, subject: Subject) -> Tree:
        """The patient, with every number; a matricule counts as one only with its right key."""
        ins, ids = self._numbers(subject)
        name = subject.name or Name()
        return {
            "ins": ins,
            "identity_status": "qualified" if ins and subject.ins_complete else "provisional",
            "birth_name": name.family("BR", ""),
            "first_given_name": name.given("BR"),
            "given_names": name.given("").split(),
            "used_name": name.family("CL"),
            "used_given_name": name.given("CL"),
            "sex": {"F": "F", "M": "M", "UN": "U"}.get(subject.sex),
            "birth_date": times.day(subject.birth_time),
            "birth_place": "" if subject.birth_place == UNKNOWN_PLACE else subject.birth_place,
            "birth_rank": subject.birth_rank or None,
            "multiple_birth": subject.multiple,
            "deceased_at": times.written(subject.deceased),
            "local_id": ids[0] if ids else None,
            "other_ids": ids[1:],
            "address": _address(subject.address),
            "telecom": [told for value, use in subject.telecoms if (told := _telecom(value, use))],
        }

    def _numbers(self, subject: Subject) -> tuple[Tree | None, list[Tree]]:
        ins: Tree | None = None
        local: list[Tree] = []
        wrong: list[Tree] = []
        for id in subject.ids:
            if not id.extension.strip():
                continue
            told = {"system": id.system, "value": id.extension}
            if id.root not in INS_ROOTS:
                local.append(told)
            elif self.sound(("patient", "ins", "number"), Ins, id.extension, _KINDS[id.root]) and ins is None:
                ins = {"number": id.extension, "kind": _KINDS[id.root].value}
            else:
                wrong.append(told)
        return ins, [*local, *wrong]

    def contact(self, relative: Relative) -> Tree:
        """Someone close to the patient; their name as one text."""
        name = relative.name or Name()
        kinship = relative.code or relative.also
        parts = [part.text for part in (*name.givens[:1], *name.families[:1])]
        return {
            "role": relative.role,
            "name": " ".join(parts),
            "relationship": coded(kinship, "R216") if kinship else None,
            "phone": unquote(relative.phone.removeprefix("tel:")),
        }


def coded(code: Code, *default: str) -> Tree:
    """A code with its list by the name events have for it, else by its OID; bare in its default list."""
    name = LISTS.get(code.system, code.system)
    return {"code": code.code, "list": "" if name in default else name, "display": code.display}


def _profession(party: Party) -> Tree:
    """Profession and speciality, apart again (`G15_10/SM54`)."""
    if party.code is None:
        return {}
    apart = next((one.code for one in party.also if one.system == _SPECIALITIES), "")
    found = _PROFESSION.fullmatch(party.code.code)
    if found:
        return {"profession": {"code": found[1], "display": party.code.display}, "specialty": found[2] or apart}
    own = next((one for one in party.also if one.system != _SPECIALITIES), None)
    told = own if own and party.code.code == OTHER_PROFESSIONAL else party.code
    return {"profession": coded(told, "G15"), "specialty": apart}


def _local(id: Id) -> Tree | None:
    return {"scheme": "LOCAL", "system": id.system, "value": id.extension} if id.extension.strip() else None


def _mailbox(mail: str) -> str:
    """A mailbox of the trusted space, by its look; an ordinary address has no place on a professional."""
    try:
        address = MailAddress(unquote(mail))
    except BadIdentifier:
        return ""
    return address.text if address.domain.endswith(_TRUSTED) else ""


def _address(place: Place | None) -> Tree | None:
    if place is None:
        return None
    return {
        "lines": list(place.lines),
        "postal_code": place.postal_code,
        "city": place.city,
        "insee": place.commune,
        "country": place.country,
    }


def _telecom(value: str, use: str) -> Tree | None:
    scheme, _, rest = value.partition(":")
    system = _SYSTEMS.get(scheme.lower())
    return {"system": system, "value": unquote(rest), "use": _USES.get(use)} if system and rest else None
