"""What a narrative shows beside its words: pictures of its entries, and attached files it can only name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.model.errors import Rejected
from gateway.pack.cda_parties import HL7, words
from gateway.pack.narrative import Block
from gateway.pack.pictures import Picture, passes, read_picture
from gateway.pack.xml import Element

PICTURE_LIMIT = 60  # pictures of one document
PASSES_LIMIT = 100_000_000  # pixels of all pictures, those included that are then not shown: some three seconds
TOGETHER_LIMIT = 4_000_000  # bytes of all pictures on the page: typst takes half a second for each million

_NO_PICTURE = "[Image non reproduite ici : elle est jointe au document électronique.]"
_NO_FILE = "[Fichier joint au document électronique, non reproduit ici : {kind}.]"


@dataclass(slots=True)
class Media:
    """The observationMedia of a document by the ID a renderMultiMedia names, or a regionOfInterest around it.

    content   gives the bytes an element holds; raises Rejected for wrong base64
    pictures  those that were shown, each once
    """

    root: Element
    content: Callable[[Element], bytes]
    pictures: list[Picture] = field(default_factory=list)
    _passed: int = 0
    _found: dict[str, Element] = field(default_factory=dict)
    _shown: dict[str, Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.root.iter(HL7 + "observationMedia"):
            self._found.setdefault(one.get("ID") or "", one)
            region = next(one.iterancestors(HL7 + "regionOfInterest"), None)
            if region is not None:
                self._found.setdefault(region.get("ID") or "", one)

    def show(self, id: str) -> Block:
        """The picture, or in words that there is one."""
        if id not in self._shown:
            self._shown[id] = self._show(self._found.get(id))
        return self._shown[id]

    def _show(self, media: Element | None) -> Block:
        value = None if media is None else next(media.iterchildren(HL7 + "value"), None)
        kind = "" if value is None else (value.get("mediaType") or "").strip().lower()
        if value is None or media is None:
            return {"remark": _NO_PICTURE}
        if not kind.startswith("image/"):
            return {"remark": _NO_FILE.format(kind="PDF" if kind == "application/pdf" else "autre format")}
        room = TOGETHER_LIMIT - sum(len(one.data) for one in self.pictures)
        picture = self._picture(value) if len(self.pictures) < PICTURE_LIMIT else None
        if picture is None or len(picture.data) > room:
            return {"remark": _NO_PICTURE}
        self.pictures.append(picture)
        label = words(next(media.iterchildren(HL7 + "id"), None)) or "Image du document"
        return {"picture": len(self.pictures) - 1, "alt": label, "width": max(picture.width * 100 // 900, 5)}

    def _picture(self, value: Element) -> Picture | None:
        try:
            data = self.content(value)
        except Rejected:
            return None
        self._passed += passes(data)
        return read_picture(data) if self._passed <= PASSES_LIMIT else None
