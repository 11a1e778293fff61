"""IHE_XDM.zip, both ways: documents with the metadata of their own headers, on a medium (IHE ITI-32).

Layout and French rules: CI-SIS, Volet transmission d'un document CDA par messagerie; names are ISO 9660 level 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.facts import Facts
from gateway.model.faults import Fault
from gateway.pack import times, xml
from gateway.pack.cda import Cda, read_cda, read_header
from gateway.pack.header import Header, Name
from gateway.pack.metadata import ENTRY_LIMIT, read_metadata, write_metadata
from gateway.pack.packed import Minted, Software
from gateway.pack.xds import Action, Entry, Submission, activity_of, describe, digest, submit
from gateway.pack.xds_words import ESSENTIAL, omitted
from gateway.pack.zips import Part, read_zip, write_zip

FOLDER = "IHE_XDM/SUBSET01/"
_ROOT = re.compile(rb"[^<]*(?:<[!?][^<]*)*<(?:[\w.-]{1,40}:)?([\w.-]{1,40})[\s>/]")  # the first element's name
DOCUMENT_LIMIT = ENTRY_LIMIT  # documents in one archive


@dataclass(frozen=True, slots=True, repr=False)
class Enclosed:
    """A CDA document to send, byte for byte; `masks` and `action` are what the sender asks beyond its header."""

    data: bytes
    masks: tuple[str, ...] = ()
    action: Action | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A document found in an archive, with what the metadata say of it."""

    data: bytes
    entry: Entry

    @property
    def facts(self) -> Facts:
        """What the metadata say, whatever the document itself says."""
        return self.entry.facts

    def cda(self) -> Cda:
        """The document read as CDA. Raises Rejected as read_cda does."""
        return read_cda(self.data)


@dataclass(frozen=True, slots=True, repr=False)
class Archive:
    """An archive read.

    findings   contradictions a reader can live with: wrong internal references, INDEX.HTM or README.TXT missing
    omissions  what an entry should say in France and does not (`incomplete-metadata`), at ("documents", n)
    """

    submission: Submission
    documents: tuple[Document, ...]
    findings: tuple[Fault, ...] = ()
    omissions: tuple[Fault, ...] = ()

    @property
    def facts(self) -> Facts:
        """The Facts of the first document's metadata; whoever reads several compares each."""
        return self.documents[0].facts


def write_archive(enclosed: Sequence[Enclosed], minted: Minted, software: Software, terms: Terms) -> bytes:
    """The archive of one or more CDA documents of one patient.

    Metadata come from each document's own header. The same arguments give the same bytes.
    Raises Rejected `too-many` beyond DOCUMENT_LIMIT; at ("documents", n), counted from 0, all that is wrong with each:
    as read_cda does, `incomplete-metadata` (what nobody can file a document without), `mixed-patients`,
    `repeated-document`.
    """
    documents: list[tuple[Enclosed, Header]] = []
    faults: list[Fault] = []
    for number, one in enumerate(enclosed):
        try:
            documents.append((one, read_header(one.data)))
        except Rejected as unread:
            faults += [fault.under("documents", number) for fault in unread.faults]
    if faults:
        raise Rejected(faults)
    return assemble(documents, minted, software, terms)[0]


def assemble(
    documents: Sequence[tuple[Enclosed, Header]], minted: Minted, software: Software, terms: Terms
) -> tuple[bytes, bytes]:
    """The same for documents whose headers have just been read from those very bytes; its METADATA.XML beside it."""
    if not 0 < len(documents) <= DOCUMENT_LIMIT:
        raise Rejected([Fault("too-many", about=str(DOCUMENT_LIMIT))])
    names = [f"DOC{number:04}.XML" for number in range(1, len(documents) + 1)]
    entries = [
        describe(header, one.data, name, terms, masks=one.masks, action=one.action, mime_type=_mime(one.data, software))
        for (one, header), name in zip(documents, names, strict=True)
    ]
    if faults := list(_unfit(entries)):
        raise Rejected(faults)
    first = documents[0][1]
    by_place = software.disputed.content_type == "facility"
    kind = entries[0].facility if by_place else activity_of(first, terms)
    time, unique_id = times.utc_now(minted.at), minted.oid("submission-set")
    submission = submit(entries[0], first, time=time, unique_id=unique_id, content_type=kind)
    metadata = write_metadata(submission, entries, minted)
    parts = [
        Part("INDEX.HTM", _index(first)),
        Part("README.TXT", _readme(first, software, names)),
        Part("IHE_XDM/"),
        Part(FOLDER),
        Part(FOLDER + "METADATA.XML", metadata),
    ]
    for name, (one, header) in zip(names, documents, strict=True):
        parts.append(Part(FOLDER + name, one.data, encoded=bool(header.media_type)))
    return write_zip(parts, minted.at), metadata


def _mime(data: bytes, software: Software) -> str:
    """The MIME type of a document: another one may be wished for one that stands in its own style sheet."""
    root = _ROOT.match(data[:10_000])
    return software.disputed.self_presenting if root and root[1] in (b"stylesheet", b"transform") else "text/xml"


def _unfit(entries: Sequence[Entry]) -> Iterator[Fault]:
    """What keeps these entries from standing in one archive."""
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        place = ("documents", number)
        if missing := omitted(entry, ESSENTIAL):
            yield Fault("incomplete-metadata", place, ", ".join(missing))
        if entry.patient_id != entries[0].patient_id:
            yield Fault("mixed-patients", place)
        if entry.unique_id in seen:
            yield Fault("repeated-document", place)
        seen.add(entry.unique_id)


def read_archive(data: bytes) -> Archive:
    """The documents of an archive, ours or another's.

    Raises Rejected as read_zip does for what is dangerous or no ZIP, `not-an-archive` when there is no METADATA.XML,
    as read_metadata does, and `broken-archive` at ("documents", n) for a document whose bytes are not those its entry
    describes: hash, size, or URI (no such file, or not its own). What a reader can live with stands in the Archive.
    """
    files = {name.upper(): content for name, content in read_zip(data).items()}
    listed = sorted(name for name in files if name.startswith("IHE_XDM/") and name.endswith("/METADATA.XML"))
    if not listed:
        raise Rejected([Fault("not-an-archive", about="METADATA.XML")])
    documents: list[Document] = []
    findings = [Fault("broken-archive", about=name) for name in ("INDEX.HTM", "README.TXT") if name not in files]
    metadata = [(name, read_metadata(files[name])) for name in listed]
    entries = [(name.removesuffix("METADATA.XML"), entry) for name, one in metadata for entry in one.entries]
    faults: list[Fault] = []
    free = files.keys() - set(listed)
    for number, (folder, entry) in enumerate(entries):
        path, place = folder + entry.uri.removeprefix("./").upper(), ("documents", number)
        if path in free:
            free.remove(path)  # one file, one entry
            faults += [Fault("broken-archive", place, about) for about in _contradictions(entry, files[path])]
            documents.append(Document(files[path], entry))
        else:
            faults.append(Fault("broken-archive", place, "URI"))
    if faults:
        raise Rejected(faults)
    omissions = tuple(
        Fault("incomplete-metadata", ("documents", number), ", ".join(missing))
        for number, (_, entry) in enumerate(entries)
        if (missing := omitted(entry))
    )
    findings += [finding for _, one in metadata for finding in one.findings]
    return Archive(metadata[0][1].submission, tuple(documents), tuple(dict.fromkeys(findings)), omissions)


def _contradictions(entry: Entry, content: bytes) -> list[str]:
    """What the entry says of the file and is not so; what it does not say contradicts nothing."""
    checks = {
        "hash": bool(entry.hash) and digest(content) != entry.hash,
        "size": entry.size >= 0 and len(content) != entry.size,
    }
    return [name for name, wrong in checks.items() if wrong]


def _sender(header: Header) -> tuple[str, str, str]:
    """(person, organisation, its identifier) of the first author; the custodian where the author has no site."""
    author = header.authors[0] if header.authors else None
    name = (author.name if author else None) or Name()
    parts = (name.suffix, name.families[0].text if name.families else "", name.givens[0].text if name.givens else "")
    body = (author.organization if author else None) or header.custodian
    return " ".join(part for part in parts if part), body.name, body.id.extension if body.id else ""


def _index(header: Header) -> bytes:
    person, organization, number = _sender(header)
    who = escape(xml.clean(f"{organization or person} ({number})" if number else organization or person))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr">\r\n'
        "<head><title>IHE XDM</title></head>\r\n<body>\r\n"
        f"<p>Emetteur : {who}</p>\r\n"
        '<p>Voir le fichier <a href="README.TXT">ReadMe</a></p>\r\n'
        "</body>\r\n</html>\r\n"
    ).encode()


def _readme(header: Header, software: Software, names: Sequence[str]) -> bytes:
    """Sender, application, how to read, what is where: 7-bit ASCII, CRLF (IHE ITI TF-2b §3.32.4.1.2.2)."""
    person, organization, number = _sender(header)
    lines = [
        "Emetteur :",
        "==========",
        f"    . Nom : {person}",
        f"    . Organisme : {organization} ({number})" if number else f"    . Organisme : {organization}",
        *([f"    . Contact : {software.contact}"] if software.contact else []),
        "",
        "Application de l'emetteur :",
        "===========================",
        f"    . Nom : {software.name}",
        f"    . Version : {software.version}",
        f"    . Editeur : {software.vendor}",
        "",
        "Instructions :",
        "==============",
        "    . Consultez les documents recus par messagerie securisee de sante dans votre logiciel.",
        "    . Sans logiciel adapte, lisez le PDF joint au message : c'est le meme document.",
        "",
        "Arborescence :",
        "==============",
        "    README.TXT",
        "    INDEX.HTM",
        "    IHE_XDM",
        "        SUBSET01",
        "            METADATA.XML",
        *(f"            {name}" for name in names),
        "",
    ]
    return "\r\n".join(_ascii(line) for line in lines).encode("ascii")


def _ascii(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("’", "'"))
    kept = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else "?" for char in kept)
