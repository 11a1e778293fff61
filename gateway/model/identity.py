"""Who is who: the French national identifiers, checked at birth.

An identifier object exists only if its number is well formed, so no other
module ever checks one again. OIDs and URLs: ANS, FR Core 2.1.0 and CI-SIS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from gateway.model.errors import BadIdentifier

_INS = re.compile(r"\d{5}(\d\d|2A|2B)\d{8}", re.ASCII)
_RPPS = re.compile(r"\d{11}", re.ASCII)
_FINESS = re.compile(r"(\d\d|2A|2B)\d{7}", re.ASCII)
_SIREN = re.compile(r"\d{9}", re.ASCII)
_SIRET = re.compile(r"\d{14}", re.ASCII)
_RPPS_RANG = re.compile(r"\d{11}\d{1,4}", re.ASCII)
_ADELI = re.compile(r"[0-9][0-9AB]\d{5,12}", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])", re.ASCII)


def luhn(digits: str) -> bool:
    """True when the last of these ASCII digits is the Luhn key of the others (ISO/IEC 7812-1)."""
    values = digits.encode("ascii").translate(_VALUES)
    return (sum(values[-1::-2]) + sum(values[-2::-2].translate(_DOUBLED))) % 10 == 0


_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)) + bytes(246)  # twice the digit, its own digits added


class InsKind(StrEnum):
    """Which national series a matricule belongs to; test and demonstration ones never leave a test system."""

    NIR = "NIR"
    NIA = "NIA"
    NIR_TEST = "NIR-TEST"
    NIR_DEMO = "NIR-DEMO"

    @property
    def oid(self) -> str:
        """The assigning authority's OID."""
        return f"1.2.250.1.213.1.4.{ {'NIR': 8, 'NIA': 9, 'NIR-TEST': 10, 'NIR-DEMO': 11}[self.value] }"

    @property
    def for_real(self) -> bool:
        """True for the series given to living people."""
        return self in (InsKind.NIR, InsKind.NIA)


@dataclass(frozen=True, slots=True, repr=False)
class Ins:
    """A patient's national health identity number (matricule INS).

    `number` is 15 characters: 13 for the NIR or NIA, 2 for its key. Corsican births carry 2A or 2B in
    positions 6-7, read as 19 and 18 when the key is computed. Key = 97 - (first 13 mod 97) (INSEE).
    Raises BadIdentifier `ins-form` or `ins-key`.
    """

    SAID_IN: ClassVar[tuple[str, ...]] = ("number",)
    number: str
    kind: InsKind = InsKind.NIR

    def __post_init__(self) -> None:
        if not _INS.fullmatch(self.number):
            raise BadIdentifier("ins-form")
        digits = self.number[:5] + self.number[5:7].replace("2A", "19").replace("2B", "18") + self.number[7:13]
        if int(self.number[13:]) != 97 - int(digits) % 97:
            raise BadIdentifier("ins-key")

    def __repr__(self) -> str:
        return "Ins(***)"  # a log line or a traceback must never print it


@dataclass(frozen=True, slots=True)
class Rpps:
    """A professional's number in the national register: 11 digits, the last one a Luhn key."""

    number: str

    def __post_init__(self) -> None:
        if not _RPPS.fullmatch(self.number):
            raise BadIdentifier("rpps-form")
        if not luhn(self.number):
            raise BadIdentifier("rpps-key")

    @property
    def national(self) -> str:
        """The 12 characters of IDNPS: prefix 8 (RPPS) and the number (ANS, TRE_G08)."""
        return "8" + self.number


class Scheme(StrEnum):
    """Where an identifier of an organisation, or of a person without RPPS, comes from."""

    FINESS = "FINESS"
    SIREN = "SIREN"
    SIRET = "SIRET"
    RPPS_RANG = "RPPS-RANG"
    ADELI_RANG = "ADELI-RANG"
    ADELI = "ADELI"
    LOCAL = "LOCAL"

    @property
    def url(self) -> str:
        """The FHIR identifier system (FR Core 2.1.0); empty for LOCAL, whose `system` says it."""
        return _URLS.get(self, "")


_URLS = {
    Scheme.FINESS: "https://finess.esante.gouv.fr",
    Scheme.SIREN: "https://sirene.fr",
    Scheme.SIRET: "https://sirene.fr",
    Scheme.RPPS_RANG: "https://rppsrang.esante.gouv.fr",
    Scheme.ADELI_RANG: "https://adelirang.esante.gouv.fr",
    Scheme.ADELI: "https://adeli.esante.gouv.fr",
}

_STRUCTURE_PREFIX = {
    Scheme.ADELI_RANG: "0",
    Scheme.FINESS: "1",
    Scheme.SIREN: "2",
    Scheme.SIRET: "3",
    Scheme.RPPS_RANG: "4",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier with its scheme; `system` (an OID or a URL) is required for LOCAL and refused elsewhere.

    Raises BadIdentifier `finess-form`, `finess-key`, `siren-form` or `identifier-form`.
    """

    SAID_IN: ClassVar[tuple[str, ...]] = ("value",)
    scheme: Scheme
    value: str
    system: str | None = None

    def __post_init__(self) -> None:
        if (self.scheme is Scheme.LOCAL) != (self.system is not None):
            raise BadIdentifier("identifier-form", self.scheme.value)
        match self.scheme:
            case Scheme.FINESS:
                check_finess(self.value)
            case Scheme.SIREN:
                if not _SIREN.fullmatch(self.value) or not luhn(self.value):
                    raise BadIdentifier("siren-form")
            case Scheme.SIRET:
                check_siret(self.value)
            case Scheme.RPPS_RANG:
                if not _RPPS_RANG.fullmatch(self.value) or not luhn(self.value[:11]):
                    raise BadIdentifier("identifier-form", self.scheme.value)
            case Scheme.ADELI_RANG | Scheme.ADELI:
                if not _ADELI.fullmatch(self.value):
                    raise BadIdentifier("identifier-form", self.scheme.value)

    @property
    def structure_national(self) -> str | None:
        """The prefixed IDNST / Struct_IdNat form, or None for a scheme that has none (ANS, TRE_G08)."""
        prefix = _STRUCTURE_PREFIX.get(self.scheme)
        return prefix + self.value if prefix else None


def check_finess(value: str) -> None:
    """Raise `finess-form` or `finess-key` unless value is a FINESS number: 9 characters, the last one a Luhn key.

    The key of a Corsican number (2A, 2B) is not checked: how its letter counts is not settled in public texts.
    """
    if not _FINESS.fullmatch(value):
        raise BadIdentifier("finess-form")
    if value.isdecimal() and not luhn(value):
        raise BadIdentifier("finess-key")


def check_siret(value: str) -> None:
    """Raise `siren-form` unless value is a SIRET: 14 digits and a Luhn key, save La Poste (sum of digits, INSEE)."""
    if not _SIRET.fullmatch(value):
        raise BadIdentifier("siren-form")
    if luhn(value) or (value.startswith("356000000") and sum(map(int, value)) % 5 == 0):
        return
    raise BadIdentifier("siren-form")


@dataclass(frozen=True, slots=True, repr=False)
class LocalId:
    """A patient's number in the sender's own software; `system` is an OID or a URL."""

    system: str
    value: str

    def __repr__(self) -> str:
        return "LocalId(***)"


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A mail address: `local@domain`, ASCII, no quoted or commented form (RFC 5321 §4.1.2, without its curiosities)."""

    text: str

    def __post_init__(self) -> None:
        local = self.text.partition("@")[0]
        dotted = ".." in self.text or local[:1] == "." or local[-1:] == "."
        if not _ADDRESS.fullmatch(self.text) or dotted or "=?" in self.text:  # which could be read as an encoded-word
            raise BadIdentifier("address-form")

    @property
    def domain(self) -> str:
        """What follows the @, in lower case."""
        return self.text.rpartition("@")[2].lower()

    @property
    def key(self) -> str:
        """The form under which two addresses are compared; MSSanté operators fold the case of local parts."""
        return self.text.lower()
