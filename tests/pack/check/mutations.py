"""One way to break each rule: what is changed in a sound document, and where the finding must stand.

`level_3.xml` is ours, and so are its people; LEVEL_1 is the same header around an encapsulated document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LEVEL_3 = (Path(__file__).parent / "level_3.xml").read_text("utf-8")

_BODY = '<nonXMLBody>\n      <text mediaType="application/pdf" representation="B64">\n{}\n</text>\n    </nonXMLBody>'
LEVEL_1 = re.sub(
    r"<structuredBody>.*</structuredBody>",
    _BODY.format("JVBERi0xLjQKJWRvY3VtZW50IGQnZXhlbXBs\n" * 40),
    LEVEL_3.replace('<templateId root="1.2.250.1.213.1.1.1.13"/>', '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'),
    flags=re.DOTALL,
)
MATRICULE = '<id root="1.2.250.1.213.1.4.10" extension="264047505611787"/>'
NO_INS = (MATRICULE, '<id root="1.2.250.1.999.5" extension="X"/>')


@dataclass(frozen=True)
class Mutation:
    """`edits` replace the first occurrence each; `on` is a text of the line on which the rule must be found."""

    rule: str
    edits: tuple[tuple[str, str], ...]
    path: str
    on: str
    base: str = LEVEL_3

    @property
    def text(self) -> str:
        """The document, broken."""
        text = self.base
        for old, new in self.edits:
            assert old in text, (self.rule, old)
            text = text.replace(old, new, 1)
        return text

    @property
    def line(self) -> int:
        """Where the finding must stand."""
        return self.text[: self.text.index(self.on)].count("\n") + 1


def swap(rule: str, old: str, new: str, path: str, on: str = "", base: str = LEVEL_3) -> Mutation:
    """One text for another; found on the line of the new one unless said otherwise."""
    return Mutation(rule, ((old, new),), f"/ClinicalDocument{path}", on or new, base)


def gone(rule: str, start: str, end: str, path: str, on: str, base: str = LEVEL_3) -> Mutation:
    """What stands from `start` to `end` is taken out: found where it should stand, on its parent's line."""
    begin = base.index(start)
    return swap(rule, base[begin : base.index(end, begin) + len(end)], "", path, on, base)


ROOT = "<ClinicalDocument"
ROLE, PATIENT = "/recordTarget/patientRole", "/recordTarget/patientRole/patient"
AUTHOR, ACT, STAY = "/author[1]", "/documentationOf/serviceEvent", "/componentOf/encompassingEncounter"
FEMALE = '<administrativeGenderCode code="F" displayName="Féminin" codeSystem="2.16.840.1.113883.5.1"/>'
SIGNED = '  <legalAuthenticator>\n    <time value="20261120093000+0100"/>\n    <signatureCode code="S"/>\n'
TIMED = '<time value="20261120093000+0100"/>'

DOCUMENT = (
    swap("CDA-DOC-CLASS", 'classCode="DOCCLIN"', 'classCode="ACT"', "/@classCode"),
    swap("CDA-DOC-REALM", 'realmCode code="FR"', 'realmCode code="BE"', "/realmCode/@code"),
    swap("CDA-DOC-STANDARD", "POCD_HD000040", "POCD_HD000041", "/typeId/@extension"),
    gone(
        "CDA-DOC-HL7FR",
        '<templateId root="2.16.840.1.113883.2.8',
        "/>",
        "/templateId[@root='2.16.840.1.113883.2.8.2.1']",
        ROOT,
    ),
    swap(
        "CDA-DOC-CISIS",
        '<templateId root="1.2.250.1.213.1.1.1.1"/>',
        '<templateId root="1.2.250.1.213.1.1.1.1"/>\n<templateId  root="1.2.250.1.213.1.1.1.1"/>',
        "/templateId[3]",
        "<templateId  root",
    ),
    gone(
        "CDA-DOC-MODEL",
        '<templateId root="1.2.250.1.213.1.1.1.13',
        "/>",
        "/templateId[@root!='2.16.840.1.113883.2.8.2.1' and @root!='1.2.250.1.213.1.1.1.1']",
        ROOT,
    ),
    gone("CDA-DOC-ID", '<id root="1.2.250.1.999.1"', "/>", "/id", ROOT),
    gone("CDA-DOC-TYPE", "<code ", "/>", "/code", ROOT),
    swap("CDA-DOC-TYPE-LIST", 'code="60591-5"', 'code="60591-6"', "/code/@code"),
    swap("CDA-DOC-TYPE-FORMER", 'code="60591-5"', 'code="11526-1"', "/code/@code"),
    swap("CDA-DOC-TITLE", "Synthèse pour la relève", " ", "/title", "<title>"),
    swap("CDA-DOC-TIME", '<effectiveTime value="20261120093000+0100"/>', "<effectiveTime/>", "/effectiveTime/@value"),
    gone("CDA-DOC-CONFIDENTIALITY", "<confidentialityCode", "</confidentialityCode>", "/confidentialityCode", ROOT),
    swap("CDA-DOC-CONFIDENTIALITY-LIST", 'code="R" disp', 'code="X" disp', "/confidentialityCode/@code"),
    swap("CDA-DOC-MASK", '"MASQUE_PS"', '"MASQUE"', "/confidentialityCode/translation/@code"),
    gone("CDA-DOC-LANGUAGE", "<languageCode", "/>", "/languageCode", ROOT),
    swap("CDA-DOC-LANGUAGE-FORM", "fr-FR", "français", "/languageCode/@code"),
    gone("CDA-DOC-SET", "<setId", "/>", "/setId", ROOT),
    gone("CDA-DOC-VERSION", "<versionNumber", "/>", "/versionNumber", ROOT),
    swap("CDA-DOC-VERSION-FORM", '<versionNumber value="2"', '<versionNumber value="2.0"', "/versionNumber/@value"),
    swap(
        "CDA-DOC-REPLACED",
        "</relatedDocument>",
        '</relatedDocument>\n<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.8"/>'
        "</parentDocument></relatedDocument>",
        "/relatedDocument[2]",
        "1.2.250.1.999.8",
    ),
    swap("CDA-DOC-REPLACED-KIND", '"RPLC"', '"APND"', "/relatedDocument/@typeCode"),
    gone(
        "CDA-DOC-REPLACED-ID",
        '<id root="1.2.250.1.999.1" extension="SYN-0"',
        "/>",
        "/relatedDocument/parentDocument/id",
        "<relatedDocument",
    ),
    swap(
        "CDA-DOC-REPLACED-SELF",
        'extension="SYN-0"',
        'extension="SYN-1" ',
        "/relatedDocument/parentDocument/id",
    ),
    swap(
        "CDA-DOC-BODY",
        LEVEL_3[LEVEL_3.index("  <component>\n    <structuredBody>") : LEVEL_3.index("</ClinicalDocument>")],
        "",
        "/component",
        ROOT,
    ),
    swap(
        "CDA-DOC-BODY-KIND",
        "</structuredBody>",
        '</structuredBody>\n<nonXMLBody><text mediaType="application/pdf" representation="B64">AAAA</text>'
        "</nonXMLBody>",
        "/component/nonXMLBody",
        "<nonXMLBody>",
        LEVEL_3.replace('root="1.2.250.1.213.1.1.1.13"', 'root="1.3.6.1.4.1.19376.1.2.20"'),
    ),
)

BODY = (
    swap(
        "CDA-N1-TEMPLATES",
        '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>',
        '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>\n<templateId root="1.2.250.1.213.1.1.1.13"/>',
        "/templateId[4]/@root",
        "1.2.250.1.213.1.1.1.13",
        LEVEL_1,
    ),
    swap(
        "CDA-N1-MODEL",
        '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>',
        '<templateId root="1.3.6.1.4.1.19376.1.3.3"/>\n<templateId root="1.2.250.1.213.1.1.1.55"/>',
        "/templateId[3]/@root",
        "1.3.6.1.4.1.19376.1.3.3",
        LEVEL_1,
    ),
    gone("CDA-N1-TEXT", "<text", "</text>", "/component/nonXMLBody/text", "<nonXMLBody>", LEVEL_1),
    swap(
        "CDA-N1-ENCODING",
        'representation="B64"',
        'representation="TXT"',
        "/component/nonXMLBody/text/@representation",
        base=LEVEL_1,
    ),
    swap(
        "CDA-N1-MEDIA",
        '"application/pdf"',
        '"application/msword"',
        "/component/nonXMLBody/text/@mediaType",
        base=LEVEL_1,
    ),
    swap("CDA-N1-CONTENT", "JVBERi0", "J*BERi0", "/component/nonXMLBody/text", "<text mediaType", LEVEL_1),
    swap("CDA-N1-PDF", '"application/pdf"', '"text/rtf"', "/component/nonXMLBody/text/@mediaType", base=LEVEL_1),
)

PATIENTS = (
    gone("CDA-PAT-TARGET", "  <recordTarget>", "</recordTarget>", "/recordTarget", ROOT),
    gone("CDA-PAT-ROLE", "    <patientRole>", "</patientRole>", ROLE, "<recordTarget>"),
    Mutation(
        "CDA-PAT-ID",
        ((MATRICULE, ""), ('<id root="1.2.250.1.999.2" extension="P-42"/>', "")),
        f"/ClinicalDocument{ROLE}/id",
        "<patientRole>",
    ),
    Mutation(
        "CDA-PAT-PERSON",
        (NO_INS, (LEVEL_3[LEVEL_3.index("      <patient ") : LEVEL_3.index("    </patientRole>")], "")),
        f"/ClinicalDocument{PATIENT}",
        "<patientRole>",
    ),
    Mutation(
        "CDA-PAT-NAME",
        (NO_INS, (LEVEL_3[LEVEL_3.index("        <name>\n") : LEVEL_3.index("        <administrativeG")], "")),
        f"/ClinicalDocument{PATIENT}/name",
        "<patient ",
    ),
    Mutation(
        "CDA-PAT-FAMILY",
        (
            NO_INS,
            ('<family qualifier="BR">LAVANDE</family>', ""),
            ('<family qualifier="CL">GENET</family>', ""),
        ),
        f"/ClinicalDocument{PATIENT}/name/family",
        "<name>",
    ),
    Mutation(
        "CDA-PAT-GIVEN",
        (
            NO_INS,
            ("<given>ODILE ROSE</given>", ""),
            ('<given qualifier="BR">ODILE</given>', ""),
        ),
        f"/ClinicalDocument{PATIENT}/name/given",
        "<name>",
    ),
    swap("CDA-PAT-QUALIFIER", '<family qualifier="CL">', "<family>", f"{PATIENT}/name/family[2]/@qualifier"),
    Mutation(
        "CDA-PAT-SEX", (NO_INS, (FEMALE, "")), f"/ClinicalDocument{PATIENT}/administrativeGenderCode", "<patient "
    ),
    Mutation(
        "CDA-PAT-SEX-LIST",
        (NO_INS, ('code="F"', 'code="W"')),
        f"/ClinicalDocument{PATIENT}/administrativeGenderCode/@code",
        'code="W"',
    ),
    Mutation(
        "CDA-PAT-BIRTH",
        (NO_INS, ('<birthTime value="19640412"/>', "")),
        f"/ClinicalDocument{PATIENT}/birthTime",
        "<patient ",
    ),
    Mutation(
        "CDA-PAT-UNKNOWN",
        (NO_INS, ('<birthTime value="19640412"/>', '<birthTime nullFlavor="UNK"/>')),
        f"/ClinicalDocument{PATIENT}/birthTime/@nullFlavor",
        "<birthTime",
    ),
    swap(
        "CDA-PAT-FORBIDDEN",
        "        <birthplace>",
        '        <raceCode nullFlavor="UNK"/>\n        <birthplace>',
        f"{PATIENT}/raceCode",
        "<raceCode",
    ),
    swap(
        "CDA-PAT-BIRTHPLACE",
        "<addr><county>75056</county></addr>",
        "<addr><county>75056</county></addr>\n<addr><county>75056</county>  </addr>",
        f"{PATIENT}/birthplace/place/addr[2]",
        "</county>  </addr>",
    ),
    gone(
        "CDA-PAT-GUARDIAN",
        "<guardianPerson>",
        "</guardianPerson>",
        f"{PATIENT}/guardian[1]/guardianPerson",
        "<guardian>",
    ),
    swap(
        "CDA-PAT-GUARDIAN-ORG",
        'root="1.2.250.1.71.4.2.2" extension="1750000218"',
        'root="1.2.250.1.999.6" extension="1"',
        f"{PATIENT}/guardian[2]/guardianOrganization/id/@root",
    ),
)

INS = (
    swap(
        "CDA-INS-FAMILY",
        '<family qualifier="BR">LAVANDE</family>',
        "",
        f"{PATIENT}/name/family[@qualifier='BR']",
        "<patientRole>",
    ),
    swap(
        "CDA-INS-GIVEN",
        '<given qualifier="BR">ODILE</given>',
        "",
        f"{PATIENT}/name/given[@qualifier='BR']",
        "<patientRole>",
    ),
    swap(
        "CDA-INS-GIVENS",
        "<given>ODILE ROSE</given>",
        "",
        f"{PATIENT}/name/given[not(@qualifier)]",
        "<patientRole>",
    ),
    swap(
        "CDA-INS-SEX",
        FEMALE,
        '<administrativeGenderCode nullFlavor="UNK"/>',
        f"{PATIENT}/administrativeGenderCode/@code",
    ),
    swap(
        "CDA-INS-BIRTH",
        '<birthTime value="19640412"/>',
        '<birthTime nullFlavor="UNK"/>',
        f"{PATIENT}/birthTime/@value",
    ),
    gone("CDA-INS-PLACE", "<birthplace>", "</birthplace>", f"{PATIENT}/birthplace/place/addr/county", "<patientRole>"),
    swap("CDA-INS-PLACE-FORM", ">75056<", ">PARIS 11<", f"{PATIENT}/birthplace/place/addr/county"),
    swap(
        "CDA-INS-KIND",
        'root="1.2.250.1.999.2" extension="P-42"',
        'root="1.2.250.1.213.1.4.99" extension="P-42"',
        f"{ROLE}/id[2]/@root",
    ),
    swap("CDA-INS-ONE", MATRICULE, f"{MATRICULE}\n {MATRICULE} ", f"{ROLE}/id[2]", f" {MATRICULE} "),
    swap("CDA-INS-FORM", "264047505611787", "2640475056117", f"{ROLE}/id[1]/@extension"),
    swap("CDA-INS-KEY", "264047505611787", "264047505611788", f"{ROLE}/id[1]/@extension"),
    swap("CDA-INS-SEX-DIFFERS", 'code="F"', 'code="M"', f"{PATIENT}/administrativeGenderCode"),
    swap("CDA-INS-BIRTH-DIFFERS", "19640412", "19640512", f"{PATIENT}/birthTime"),
)

PEOPLE = (
    Mutation(
        "CDA-AUT-SOME",
        ((LEVEL_3[LEVEL_3.index("  <author>") : LEVEL_3.index("  <dataEnterer>")], ""),),
        "/ClinicalDocument/author",
        ROOT,
    ),
    swap("CDA-AUT-TIME", TIMED, "", f"{AUTHOR}/time", "<author>"),
    gone("CDA-AUT-ASSIGNED", "    <assignedAuthor>", "</assignedAuthor>", f"{AUTHOR}/assignedAuthor", "<author>"),
    gone("CDA-AUT-ID", '<id root="1.2.250.1.71.4.2.1"', "/>", f"{AUTHOR}/assignedAuthor/id", "<assignedAuthor>"),
    swap("CDA-AUT-CODE", "G15_10/SM26", "G15_10/SM999", f"{AUTHOR}/assignedAuthor/code/@code"),
    swap(
        "CDA-AUT-ONE",
        "</assignedAuthoringDevice>",
        "</assignedAuthoringDevice><assignedPerson><name><family>X</family></name></assignedPerson>",
        "/author[2]/assignedAuthor/assignedAuthoringDevice",
        "<assignedAuthoringDevice>",
    ),
    gone(
        "CDA-AUT-DEVICE",
        "<softwareName>",
        "</softwareName>",
        "/author[2]/assignedAuthor/assignedAuthoringDevice/softwareName",
        "<assignedAuthoringDevice>",
    ),
    swap(
        "CDA-AUT-ORG",
        'root="1.2.250.1.71.4.2.2" extension="1290001171"',
        'root="1.2.250.1.999.6" extension="1"',
        f"{AUTHOR}/assignedAuthor/representedOrganization/id/@root",
    ),
    swap("CDA-AUT-FUNCTION", 'code="PCP"', 'code="DOC"', f"{AUTHOR}/functionCode/@code"),
    swap(
        "CDA-ENT-ONE",
        "</dataEnterer>",
        '</dataEnterer>\n<dataEnterer><assignedEntity><id root="1.2.250.1.999.7"/></assignedEntity></dataEnterer>',
        "/dataEnterer[2]",
        "1.2.250.1.999.7",
    ),
    gone(
        "CDA-ENT-ID",
        '<id root="1.2.250.1.71.4.2.1" extension="810100098713"',
        "/>",
        "/dataEnterer/assignedEntity/id",
        "<dataEnterer>",
    ),
    gone("CDA-INF-ONE", "<relatedEntity", "</relatedEntity>", "/informant/relatedEntity", "<informant>"),
    swap("CDA-INF-ROLE", '"NOK"', '"GUARD"', "/informant/relatedEntity/@classCode"),
    swap("CDA-INF-KINSHIP", '"DAUC"', '"FAN"', "/informant/relatedEntity/code/@code"),
    gone("CDA-CUS-ONE", "  <custodian>", "</custodian>", "/custodian", ROOT),
    gone(
        "CDA-CUS-ORG",
        "<representedCustodianOrganization>",
        "</representedCustodianOrganization>",
        "/custodian/assignedCustodian/representedCustodianOrganization",
        "<custodian>",
    ),
    Mutation(
        "CDA-CUS-ID",
        (
            (
                '<representedCustodianOrganization>\n        <id root="1.2.250.1.71.4.2.2" extension="1290001171"/>',
                '<representedCustodianOrganization>\n        <id  root="1.2.250.1.999.6" extension="1"/>',
            ),
        ),
        "/ClinicalDocument/custodian/assignedCustodian/representedCustodianOrganization/id/@root",
        "<id  root",
    ),
    Mutation(
        "CDA-REC-PERSON",
        (
            (
                '<intendedRecipient>\n      <id root="1.2.250.1.71.4.2.1" extension="810100098713"/>',
                '<intendedRecipient>\n      <id root="1.2.250.1.999.6" extension="1"/>',
            ),
        ),
        "/ClinicalDocument/informationRecipient/intendedRecipient/id/@root",
        "1.2.250.1.999.6",
    ),
    swap(
        "CDA-REC-ORG",
        'root="1.2.250.1.71.4.2.2" extension="2552000887"',
        'root="1.2.250.1.999.6" extension="1"',
        "/informationRecipient/intendedRecipient/receivedOrganization/id/@root",
    ),
    swap("CDA-PRT-TYPE", 'participant typeCode="PRF"', 'participant typeCode="AUT"', "/participant/@typeCode"),
    swap("CDA-PRT-TIME", '<time nullFlavor="UNK"/>', "", "/participant/time", "<participant"),
    gone(
        "CDA-PRT-ENTITY",
        "    <associatedEntity",
        "</associatedEntity>",
        "/participant/associatedEntity",
        "<participant",
    ),
    swap("CDA-PRT-ROLE", '"PROV"', '"CIT"', "/participant/associatedEntity/@classCode"),
    gone("CDA-LEG-ONE", "  <legalAuthenticator>", "</legalAuthenticator>", "/legalAuthenticator", ROOT),
    swap(
        "CDA-LEG-TIME",
        SIGNED,
        SIGNED.replace(TIMED, '<time  nullFlavor="UNK"/>'),
        "/legalAuthenticator/time/@nullFlavor",
        "<time  null",
    ),
    Mutation(
        "CDA-LEG-ID",
        (
            (
                f'{SIGNED}    <assignedEntity>\n      <id root="1.2.250.1.71.4.2.1" extension="810100054328"/>',
                f"{SIGNED}    <assignedEntity>",
            ),
        ),
        "/ClinicalDocument/legalAuthenticator/assignedEntity/id",
        "<legalAuthenticator>",
    ),
    Mutation(
        "CDA-LEG-NAME",
        (
            ("<assignedPerson><name><family>AUBIER</family></name></assignedPerson>", ""),
            (f"{SIGNED}    <assignedEntity>", f"{SIGNED}    <assignedEntity >"),
        ),
        "/ClinicalDocument/legalAuthenticator/assignedEntity/assignedPerson",
        "<assignedEntity >",
    ),
    swap("CDA-SIG-CODE", '<signatureCode code="S"/>', "", "/legalAuthenticator/signatureCode", "<legalAuthenticator>"),
    swap(
        "CDA-SIG-VALUE",
        '<signatureCode code="S"/>',
        '<signatureCode code="I"/>',
        "/legalAuthenticator/signatureCode/@code",
    ),
    swap(
        "CDA-SIG-TIME",
        '<time value="20261120094500+0100"/>',
        "",
        "/authenticator/time",
        "<authenticator>",
    ),
    Mutation(
        "CDA-SIG-ID",
        (
            (
                '20261120094500+0100"/>\n    <signatureCode code="S"/>\n    <assignedEntity>\n'
                '      <id root="1.2.250.1.71.4.2.1" extension="810100098713"/>',
                '20261120094500+0100"/>\n    <signatureCode code="S"/>\n    <assignedEntity>\n'
                '      <id root="1.2.250.1.999.6" extension="1"/>',
            ),
        ),
        "/ClinicalDocument/authenticator/assignedEntity/id/@root",
        "1.2.250.1.999.6",
    ),
)

CONTEXT = (
    gone("CDA-ORD-ID", '<id root="1.2.250.1.999.4"', "/>", "/inFulfillmentOf/order/id", "<inFulfillmentOf>"),
    gone("CDA-ACT-SOME", "  <documentationOf>", "</documentationOf>", "/documentationOf", ROOT),
    gone("CDA-ACT-EVENT", "    <serviceEvent>", "</serviceEvent>", ACT, "<documentationOf>"),
    swap("CDA-ACT-PERFORMER", 'performer typeCode="PRF"', 'performer typeCode="SPRF"', f"{ACT}/performer/@typeCode"),
    Mutation(
        "CDA-ACT-PERFORMER-ID",
        (
            (
                '<performer typeCode="PRF">\n        <assignedEntity>\n'
                '          <id root="1.2.250.1.71.4.2.1" extension="810100054328"/>',
                '<performer typeCode="PRF">\n        <assignedEntity>\n',
            ),
        ),
        f"/ClinicalDocument{ACT}/performer/assignedEntity/id",
        "<performer",
    ),
    gone(
        "CDA-ACT-SETTING",
        "<standardIndustryClassCode",
        "/>",
        f"{ACT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode",
        "<performer",
    ),
    gone("CDA-ACT-TIME", "      <effectiveTime>", "</effectiveTime>", f"{ACT}/effectiveTime", "<serviceEvent>"),
    gone("CDA-ACT-START", "<low", "/>", f"{ACT}/effectiveTime/low", "      <effectiveTime>"),
    gone("CDA-ENC-ONE", "  <componentOf>", "</componentOf>", "/componentOf", ROOT),
    gone("CDA-ENC-ENCOUNTER", "    <encompassing", "</encompassingEncounter>", STAY, "<componentOf>"),
    swap("CDA-ENC-TIME", '<effectiveTime nullFlavor="UNK"/>', "", f"{STAY}/effectiveTime", "<encompassingEncounter>"),
    swap("CDA-ENC-CODE", 'code="AMB"', 'code="HOME"', f"{STAY}/code/@code"),
    gone(
        "CDA-ENC-FACILITY",
        "      <location>",
        "</location>",
        f"{STAY}/location/healthCareFacility/code",
        "<encompassingEncounter>",
    ),
    swap("CDA-ENC-FACILITY-LIST", "SA07", "SA77", f"{STAY}/location/healthCareFacility/code/@code"),
    Mutation(
        "CDA-ENC-PERSON",
        (
            (
                '<responsibleParty>\n        <assignedEntity>\n          <id root="1.2.250.1.71.4.2.1" '
                'extension="810100054328"/>',
                '<responsibleParty>\n        <assignedEntity>\n          <id root="1.2.250.1.999.6" extension="1"/>',
            ),
        ),
        f"/ClinicalDocument{STAY}/responsibleParty/assignedEntity/id/@root",
        "1.2.250.1.999.6",
    ),
    swap("CDA-ENC-ROLE", '"ATND"', '"PRF" ', f"{STAY}/encounterParticipant/@typeCode"),
    gone("CDA-CON-CONSENT", "    <consent", "</consent>", "/authorization/consent", "<authorization>"),
    swap("CDA-CON-CLASS", 'classCode="CONS"', 'classCode="ACT"', "/authorization/consent/@classCode"),
    gone("CDA-CON-CODE", '<code code="64292-6"', "/>", "/authorization/consent/code", "<consent"),
    swap("CDA-CON-STATUS", '"completed"', '"active"', "/authorization/consent/statusCode/@code"),
    swap("CDA-COH-PERIOD", "20261119093000", "20261118093000", f"{ACT}/effectiveTime/high/@value"),
    Mutation(
        "CDA-COH-BIRTH",
        (NO_INS, ("19640412", "20270101")),
        f"/ClinicalDocument{PATIENT}/birthTime/@value",
        "20270101",
    ),
)

VALUES = (
    swap("CDA-IDE-ROOT", '<setId root="1.2.250.1.999.1"', '<setId root=""', "/setId/@root"),
    swap("CDA-IDE-FORM", '<setId root="1.2.250.1.999.1"', '<setId root="1.2.250.01"', "/setId/@root"),
    swap("CDA-IDE-VALUE", 'extension="P-42"', "", f"{ROLE}/id[2]/@extension", '"1.2.250.1.999.2" />'),
    swap("CDA-IDE-PERSON", "810100054328", "810100054329", f"{AUTHOR}/assignedAuthor/id/@extension"),
    swap(
        "CDA-IDE-STRUCTURE",
        "2552000887",
        "2552000888",
        "/informationRecipient/intendedRecipient/receivedOrganization/id/@extension",
    ),
    swap("CDA-COD-WHOLE", ' displayName="Synthèse médicale"', "", "/code/@displayName", "60591-5"),
    swap("CDA-COD-OID", '"2.16.840.1.113883.6.96"', '"SNOMED"', f"{ACT}/code/@codeSystem"),
    swap(
        "CDA-COD-SYSTEM",
        'code="SA07" displayName="Cabinet individuel" codeSystem="1.2.250.1.71.4.2.4"',
        'code="SA07" displayName="Cabinet individuel" codeSystem="1.2.250.1.71.4.2.5"',
        f"{STAY}/location/healthCareFacility/code/@codeSystem",
    ),
    swap(
        "CDA-COD-SETTING",
        'codeSystem="1.2.250.1.213.1.1.4.9"',
        'codeSystem="1.2.250.1.213.1.1.4.8"',
        f"{ACT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode/@codeSystem",
    ),
    swap(
        "CDA-NAM-FAMILY",
        "<relatedPerson><name><family>GENET</family></name></relatedPerson>",
        "<relatedPerson><name>GENET</name></relatedPerson>",
        "/informant/relatedEntity/relatedPerson/name/family",
    ),
    swap(
        "CDA-NAM-ONCE",
        "<given>Jean</given>",
        "<given>Jean</given><given>Loup</given>",
        f"{AUTHOR}/assignedAuthor/assignedPerson/name/given[2]",
    ),
    swap("CDA-NAM-PREFIX", "<prefix>MME<", "<prefix>Mme<", f"{PATIENT}/guardian[1]/guardianPerson/name/prefix"),
    swap("CDA-NAM-PREFIX-FORMER", "<prefix>M<", "<prefix>DR<", f"{AUTHOR}/assignedAuthor/assignedPerson/name/prefix"),
    swap("CDA-NAM-SUFFIX", "<suffix>DR<", "<suffix>Dr<", f"{AUTHOR}/assignedAuthor/assignedPerson/name/suffix"),
    swap("CDA-TIM-FORM", "20261119090000+0100", "2026-11-19T09:00", f"{ACT}/effectiveTime/low/@value"),
    swap("CDA-TIM-DATE", "20261119090000+0100", "20261131", f"{ACT}/effectiveTime/low/@value"),
    swap("CDA-TIM-WRITING", "20261119090000+0100", "20261119090000+100", f"{ACT}/effectiveTime/low/@value"),
    swap("CDA-TEL-VALUE", '<telecom nullFlavor="NASK"/>', "<telecom/>", f"{PATIENT}/guardian[1]/telecom/@value"),
    swap("CDA-TEL-SCHEME", "tel:0102030405", "0102030405", f"{ROLE}/telecom/@value"),
    swap("CDA-TEL-SILENCE", '"NASK"', '"OTH"', f"{PATIENT}/guardian[1]/telecom/@nullFlavor"),
    swap("CDA-TEL-USE", 'use="H"/>', 'use="HOME"/>', f"{ROLE}/telecom/@use"),
    Mutation(
        "CDA-ADR-LINES",
        (
            (
                LEVEL_3[LEVEL_3.index("        <houseNumber>") : LEVEL_3.index("      </addr>")],
                "<streetAddressLine>rue</streetAddressLine>" * 7 + "\n<streetAddressLine>de trop</streetAddressLine>",
            ),
        ),
        f"/ClinicalDocument{ROLE}/addr/streetAddressLine[8]",
        "de trop",
    ),
    swap(
        "CDA-ADR-FORM",
        "<city>PARIS</city>",
        "<city>PARIS</city>\n<streetAddressLine>PARIS</streetAddressLine>",
        f"{ROLE}/addr",
        '<addr use="H">',
    ),
    swap(
        "CDA-ADR-ONCE",
        "<city>PARIS</city>",
        "<city>PARIS</city>\n<city>PARIS </city>",
        f"{ROLE}/addr/city[2]",
        "PARIS <",
    ),
    swap("CDA-ADR-USE", '<addr use="H">', '<addr use="HOME">', f"{ROLE}/addr/@use"),
)

FILES = (
    Mutation("CDA-FILE-XML", (("</ClinicalDocument>", ""),), "", ROOT),
    Mutation("CDA-FILE-CDA", (('xmlns="urn:hl7-org:v3"', 'xmlns="urn:hl7-org:v2"'),), "", ROOT),
    Mutation("CDA-FILE-SIZE", (("<telecom", "<telecom/>" * 20_000 + "<telecom"),), "", ROOT),
)

MUTATIONS = (*DOCUMENT, *BODY, *PATIENTS, *INS, *PEOPLE, *CONTEXT, *VALUES)
"""One for each rule asked of an element; FILES hold those of files that are asked nothing."""
