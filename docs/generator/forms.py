"""Forms of an event, taken apart: what stands at which place of the Bundle, the CDA, the metadata, the mail."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from gateway import translate
from gateway.cli.offline import pack_files
from gateway.config import Settings, load
from gateway.wiring import Words, open_words

if TYPE_CHECKING:
    from gateway.model.event import Event
    from gateway.model.known import Known

Form = Mapping[str, tuple[str, ...]]
"""Place → everything that stands there."""

HERE = Path(__file__).parent
ROUTES = HERE / "routes.yaml"

MADE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|2\.25\.\d+")
"""Identifiers made from others: they follow whatever they are made from."""

_FOLLOWS = {"fullUrl", "reference", "url", "hash", "size", "request", "resourceType"}
_TAIL = re.compile(
    r"\.coding\b.*$|(?<=\.identifier)\..*$|(?<=\.class)\.\w+$|(?<=\.format)\.\w+$|\.(value|system|display|text|use)$"
)
_SCHEMES = {  # IHE ITI TF-3 §4.2.5: what a classification or an external identifier says
    "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d": "author",
    "aa543740-bdda-424e-8c96-df4873be8500": "contentTypeCode",
    "6b5aea1a-874d-4603-a4bc-96a0a7b38446": "patientId",
    "554ac39e-e3fe-47fe-b233-965d2a147832": "sourceId",
    "96fdda7c-d067-4183-912e-bf5ee74998a8": "uniqueId",
    "93606bcf-9494-43ec-9b4e-a7748d1a838d": "author",
    "41a5887f-8865-4c09-adf7-e362475b143a": "classCode",
    "f0306f51-975f-434e-a61c-c59651d33983": "typeCode",
    "a09d5840-386c-46f2-b5ad-9c3699a4309d": "formatCode",
    "f4f85eac-e6cb-4883-b524-f2705394840f": "confidentialityCode",
    "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1": "healthcareFacilityTypeCode",
    "cccf5598-8b07-4b77-a05e-ae952c785ead": "practiceSettingCode",
    "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4": "eventCodeList",
    "58a6f841-87b3-4a3e-92fd-a8ffeff98427": "patientId",
    "2e82c1f6-a085-4c72-9da3-8640a32e42ab": "uniqueId",
}
_TOLD_APART = {"family": "qualifier", "given": "qualifier", "participant": "typeCode", "relatedDocument": "typeCode"}
"""The attribute by which elements of one name mean different things."""


@cache
def words() -> Words:
    """The code lists of the project."""
    return open_words(only=("canonical",))


@cache
def settings() -> Settings:
    """Those of the reference, without the files they name; every member and the treating physician get a mail."""
    shown = load(HERE / "passerelle.yaml")
    nothing = {"directory": type(shown.directory)(), "white_list": None}
    return shown.model_copy(update={"routes": ROUTES, **nothing})


def bundle(event: Event, known: Known) -> dict[str, Form]:
    """The FHIR transaction alone, element by element: `Patient.name.family`."""
    return {"fhir": _bundle(translate.to_bundle(event, known, words().terms))}


def every_form(event: Event, known: Known) -> dict[str, Form]:
    """The transaction, the CDA document, the archive's metadata and the mail, each place by place."""
    files = pack_files(event, known, words(), settings())
    with zipfile.ZipFile(io.BytesIO(files["IHE_XDM.zip"])) as archive:
        inside = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    brought = getattr(getattr(event, "report", None), "document", None) is not None
    covers = {name: (inside[name].decode(),) for name in ("INDEX.HTM", "README.TXT")}
    return {
        "fhir": _bundle(json.loads(files["bundle.json"])),
        "cda": _cda(files["document.xml"], body=brought),
        "xdm": {**_metadata(inside["METADATA.XML"]), **covers},
        "mail": {**_mail(files["message.eml"]), "PDF": (files["document.pdf"].hex(),)},
    }


def _bundle(transaction: Any) -> Form:
    found: dict[str, list[str]] = defaultdict(list)
    for place, value in _elements(transaction, ""):
        found[_short(place)].append(f"{place}={value}")
    return _form(found)


@cache
def _short(place: str) -> str:
    """The element a person would name: `Practitioner.identifier`, not its `value`; an extension, not its inside."""
    whole, extension, rest = place.partition(".extension(")
    place = f"{whole}{extension}{rest.partition(')')[0]})" if extension else _TAIL.sub("", place)
    return place if place[0].isupper() else f"Bundle.{place}"


def _form(found: Mapping[str, list[str]]) -> Form:
    return {place: tuple(sorted(values)) for place, values in found.items()}


def _elements(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _FOLLOWS or (name in ("id", "meta") and value.get("resourceType", "Bundle") != "Bundle"):
                continue
            if name == "resource":
                yield from _elements(inner, inner["resourceType"])
            elif name == "contained":
                for one in inner:
                    yield from _elements(one, one["resourceType"])
            elif name == "extension":
                for one in inner:
                    yield from _elements(one, f"{place}.extension({one['url'].rpartition('/')[2]})")
            else:
                yield from _elements(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for one in value:
            yield from _elements(one, place)
    elif isinstance(value, str):
        yield place, MADE.sub("made", value)
    else:
        yield place, str(value)


def _cda(document: bytes, *, body: bool) -> Form:
    found: dict[str, list[str]] = defaultdict(list)
    root = ElementTree.fromstring(document)  # noqa: S314 (written by us a moment ago)
    component = next(one for one in root if one.tag.endswith("}component"))
    if not body:
        root.remove(component)  # the page holds what the mail's PDF holds
    for one in root:
        _walk(one, "", found)
    return _form(found)


def _walk(element: ElementTree.Element, place: str, found: dict[str, list[str]]) -> None:
    name = element.tag.rpartition("}")[2]
    key = _TOLD_APART.get(name, "")
    told = f"[@{key}='{element.get(key)}']" if key in element.attrib else ""
    place = f"{place}/{name}{told}".lstrip("/")
    values = [f"{name}={value}" for name, value in sorted(element.attrib.items()) if name != key]
    if text := (element.text or "").strip():
        values.append(text)
    if values:
        found[place] += values
    for one in element:
        _walk(one, place, found)


def _metadata(document: bytes) -> Form:
    found: dict[str, list[str]] = defaultdict(list)
    for one in ElementTree.fromstring(document).iter():  # noqa: S314
        kind = one.tag.rpartition("}")[2]
        if kind in ("RegistryPackage", "ExtrinsicObject"):
            whose = "SubmissionSet." if kind == "RegistryPackage" else ""
            _describe(one, whose, found)
    return _form(found)


def _describe(element: ElementTree.Element, whose: str, found: dict[str, list[str]]) -> None:
    for one in element:
        kind = one.tag.rpartition("}")[2]
        scheme = (one.get("classificationScheme") or one.get("identificationScheme") or "").removeprefix("urn:uuid:")
        if kind == "Slot":
            _slot(one, whose, found)
        elif kind == "ExternalIdentifier":
            found[whose + _SCHEMES[scheme]].append(one.get("value", ""))
        elif kind == "Name":
            found[f"{whose}title"] += [text.get("value", "") for text in one]
        elif kind == "Classification" and _SCHEMES.get(scheme) == "author":
            for slot in one:
                _slot(slot, f"{whose}author.", found)
        elif kind == "Classification" and scheme:
            found[whose + _SCHEMES[scheme]] += [one.get("nodeRepresentation", ""), *_texts(one)]


def _slot(element: ElementTree.Element, whose: str, found: dict[str, list[str]]) -> None:
    name = element.get("name", "").rpartition(":")[2]
    if name in _FOLLOWS or name == "submissionTime":
        return
    for text in _texts(element):
        field, bar, rest = text.partition("|") if name == "sourcePatientInfo" else ("", "", text)
        kind = " (birth)" if field == "PID-5" and rest.endswith("L") else " (used)" if field == "PID-5" else ""
        found[whose + name + (f" {field}{kind}" if bar else "")].append(rest)


def _texts(element: ElementTree.Element) -> list[str]:
    named = [one.get("value", "") for one in element.iter() if one.tag.endswith("}LocalizedString")]
    return [*named, *((one.text or "") for one in element.iter() if one.tag.endswith("}Value"))]


def _mail(raw: bytes) -> Form:
    """Headers, text and file names as they are written: whether they differ is all that is asked."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    said = {name.decode(): (value.decode(),) for name, _, value in (field.partition(b":") for field in fields)}
    for name in ("Message-ID", "Content-Type", "Date"):
        said.pop(name, None)
    boundary = rest.partition(b"\r\n")[0]
    _, text, *files = rest.split(boundary)
    names = [re.findall(rb"filename[^\r]*(?:\r\n[ \t][^\r]*)*", part.partition(b"\r\n\r\n")[0]) for part in files]
    return {**said, "body": (text.decode(),), "PDF name": tuple(name.decode() for some in names for name in some)}
