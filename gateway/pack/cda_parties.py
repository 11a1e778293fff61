"""People and organisations in a CDA header, both ways: names, identifiers, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote

from gateway.pack.header import Body, Code, Id, Name, NamePart, Party, is_oid
from gateway.pack.xml import Element, put

HL7 = "{urn:hl7-org:v3}"
MOST = 500  # alike in one place of a header; what follows is not read
LONGEST = 20_000  # characters of one text of a header
# — writing


def put_id(parent: Element, id: Id | None, tag: str = "id") -> None:
    """An identifier, or the fact that it is not known."""
    if id is None:
        put(parent, tag, nullFlavor="UNK")
    else:
        put(parent, tag, root=id.root, extension=id.extension, assigningAuthorityName=id.authority)


def put_code(parent: Element, tag: str, code: Code | None) -> Element:
    """A code with its label and its list; what is not a code in CDA's eyes (blanks in it) is said as OTH."""
    if code is None:
        return put(parent, tag, nullFlavor="UNK")
    if not code.code or re.search(r"\s", code.code):
        return put(parent, tag, nullFlavor="OTH", displayName=code.display or code.code)
    named = is_oid(code.system) or code.system == "ASTM"
    listed = {"codeSystem": code.system} if named else {"codeSystemName": code.system}
    return put(parent, tag, code=code.code, displayName=code.display, **listed)


def put_name(parent: Element, name: Name | None) -> None:
    """A person's name; a family name that is not known is said so."""
    told = put(parent, "name")
    if name is None or not name.families:
        put(told, "family", nullFlavor="UNK")
    if name is None:
        return
    if name.prefix:
        put(told, "prefix", name.prefix)
    for part in name.families:
        put(told, "family", part.text, qualifier=part.qualifier)
    for part in name.givens:
        put(told, "given", part.text, qualifier=part.qualifier)
    if name.suffix:
        put(told, "suffix", name.suffix)


def put_body(parent: Element, tag: str, body: Body | None) -> None:
    """An organisation; its frame of practice when it is the performer's."""
    if body is None:
        return
    told = put(parent, tag)
    put_id(told, body.id)
    for other in body.others:
        put_id(told, other)
    if body.name:
        put(told, "name", body.name)
    if body.setting:
        put_code(told, "standardIndustryClassCode", body.setting)


def put_party(parent: Element, party: Party, organization: str, *, coded: bool = True, reachable: bool = False) -> None:
    """The inside of assignedAuthor, assignedEntity or intendedRecipient, in the schema's order.

    organization  the element its organisation goes into
    coded         False where the schema has no room for a profession (intendedRecipient)
    reachable     True where address and telecom are expected: unknown ones are said so
    """
    for id in party.ids or (None,):
        put_id(parent, id)
    if coded and party.code:
        told = put_code(parent, "code", party.code)
        for other in party.also:
            put_code(told, "translation", other)
    if reachable:
        put(parent, "addr", nullFlavor="NASK")
    if party.mail:
        put(parent, "telecom", value=f"mailto:{party.mail}")
    elif reachable:
        put(parent, "telecom", nullFlavor="NASK")
    if party.device:
        device = put(parent, "assignedAuthoringDevice")
        put(device, "manufacturerModelName", party.device[0])
        put(device, "softwareName", party.device[1])
    elif party.name:
        put_name(put(parent, "assignedPerson" if coded else "informationRecipient"), party.name)
    put_body(parent, organization, party.organization)


def telecom(system: str, value: str) -> str:
    """A phone number or mail address as the URL CDA wants."""
    scheme = {"phone": "tel", "email": "mailto", "fax": "fax"}[system]
    bare = value if system == "email" else re.sub(r"[\s.()-]", "", value)
    return f"{scheme}:{quote(bare, safe='@+')}"


# — reading: whatever is missing or strange reads as empty, never as an error


def children(element: Element | None, tag: str) -> Iterator[Element]:
    """Child elements of that name, in the document's order; no more than any header has."""
    if element is not None:
        yield from islice(element.iterchildren(HL7 + tag), MOST)


def at(element: Element | None, path: str) -> Element | None:
    """The first element at a path of names."""
    for tag in path.split("/"):
        element = next(children(element, tag), None)
    return element


def words(element: Element | None) -> str:
    """The element's text; one that is broken over lines is folded, one that is not is kept to the space."""
    if element is None:
        return ""
    text = "".join(str(part) for part in islice(element.itertext(), MOST))[:LONGEST]
    return " ".join(text.split()) if "\n" in text or "\t" in text else text


def get(element: Element | None, name: str) -> str:
    """An attribute, "" when absent."""
    return str(element.get(name, "")) if element is not None else ""


def read_id(element: Element | None) -> Id | None:
    """An identifier; None when it has no root."""
    root = get(element, "root")
    return Id(root, get(element, "extension"), get(element, "assigningAuthorityName")) if root else None


def read_ids(element: Element | None) -> tuple[Id, ...]:
    """Every identifier of an element."""
    return tuple(id for child in children(element, "id") if (id := read_id(child)))


def read_code(element: Element | None) -> Code | None:
    """A code; None when it has none."""
    code = get(element, "code")
    if not code:
        return None
    return Code(code, get(element, "displayName"), get(element, "codeSystem") or get(element, "codeSystemName"))


def read_translations(element: Element | None) -> tuple[Code, ...]:
    """The same code in other lists."""
    return tuple(code for child in children(element, "translation") if (code := read_code(child)))


def read_name(element: Element | None) -> Name | None:
    """The first name of a person; a name without parts is taken as a family name, an empty one as none."""
    told = next(children(element, "name"), None)
    if told is None:
        return None
    families = _parts(told, "family")
    givens = _parts(told, "given")
    if not families and not givens and words(told).strip():
        families = (NamePart(words(told)),)
    if not families and not givens:
        return None
    prefix, suffix = words(at(told, "prefix")), words(at(told, "suffix"))
    return Name(families=families, givens=givens, prefix=prefix, suffix=suffix)


def _parts(told: Element, tag: str) -> tuple[NamePart, ...]:
    return tuple(NamePart(words(part), get(part, "qualifier")) for part in children(told, tag) if words(part).strip())


def read_body(element: Element | None) -> Body | None:
    """An organisation; None when the element is absent."""
    if element is None:
        return None
    setting = read_code(at(element, "standardIndustryClassCode"))
    ids = read_ids(element)
    return Body(id=next(iter(ids), None), name=words(at(element, "name")), setting=setting, others=ids[1:])


def read_party(element: Element | None, organization: str) -> Party:
    """What put_party wrote."""
    device = at(element, "assignedAuthoringDevice")
    mails = (get(one, "value") for one in children(element, "telecom"))
    person = at(element, "assignedPerson")
    return Party(
        ids=read_ids(element),
        code=read_code(at(element, "code")),
        also=read_translations(at(element, "code")),
        name=read_name(person if person is not None else at(element, "informationRecipient")),
        device=(words(at(device, "manufacturerModelName")), words(at(device, "softwareName")))
        if device is not None
        else None,
        organization=read_body(at(element, organization)),
        mail=next((mail.removeprefix("mailto:") for mail in mails if mail.startswith("mailto:")), ""),
    )
