"""Level-3 documents of a wished size for `bench.read`: the same body under a French header and under a C-CDA one."""

from __future__ import annotations

_NAMESPACES = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

# C-CDA R2.1: Problem Concern Act around a Problem Observation.
_PROBLEM = (
    '<entry typeCode="DRIV"><act classCode="ACT" moodCode="EVN">'
    '<templateId root="2.16.840.1.113883.10.20.22.4.3" extension="2015-08-01"/>'
    '<templateId root="2.16.840.1.113883.10.20.22.4.3"/><id root="1.2.250.1.999.7.1" extension="A{n}"/>'
    '<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/>'
    '<effectiveTime><low value="20210304"/></effectiveTime>'
    '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">'
    '<templateId root="2.16.840.1.113883.10.20.22.4.4" extension="2015-08-01"/>'
    '<templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.250.1.999.7.2" extension="O{n}"/>'
    '<code code="55607006" codeSystem="2.16.840.1.113883.6.96" displayName="Problem"/>'
    '<text><reference value="#p{n}"/></text><statusCode code="completed"/>'
    '<effectiveTime><low value="20210304"/></effectiveTime>'
    '<value xsi:type="CD" code="44054006" codeSystem="2.16.840.1.113883.6.96" displayName="Diabetes mellitus type 2"/>'
    "</observation></entryRelationship></act></entry>"
)
_SECTION = (
    '<component><structuredBody><component><section><templateId root="2.16.840.1.113883.10.20.22.2.5.1"'
    ' extension="2015-08-01"/><templateId root="2.16.840.1.113883.10.20.22.2.5.1"/><code code="11450-4"'
    ' codeSystem="2.16.840.1.113883.6.1" displayName="Problem list"/><title>Problèmes</title><text><list>{items}</list>'
    "</text>{entries}</section></component></structuredBody></component>"
)
_HEADER = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument {_NAMESPACES}><realmCode code="US"/>'
    '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
    '<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>'
    '<templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>'
    '<id root="1.2.250.1.999.7" extension="D1"/>'
    '<code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summarization of Episode Note"/>'
    '<title>Synthèse</title><effectiveTime value="20261120093000+0100"/>'
    '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>'
    '<recordTarget><patientRole><id root="1.2.250.1.999.42" extension="P-42"/><addr><streetAddressLine>12 rue des '
    "Tilleuls</streetAddressLine><city>Paris</city><postalCode>75020</postalCode><country>FR</country></addr>"
    '<telecom value="tel:+33639980042"/><patient><name use="L"><given>Dominique</given><family>PAT-TROIS</family>'
    '</name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19790328"/>'
    '</patient></patientRole></recordTarget><author><time value="20261120093000+0100"/><assignedAuthor>'
    '<id root="1.2.250.1.71.4.2.1" extension="810100012342"/><addr nullFlavor="UNK"/><telecom nullFlavor="UNK"/>'
    "<assignedPerson><name><given>Jeanne</given><family>MARTIN</family></name></assignedPerson></assignedAuthor>"
    "</author><custodian><assignedCustodian><representedCustodianOrganization>"
    '<id root="1.2.250.1.71.4.2.2" extension="1750043218"/><name>Maison de santé des Deux Ponts</name>'
    '<telecom nullFlavor="UNK"/><addr nullFlavor="UNK"/></representedCustodianOrganization></assignedCustodian>'
    "</custodian>"
)


def ccda(size: int) -> str:
    """A C-CDA of at least so many bytes, an entry and a line of text for each problem."""
    return _HEADER + _body(size - len(_HEADER)) + "</ClinicalDocument>"


def french(cover: bytes, size: int) -> bytes:
    """The French document `cover` with such a body instead of its own, of at least so many bytes in all."""
    before = cover[: cover.rindex(b"<component>")]
    body = _body(size - len(before)).replace(
        "xsi:type", 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type'
    )
    return before + body.encode() + b"</ClinicalDocument>"


def _body(size: int) -> str:
    one = len(_PROBLEM) + 80
    numbers = range(size // one + 1)
    items = "".join(f'<item ID="p{n}">Diabète de type 2, suivi depuis mars 2021, ligne {n}</item>' for n in numbers)
    return _SECTION.format(items=items, entries="".join(_PROBLEM.format(n=n) for n in numbers))
