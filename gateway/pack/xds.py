"""A document's XDS metadata, derived from its CDA header alone.

Source: CI-SIS, Volet partage de documents; IHE ITI TF-3 §4.2; correspondences ASS_X04, ASS_A11 and ASS_A12.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.model.codes import Terms
from gateway.model.facts import Facts
from gateway.pack import times
from gateway.pack.datatypes import author_fact, cx, escape, patient_facts, source_patient_info, xcn, xon
from gateway.pack.header import NO_CODE, UNSTRUCTURED, Code, Header, Id, Party

Action = Literal["replace", "delete"]
LETTERS: Mapping[Action, str] = {"replace": "C", "delete": "D"}  # ANS: urn:action:extraMetadataSlot

DEFAULT_CLASS = "10"  # Compte rendu: what official archives say of a type the correspondence does not know
UNSAID = "VR"  # J142: no contact with the patient, hence no kind of activity (97)
OTHER_FORMAT = Code("urn:asipSante:modelesHorsProfils:2011", "Modèle hors profils", "1.2.250.1.213.1.1.4.2.282")


@dataclass(frozen=True, slots=True)
class Writer:
    """An author as XDS writes them; an empty text means that the slot is absent."""

    institution: str = ""
    person: str = ""
    role: str = ""
    specialty: str = ""


NOBODY = Writer()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """One DocumentEntry. Times are UTC digits; `hash` is SHA-1 in upper-case hexadecimal; `size` in bytes."""

    uri: str
    hash: str
    size: int
    mime_type: str = "text/xml"
    title: str = ""
    comments: str = ""
    created: str = ""
    service_start: str = ""
    service_stop: str = ""
    language: str = ""
    authenticator: str = ""
    patient_id: str = ""
    source_patient_id: str = ""
    source_patient_info: tuple[str, ...] = ()
    authors: tuple[Writer, ...] = ()
    class_code: Code = NO_CODE
    type_code: Code = NO_CODE
    format_code: Code = NO_CODE
    facility: Code = NO_CODE
    setting: Code = NO_CODE
    confidentiality: tuple[Code, ...] = ()
    events: tuple[Code, ...] = ()
    unique_id: str = ""
    action: Action | None = None

    def __repr__(self) -> str:
        return f"Entry({self.uri}, {self.type_code.code})"

    @property
    def facts(self) -> Facts:
        """What this metadata says that every form must say alike."""
        return replace(
            patient_facts((self.patient_id, self.source_patient_id), self.source_patient_info),
            author=tuple(who for author in self.authors if (who := author_fact(author.person))),
            type=self.type_code.code or None,
            created=_in_utc(self.created),
            service=_in_utc(self.service_start),
            label=self.type_code.display or None,
        )


def _in_utc(digits: str) -> str | None:
    """A time as XDS means it; a day alone has no zone."""
    return (f"{digits}+0000" if len(digits) > 8 else digits) or None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Submission:
    """The SubmissionSet: who sends these documents, about whom, when (UTC digits)."""

    time: str
    title: str = ""
    comments: str = ""
    author: Writer = NOBODY
    content_type: Code = NO_CODE
    patient_id: str = ""
    source_id: str = ""
    unique_id: str = ""


def digest(data: bytes) -> str:
    """The hash XDS wants: SHA-1 of the exact bytes, hexadecimal (integrity, not security: IHE ITI TF-3 §4.2.3.2.10)."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest().upper()


def describe(
    header: Header,
    data: bytes,
    uri: str,
    terms: Terms,
    *,
    masks: tuple[str, ...] = (),
    action: Action | None = None,
    mime_type: str = "text/xml",
) -> Entry:
    """The metadata of one document.

    data    the exact bytes put into the archive, for size and hash
    masks   confidentiality beyond the header's own (JDV_J08), asked for by the sender
    action  said by the caller, else a version above 1 is a replacement
    """
    subject = header.subject
    shown = subject.ins or subject.local
    local = subject.local or shown
    act = header.acts[0] if header.acts else None
    return Entry(
        uri=uri,
        hash=digest(data),
        size=len(data),
        mime_type=mime_type,
        title=header.title,
        created=times.utc(header.effective),
        service_start=times.utc(act.low) if act else "",
        service_stop=times.utc(act.high) if act else "",
        language=header.language,
        authenticator=xcn(header.authenticator) if header.authenticator else "",
        patient_id=cx(shown) if shown else "",
        source_patient_id=cx(local) if local else "",
        source_patient_info=source_patient_info(subject),
        authors=tuple(one for author in header.authors if (one := writer(author)) != NOBODY),
        class_code=_class(header, terms),
        type_code=_labelled(header.code),
        format_code=format_of(header, terms),
        facility=_labelled(header.stay.facility or NO_CODE),
        setting=_labelled(header.setting or NO_CODE),
        confidentiality=tuple(_labelled(code) for code in _confidentiality(header, masks, terms) if code.code),
        events=tuple(_labelled(code) for one in header.acts for code in (one.code, *one.also) if code),
        unique_id=_unique_id(header.id),
        action=action or ("replace" if header.version > 1 else None),
    )


def writer(author: Party) -> Writer:
    """An author's four slots."""
    code = author.code
    return Writer(
        institution=xon(author.organization),
        person=xcn(author),
        role=author.function.display if author.function else "",
        specialty="^".join(map(escape, (code.code, code.display, code.system))) if code else "",
    )


def submit(entry: Entry, header: Header, *, time: str, unique_id: str, content_type: Code) -> Submission:
    """The SubmissionSet around the first document: its author sends."""
    return Submission(
        time=time,
        title=entry.title,
        author=entry.authors[0] if entry.authors else NOBODY,
        content_type=content_type,
        patient_id=entry.patient_id,
        source_id=_source_id(header.custodian.id),
        unique_id=unique_id,
    )


def activity_of(header: Header, terms: Terms) -> Code:
    """The kind of contact as a kind of activity (TRE_R209, after the correspondence of IG-CDAR2 for PV1-2)."""
    said = header.stay.code.code if header.stay.code else ""
    found = terms.find(said, "J142-R209") or terms.find(UNSAID, "J142-R209")
    return Code(found.code, found.display, found.oid) if found else NO_CODE


def format_of(header: Header, terms: Terms) -> Code:
    """The format: by media type for a non-XML body, else by the last document template that has one."""
    if header.media_type or UNSTRUCTURED in header.templates:  # official archives look at the body, whatever it claims
        found = terms.find(header.media_type, "A12")
    else:
        last_first = reversed(header.templates)
        found = next((one for name in last_first if (one := terms.find(name, "A11-archives", "A11"))), None)
    return Code(found.code, found.display, found.oid) if found else OTHER_FORMAT


def _class(header: Header, terms: Terms) -> Code:
    """The class: by type and template where official archives have their own, else by type alone."""
    kind = header.code.code
    special = (term for name in header.templates if (term := terms.find(f"{kind} {name}", "X04-archives")))
    found = next(special, None) or terms.find(kind, "X04") or terms.find(DEFAULT_CLASS, "A03")
    return Code(found.code, found.display, found.oid) if found else NO_CODE


def _labelled(code: Code) -> Code:
    """XDS wants a name beside each code: the code itself where the document gives none."""
    return code if code.display else replace(code, display=code.code)


def _confidentiality(header: Header, asked: tuple[str, ...], terms: Terms) -> list[Code]:
    """The header's own confidentiality and masks, and those asked for beyond them."""
    found = {one.code: one for one in (header.confidentiality, *header.masks)}
    for mask in asked:
        term = terms.find(mask, "J08")
        found.setdefault(mask, Code(term.code, term.display, term.oid) if term else Code(mask))
    return list(found.values())


def _unique_id(id: Id) -> str:
    return f"{id.root}^{id.extension}" if id.extension else id.root


def _source_id(id: Id | None) -> str:
    """The source system's OID: the custodian's identifier as an arc when it can be one, else its root alone."""
    if id is None:
        return ""
    arc = id.extension
    return f"{id.root}.{arc}" if arc.isascii() and arc.isdecimal() and arc[0] != "0" else id.root
