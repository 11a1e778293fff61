"""METADATA.XML, both ways: XDS metadata as an ebXML registry request (IHE ITI TF-3 §4.2, TF-2 ITI-32)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.pack import xml
from gateway.pack.header import NO_CODE, Code
from gateway.pack.packed import Minted
from gateway.pack.xds import LETTERS, NOBODY, Action, Entry, Submission, Writer
from gateway.pack.xml import Element, put

ENTRY_LIMIT = 100  # documents of one request

LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
_R = f"{{{RIM}}}"
_APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
_HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
_IS_SUBMISSION = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
_ACTION_SLOT = "urn:action:extraMetadataSlot"
_ACTIONS: Mapping[str, Action] = {letter: action for action, letter in LETTERS.items()}

_SUBMISSION_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
_SUBMISSION_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
_SUBMISSION_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
_CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
_CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
_FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
_SETTING = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
_EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a METADATA.XML says, and where its own references do not hold (`broken-archive`)."""

    submission: Submission
    entries: tuple[Entry, ...]
    findings: tuple[Fault, ...] = ()


# — writing


def write_metadata(submission: Submission, entries: Iterable[Entry], minted: Minted) -> bytes:
    """The request: one submission set, its documents, one HasMember association each."""
    root = xml.new("SubmitObjectsRequest", LCM)
    listed = xml.put_in(root, RIM, "RegistryObjectList")
    package = _Registered(listed, "RegistryPackage", minted, "submission")
    _put_submission(package, submission)
    for number, entry in enumerate(entries, start=1):
        document = _Registered(listed, "ExtrinsicObject", minted, f"entry-{number}")
        _put_entry(document, entry)
        link = put(
            listed,
            "Association",
            id=f"urn:uuid:{minted.uuid(f'association-{number}')}",
            associationType=_HAS_MEMBER,
            sourceObject=package.id,
            targetObject=document.id,
        )
        _put_slot(link, "SubmissionSetStatus", "Original")
    return xml.write(root)


class _Registered:
    """A registry object being written: what classifies or identifies it refers to its id."""

    def __init__(self, listed: Element, tag: str, minted: Minted, name: str) -> None:
        self.id = f"urn:uuid:{minted.uuid(name)}"
        self.element = put(listed, tag, id=self.id, status=_APPROVED)
        self._minted, self._name, self._count = minted, name, 0

    def _next(self) -> str:
        self._count += 1
        return f"urn:uuid:{self._minted.uuid(f'{self._name}-part-{self._count}')}"

    def slot(self, name: str, *values: str) -> None:
        _put_slot(self.element, name, *values)

    def named(self, title: str, comments: str) -> None:
        if title:
            _put_label(self.element, "Name", title)
        if comments:
            _put_label(self.element, "Description", comments)

    def classify(self, scheme: str, code: Code) -> None:
        """Classify by a code; nothing when there is none."""
        if code.code:
            told = self._classification(scheme, code.code)
            _put_slot(told, "codingScheme", code.system)
            _put_label(told, "Name", code.display)

    def author(self, scheme: str, author: Writer) -> None:
        """Classify by an author; nothing when nobody is named."""
        if author == NOBODY:
            return
        told = self._classification(scheme, "")
        _put_slot(told, "authorInstitution", author.institution)
        _put_slot(told, "authorPerson", author.person)
        _put_slot(told, "authorRole", author.role)
        _put_slot(told, "authorSpecialty", author.specialty)

    def _classification(self, scheme: str, node: str) -> Element:
        told = put(
            self.element, "Classification", id=self._next(), classificationScheme=scheme, classifiedObject=self.id
        )
        told.set("nodeRepresentation", node)
        return told

    def identify(self, scheme: str, name: str, value: str) -> None:
        """Identify by a value; nothing when there is none."""
        if not value:
            return
        told = put(
            self.element,
            "ExternalIdentifier",
            id=self._next(),
            identificationScheme=scheme,
            registryObject=self.id,
            value=value,
        )
        _put_label(told, "Name", name)

    def mark(self, node: str) -> None:
        put(self.element, "Classification", id=self._next(), classificationNode=node, classifiedObject=self.id)


def _put_slot(parent: Element, name: str, *values: str) -> None:
    """A slot; absent when it has no value (ebRIM: a slot has at least one)."""
    said = [value for value in values if value]
    if said:
        listed = put(put(parent, "Slot", name=name), "ValueList")
        for value in said:
            put(listed, "Value", value)


def _put_label(parent: Element, tag: str, text: str) -> None:
    label = put(put(parent, tag), "LocalizedString", charset="UTF-8")
    label.set("value", xml.clean(text))
    label.set("{http://www.w3.org/XML/1998/namespace}lang", "fr-FR")


def _put_submission(package: _Registered, submission: Submission) -> None:
    package.slot("submissionTime", submission.time)
    package.named(submission.title, submission.comments)
    package.mark(_IS_SUBMISSION)
    package.author(_SUBMISSION_AUTHOR, submission.author)
    package.classify(_CONTENT_TYPE, submission.content_type)
    package.identify(_SUBMISSION_PATIENT, "XDSSubmissionSet.patientId", submission.patient_id)
    package.identify(_SOURCE_ID, "XDSSubmissionSet.sourceId", submission.source_id)
    package.identify(_SUBMISSION_ID, "XDSSubmissionSet.uniqueId", submission.unique_id)


def _put_entry(document: _Registered, entry: Entry) -> None:
    document.element.set("objectType", _DOCUMENT)
    document.element.set("mimeType", entry.mime_type)
    if entry.action:
        document.slot(_ACTION_SLOT, LETTERS[entry.action])
    document.slot("hash", entry.hash)
    document.slot("size", str(entry.size) if entry.size >= 0 else "")
    document.slot("URI", entry.uri)
    document.slot("creationTime", entry.created)
    document.slot("languageCode", entry.language)
    document.slot("legalAuthenticator", entry.authenticator)
    document.slot("serviceStartTime", entry.service_start)
    document.slot("serviceStopTime", entry.service_stop)
    document.slot("sourcePatientId", entry.source_patient_id)
    document.slot("sourcePatientInfo", *entry.source_patient_info)
    document.named(entry.title, entry.comments)
    for author in entry.authors:
        document.author(_AUTHOR, author)
    for event in entry.events:
        document.classify(_EVENT, event)
    document.classify(_CLASS, entry.class_code)
    for code in entry.confidentiality:
        document.classify(_CONFIDENTIALITY, code)
    document.classify(_FORMAT, entry.format_code)
    document.classify(_FACILITY, entry.facility)
    document.classify(_SETTING, entry.setting)
    document.classify(_TYPE, entry.type_code)
    document.identify(_PATIENT, "XDSDocumentEntry.patientId", entry.patient_id)
    document.identify(_UNIQUE_ID, "XDSDocumentEntry.uniqueId", entry.unique_id)


# — reading


def read_metadata(data: bytes) -> Metadata:
    """What a METADATA.XML says, ours or another's; absent values read as empty.

    Raises Rejected `not-xml`, `too-large`, `too-many` beyond ENTRY_LIMIT, or `not-an-archive` when there is no
    submission set or no document.
    """
    try:
        root = xml.parse(data)
    except Rejected as bad:  # the line is one of METADATA.XML, not of the archive that was given
        raise Rejected([Fault(fault.code, about=fault.about) for fault in bad.faults]) from None
    package = next(root.iter(_R + "RegistryPackage"), None)
    documents = list(root.iter(_R + "ExtrinsicObject"))
    if package is None or not documents:
        raise Rejected([Fault("not-an-archive", about="METADATA.XML")])
    if len(documents) > ENTRY_LIMIT:
        raise Rejected([Fault("too-many", about=str(ENTRY_LIMIT))])
    findings = [*_wrong_references(package, documents), *_wrong_members(root, package, documents)]
    entries = tuple(_read_entry(document) for document in documents)
    return Metadata(_read_submission(package), entries, tuple(dict.fromkeys(findings)))


def _wrong_references(*objects: Element | list[Element]) -> Iterator[Fault]:
    for one in objects:
        for element in one if isinstance(one, list) else [one]:
            for part, name in (("Classification", "classifiedObject"), ("ExternalIdentifier", "registryObject")):
                if any(child.get(name) != element.get("id") for child in element.iterchildren(_R + part)):
                    yield Fault("broken-archive", about=name)


def _wrong_members(root: Element, package: Element, documents: list[Element]) -> Iterator[Fault]:
    links = {
        link.get("targetObject")
        for link in root.iter(_R + "Association")
        if link.get("sourceObject") == package.get("id") and str(link.get("associationType")).endswith("HasMember")
    }
    if links != {document.get("id") for document in documents}:
        yield Fault("broken-archive", about="HasMember")


def _slots(element: Element) -> dict[str, tuple[str, ...]]:
    return {
        str(slot.get("name")): tuple(value.text or "" for value in slot.iter(_R + "Value"))
        for slot in element.iterchildren(_R + "Slot")
    }


def _label(element: Element, tag: str = "Name") -> str:
    name = next(element.iterchildren(_R + tag), None)
    words = None if name is None else next(name.iterchildren(_R + "LocalizedString"), None)
    return "" if words is None else str(words.get("value", ""))


def _classified(element: Element, scheme: str) -> Iterator[Element]:
    return (one for one in element.iterchildren(_R + "Classification") if one.get("classificationScheme") == scheme)


def _codes(element: Element, scheme: str) -> tuple[Code, ...]:
    return tuple(
        Code(str(one.get("nodeRepresentation", "")), _label(one), "".join(_slots(one).get("codingScheme", ())[:1]))
        for one in _classified(element, scheme)
    )


def _code(element: Element, scheme: str) -> Code:
    return next(iter(_codes(element, scheme)), NO_CODE)


def _writers(element: Element, scheme: str) -> tuple[Writer, ...]:
    found = []
    for one in _classified(element, scheme):
        said = {name: values[0] for name, values in _slots(one).items() if values}
        found.append(
            Writer(
                institution=said.get("authorInstitution", ""),
                person=said.get("authorPerson", ""),
                role=said.get("authorRole", ""),
                specialty=said.get("authorSpecialty", ""),
            )
        )
    return tuple(found)


def _identified(element: Element, scheme: str) -> str:
    found = (
        one for one in element.iterchildren(_R + "ExternalIdentifier") if one.get("identificationScheme") == scheme
    )
    return next((str(one.get("value", "")) for one in found), "")


def _read_submission(package: Element) -> Submission:
    return Submission(
        time="".join(_slots(package).get("submissionTime", ())[:1]),
        title=_label(package),
        comments=_label(package, "Description"),
        author=next(iter(_writers(package, _SUBMISSION_AUTHOR)), NOBODY),
        content_type=_code(package, _CONTENT_TYPE),
        patient_id=_identified(package, _SUBMISSION_PATIENT),
        source_id=_identified(package, _SOURCE_ID),
        unique_id=_identified(package, _SUBMISSION_ID),
    )


def _read_entry(document: Element) -> Entry:
    slots = _slots(document)
    said = {name: values[0] for name, values in slots.items() if values}
    size = said.get("size", "")
    return Entry(
        uri=said.get("URI", ""),
        hash=said.get("hash", "").upper(),
        size=int(size) if size.isascii() and size.isdecimal() and len(size) < 15 else -1,
        mime_type=str(document.get("mimeType", "")),
        title=_label(document),
        comments=_label(document, "Description"),
        created=said.get("creationTime", ""),
        service_start=said.get("serviceStartTime", ""),
        service_stop=said.get("serviceStopTime", ""),
        language=said.get("languageCode", ""),
        authenticator=said.get("legalAuthenticator", ""),
        patient_id=_identified(document, _PATIENT),
        source_patient_id=said.get("sourcePatientId", ""),
        source_patient_info=slots.get("sourcePatientInfo", ()),
        authors=_writers(document, _AUTHOR),
        class_code=_code(document, _CLASS),
        type_code=_code(document, _TYPE),
        format_code=_code(document, _FORMAT),
        facility=_code(document, _FACILITY),
        setting=_code(document, _SETTING),
        confidentiality=_codes(document, _CONFIDENTIALITY),
        events=_codes(document, _EVENT),
        unique_id=_identified(document, _UNIQUE_ID),
        action=_ACTIONS.get(said.get(_ACTION_SLOT, "")),
    )
