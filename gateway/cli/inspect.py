"""inspect: what a file holds, and the event it would become. The bytes say what it is, else its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli import options
from gateway.cli.output import refuse, show
from gateway.journey.refusal import told_fault, told_notice
from gateway.model.errors import GatewayError, Rejected
from gateway.model.event import Event, write_event
from gateway.model.faults import Fault, Notice
from gateway.model.known import Known

if TYPE_CHECKING:
    from gateway.pack import Message
    from gateway.wiring import Words

_LONG = 4_000  # characters: the text of a mail is shorter
Told = tuple[Event, tuple[Notice, ...]]
Action = Literal["replace", "delete"]


def inspect(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A .eml, .zip, .xml, .hl7, .json or .csv file.")
    ],
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Show what a mail, an archive, a CDA document, a message, a Bundle or an event holds, and the event it becomes.

    An event may be of any dialect. The answer is JSON; without --json, of a text of more than 4,000 characters (a
    document in base64) only the beginning is shown. Exit code 0, or 2 when the file cannot be read: the reason stands
    on stderr.
    """
    try:
        data = file.read_bytes()
        answer = look_for(data, file.suffix.lower())(data, options.words(config, mappings))
    except GatewayError as error:
        refuse(error, as_json, str(file))
    show(answer if as_json else _shortened(answer), as_json)


def look_for(data: bytes, suffix: str) -> Callable[[bytes, Words], dict[str, Any]]:
    """How to look into these bytes. Raises Rejected `unsupported-document` when neither they nor the suffix say it."""
    from gateway import pack

    begins = data[:4_000].lstrip(b"\xef\xbb\xbf\xff\xfe\x00\t\r\n ")
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return look_into_archive
    if pack.is_hl7v2(data):
        return look_into_hl7v2
    if begins[:1] == b"<":
        return look_into_xml
    if begins[:1] in (b"{", b"["):
        return look_into_json
    if suffix in _LOOKS:
        return _LOOKS[suffix]
    if re.match(rb"[!-9;-~]{1,76}:[ \t]", begins):
        return look_into_mail
    raise Rejected([Fault("unsupported-document")])


def look_into_json(data: bytes, words: Words) -> dict[str, Any]:
    """A FHIR Bundle, or an event of a dialect of JSON."""
    from gateway import translate
    from gateway.cli.recognise import recognise

    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        raise Rejected([Fault("not-json")]) from None
    if isinstance(tree, dict) and tree.get("resourceType") == "Bundle":
        entries = tree.get("entry")
        resources = (
            [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
        )
        return {
            "kind": "bundle",
            "resources": [str(one.get("resourceType")) for one in resources if isinstance(one, dict)],
            **_event(lambda: (translate.from_bundle(tree, Known(), words.terms), ())),
        }
    return recognise(data, words.dialects, "json")


def look_into_xml(data: bytes, words: Words) -> dict[str, Any]:
    """A CDA document, also inside the style sheet that shows it, or an event of a dialect of XML."""
    from gateway.cli.recognise import recognise

    plain = data.replace(b"\x00", b"") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data
    if re.search(rb"<(?:[\w.-]{1,40}:)?ClinicalDocument[\s>]", plain):
        return look_into_cda(data, words)
    return recognise(data, words.dialects, "xml")


def look_into_csv(data: bytes, words: Words) -> dict[str, Any]:
    """The events of a dialect of CSV."""
    from gateway.cli.recognise import recognise

    return recognise(data, words.dialects, "csv")


def look_into_cda(
    data: bytes, words: Words, action: Action | None = None, masks: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A CDA document: its header and what its body is.

    action, masks  what the archive or the message that brings it asks beyond its header
    """
    from gateway import pack

    read = pack.read_cda(data)
    body = None if read.body is None else {"bytes": len(read.body), "pdf": read.body.startswith(b"%PDF-")}
    told = _event(lambda: pack.as_event(read, action, masks))
    return {"kind": "cda", "header": _plain(read.header), "body": body, **told}


def look_into_archive(data: bytes, words: Words) -> dict[str, Any]:
    """An IHE_XDM archive: its metadata, and each document in it."""
    from gateway import pack

    archive = pack.read_archive(data)
    return {
        "kind": "archive",
        "submissionSet": pack.submission_words(archive.submission),
        "documents": [
            {
                "metadata": pack.entry_words(one.entry),
                "document": look_into_cda(
                    one.data, words, one.entry.action, tuple(code.code for code in one.entry.confidentiality)
                ),
            }
            for one in archive.documents
        ],
        "findings": [told_fault(finding) for finding in archive.findings],
    }


def look_into_mail(data: bytes, words: Words) -> dict[str, Any]:
    """A mail: its headers, its text, and what is attached."""
    from gateway import pack

    receipt = pack.read_receipt(data)
    if receipt is not None:
        return {"kind": "receipt", "receipt": _plain(receipt)}
    mail = pack.read_mail(data)
    answer: dict[str, Any] = {
        "kind": "mail",
        "headers": dict(mail.headers),
        "text": mail.text,
        "pdfs": [{"name": name, "bytes": len(content)} for name, content in mail.pdfs],
        "archive": look_into_archive(mail.archive, words) if mail.archive else None,
        "bundle": look_into_json(mail.bundle, words) if mail.bundle else None,
    }
    return answer


def look_into_hl7v2(data: bytes, words: Words) -> dict[str, Any]:
    """HL7 v2 messages of the French flows: one, or each of several in a file."""
    from gateway import pack

    told = [_message(message, words) for message in pack.read_hl7v2(data)]
    return told[0] if len(told) == 1 else {"kind": "hl7v2", "messages": told}


def _message(message: Message, words: Words) -> dict[str, Any]:
    """A message: what it says, and the documents it carries; one that is not readable says why."""
    from gateway import pack

    masks, documents = pack.masks_of(message), []
    for one in pack.documents_of(message):
        try:
            looked = look_into_cda(one.data, words, one.action, masks)
        except Rejected as rejected:
            looked = {"kind": "unreadable", "event": None, "faults": [told_fault(fault) for fault in rejected.faults]}
        documents.append({"observation": one.observation, "bytes": len(one.data), "document": looked})
    told = {"kind": "hl7v2", "is": pack.kind_of(message), "message": pack.message_words(message)}
    return {**told, "documents": documents} if documents else told


_LOOKS: dict[str, Callable[[bytes, Any], dict[str, Any]]] = {
    ".json": look_into_json,
    ".xml": look_into_xml,
    ".csv": look_into_csv,
    ".zip": look_into_archive,
    ".eml": look_into_mail,
    ".hl7": look_into_hl7v2,
    ".er7": look_into_hl7v2,
}


def _event(read: Callable[[], Told]) -> dict[str, Any]:
    """The event and what is told of it, or why it is none: an inspection shows what there is either way."""
    try:
        event, notices = read()
    except Rejected as rejected:
        return {"event": None, "notices": [], "faults": [told_fault(fault) for fault in rejected.faults]}
    return {"event": write_event(event), "notices": [told_notice(notice) for notice in notices], "faults": []}


def _shortened(answer: Any) -> Any:
    """The same for people: nobody reads a document in base64, and a screen of it hides what there is to read."""
    match answer:
        case dict():
            return {key: _shortened(value) for key, value in answer.items()}
        case list():
            return [_shortened(value) for value in answer]
        case str() if len(answer) > _LONG:
            return f"{answer[:40]}… ({len(answer)} caractères, entiers avec --json)"
    return answer


def _plain(value: Any) -> Any:
    """A dataclass as JSON, without what is absent."""
    tree = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if isinstance(tree, dict):
        return {str(key): _plain(item) for key, item in tree.items() if item not in (None, (), [], {}, "")}
    if isinstance(tree, (list, tuple)):
        return [_plain(item) for item in tree]
    return tree if isinstance(tree, (str, int, float, bool)) or tree is None else str(tree)
