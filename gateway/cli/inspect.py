"""inspect: what a file holds, and the event it would become."""

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
    from gateway.wiring import Words


def inspect(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .eml, .zip, .xml, .json or .csv file.")],
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Show what a mail, an archive, a CDA document, a Bundle or an event holds, and the event it would become.

    An event may be of any dialect. Exit code 0, or 2 when the file cannot be read: the reason stands on stderr.
    """
    try:
        look = _LOOKS.get(file.suffix.lower())
        if look is None:
            raise Rejected([Fault("unsupported-document")])
        answer = look(file.read_bytes(), options.words(config, mappings))
    except GatewayError as error:
        refuse(error, as_json, str(file))
    show(answer, as_json)


def look_into_json(data: bytes, words: Words) -> dict[str, Any]:
    """A FHIR Bundle, or an event of a dialect of JSON."""
    from gateway import translate
    from gateway.cli.recognise import recognise

    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        raise Rejected([Fault("not-json")]) from None
    if isinstance(tree, dict) and tree.get("resourceType") == "Bundle":
        kinds = [
            str(entry.get("resource", {}).get("resourceType"))
            for entry in tree.get("entry", [])
            if isinstance(entry, dict)
        ]
        return {
            "kind": "bundle",
            "resources": kinds,
            **_event(lambda: (translate.from_bundle(tree, Known(), words.terms), ())),
        }
    return recognise(data, words.dialects, "json")


def look_into_xml(data: bytes, words: Words) -> dict[str, Any]:
    """A CDA document, or an event of a dialect of XML."""
    from gateway.cli.recognise import recognise

    if re.search(rb"<(\w+:)?ClinicalDocument[\s>]", data[:10_000]):
        return look_into_cda(data, words)
    return recognise(data, words.dialects, "xml")


def look_into_csv(data: bytes, words: Words) -> dict[str, Any]:
    """The events of a dialect of CSV."""
    from gateway.cli.recognise import recognise

    return recognise(data, words.dialects, "csv")


def look_into_cda(data: bytes, words: Words, action: Literal["replace", "delete"] | None = None) -> dict[str, Any]:
    """A CDA document: its header and what its body is; `action` is what its archive asks to do with it."""
    from gateway import pack

    read = pack.read_cda(data)
    body = None if read.body is None else {"bytes": len(read.body), "pdf": read.body.startswith(b"%PDF-")}
    return {"kind": "cda", "header": _plain(read.header), "body": body, **_event(lambda: pack.as_event(read, action))}


def look_into_archive(data: bytes, words: Words) -> dict[str, Any]:
    """An IHE_XDM archive: its metadata, and each document in it."""
    from gateway import pack

    archive = pack.read_archive(data)
    return {
        "kind": "archive",
        "submission": _plain(archive.submission),
        "documents": [
            {"metadata": _plain(document.entry), "document": look_into_cda(document.data, words, document.entry.action)}
            for document in archive.documents
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


_LOOKS: dict[str, Callable[[bytes, Any], dict[str, Any]]] = {
    ".json": look_into_json,
    ".xml": look_into_xml,
    ".csv": look_into_csv,
    ".zip": look_into_archive,
    ".eml": look_into_mail,
}


def _event(read: Callable[[], tuple[Event, tuple[Notice, ...]]]) -> dict[str, Any]:
    """The event and what is told of it, or why it is none: an inspection shows what there is either way."""
    try:
        event, notices = read()
    except Rejected as rejected:
        return {"event": None, "notices": [], "faults": [told_fault(fault) for fault in rejected.faults]}
    return {"event": write_event(event), "notices": [told_notice(notice) for notice in notices], "faults": []}


def _plain(value: Any) -> Any:
    """A dataclass as JSON, without what is absent."""
    tree = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if isinstance(tree, dict):
        return {str(key): _plain(item) for key, item in tree.items() if item not in (None, (), [], {}, "")}
    if isinstance(tree, (list, tuple)):
        return [_plain(item) for item in tree]
    return tree if isinstance(tree, (str, int, float, bool)) or tree is None else str(tree)
