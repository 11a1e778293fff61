"""Who has a mailbox in the sandbox, and the two national files that say so: the white list and the directory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from gateway.model.identity import MailAddress

NAMESPACE = "https://listeblanche.mssante.fr/schema"

# ANS, Annuaire Santé, Extraction_Correspondance_MSSante: the 31 columns in their order
COLUMNS = (
    "Type de BAL", "Adresse BAL", "Type Identifiant PP", "Identifiant PP", "Identification nationale PP",
    "Type identifiant structure", "Identification Structure", "Service Rattachement", "Civilité Exercice",
    "Nom d'exercice", "Prénom d'exercice", "Catégorie Professionnelle", "Libellé Catégorie Professionnelle",
    "Profession", "Libellé Profession", "Savoir-faire", "Libellé Savoir-faire", "Dématérialisation",
    "Raison sociale structure BAL", "Enseigne commerciale structure BAL", "Complément localisation structure BAL",
    "Complément distribution structure BAL", "Numéro Voie structure BAL", "Complément numéro voie structure BAL",
    "Type de voie structure BAL", "Libellé Voie structure BAL", "Lieu dit mention structure BAL",
    "Ligne acheminement structure BAL", "Code postal structure BAL", "Département structure BAL", "Pays structure BAL",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One mailbox. `type` as in TRE_R257: PER and ORG are in the directory, APP is not. All of them are invented.

    rpps       11 digits, for PER
    finess     9 digits: the structure that answers for an ORG or APP mailbox, or the site of a PER one
    name       of the structure
    """

    address: MailAddress
    type: Literal["PER", "ORG", "APP"] = "PER"
    rpps: str = ""
    family: str = ""
    given: str = ""
    profession: str = ""
    finess: str = ""
    name: str = ""


def _person(local: str, rpps: str, family: str, given: str, profession: str = "10") -> Person:
    address = MailAddress(f"{local}@b.mssante.test")
    return Person(address=address, rpps=rpps, family=family, given=given, profession=profession)


DEMO_PEOPLE: tuple[Person, ...] = (
    Person(
        address=MailAddress("app@msp-deux-ponts.a.mssante.test"),
        type="APP", finess="750043218", name="Maison de santé des Deux Ponts",
    ),
    Person(
        address=MailAddress("jeanne.martin@a.mssante.test"),
        rpps="10100012342", family="MARTIN", given="Jeanne", profession="10",
    ),
    _person("sophie.bernard", "10100023455", "BERNARD", "Sophie", "60"),
    _person("hugo.petit", "10100034569", "PETIT", "Hugo", "70"),
    _person("amina.roux", "10100045672", "ROUX", "Amina", "21"),
    _person("luc.durand", "10100054328", "DURAND", "Luc", "60"),
    Person(
        address=MailAddress("coordination@cpts-deux-rives.b.mssante.test"),
        type="ORG", finess="750000002", name="CPTS des Deux Rives",
    ),
    _person("bounce", "10100067890", "LEROY", "Paul"),
    _person("refuse-902", "10100078913", "FONTAINE", "Claire"),
    _person("slow", "10100070027", "LENT", "Lucie"),
    _person("full", "10100070035", "PLEIN", "Paul"),
    _person("greylist", "10100070043", "GRIS", "Gaëlle"),
    _person("silent", "10100070068", "SILENCE", "Solène"),
)  # fmt: skip
"""The people of the examples' story, and the other magic mailboxes of operator b: the last six are magic."""


def white_list(people: Iterable[Person], at: datetime) -> str:
    """The white list of the domains these people use, in the form of the national one."""
    domains = sorted({person.address.domain for person in people})
    rows = "".join(_domain(name, at) for name in domains)
    made = f"<DateDeGeneration>{at.isoformat(timespec='seconds')}</DateDeGeneration>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ListeBlanche xmlns="{NAMESPACE}">{made}{rows}</ListeBlanche>\n'


def _domain(name: str, at: datetime) -> str:
    operator = ".".join(name.split(".")[-3:])
    fields = {
        "Nom": name,
        "Description": "Domaine du bac à sable",
        "DNCertificatOperateur": f"CN={operator}, OU=Bac à sable, O=Exemple, ST=Paris (75), C=FR",
        "ResponsableContact": f"responsable@{operator}",
        "SupportContact": f"support@{operator}",
        "DateMAJ": at.isoformat(timespec="seconds"),
    }
    return f"<Domaine>{''.join(f'<{tag}>{escape(value)}</{tag}>' for tag, value in fields.items())}</Domaine>"


def directory(people: Iterable[Person]) -> str:
    """The directory of these people, in the form of the national text extraction; APP is left out."""
    rows = ["|".join(COLUMNS)]
    for person in people:
        if person.type == "APP":
            continue
        cells = dict.fromkeys(COLUMNS, "")
        cells |= {"Type de BAL": person.type, "Adresse BAL": person.address.text, "Dématérialisation": "O"}
        if person.rpps:
            cells |= {"Type Identifiant PP": "8", "Identifiant PP": person.rpps}
            cells |= {"Identification nationale PP": f"8{person.rpps}"}
        if person.finess:
            cells |= {"Type identifiant structure": "FINESS", "Identification Structure": person.finess}
        cells |= {"Nom d'exercice": person.family, "Prénom d'exercice": person.given, "Profession": person.profession}
        cells["Raison sociale structure BAL"] = person.name
        rows.append("|".join(value.replace("|", " ").replace("\n", " ") for value in cells.values()))
    return "\n".join(rows) + "\n"
