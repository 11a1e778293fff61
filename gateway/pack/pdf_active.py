"""What a PDF would do beside being read: scripts, programs, calls, films, files inside it.

Looked for where a reader would find it: what is opened with the document or a page, its names, form, bookmarks and
annotations, and streams whose bytes lie elsewhere. A link a person may follow is no such thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, get_args

import pikepdf

LOOK_LIMIT = 30_000  # dictionaries, arrays and streams looked into

ActiveCode = Literal[
    "pdf-script",
    "pdf-launch",
    "pdf-calls-out",
    "pdf-other-file",
    "pdf-multimedia",
    "pdf-attachment",
    "pdf-xfa",
    "pdf-external-stream",
    "pdf-unsearched",
]
ACTIVE_CODES: tuple[ActiveCode, ...] = get_args(ActiveCode)

# ISO 32000-1: actions §12.6.4 by their /S, annotations §12.5.6 by their /Subtype, and keys that say it alone.
_ACTIONS: dict[str, ActiveCode] = {
    "/JavaScript": "pdf-script",
    "/Launch": "pdf-launch",
    "/SubmitForm": "pdf-calls-out",
    "/ImportData": "pdf-calls-out",
    "/GoToR": "pdf-other-file",
    "/GoToE": "pdf-other-file",
    "/Movie": "pdf-multimedia",
    "/Sound": "pdf-multimedia",
    "/Rendition": "pdf-multimedia",
    "/GoTo3DView": "pdf-multimedia",
    "/RichMediaExecute": "pdf-multimedia",
}
_ANNOTATIONS: dict[str, ActiveCode] = {
    "/RichMedia": "pdf-multimedia",
    "/Movie": "pdf-multimedia",
    "/Sound": "pdf-multimedia",
    "/Screen": "pdf-multimedia",
    "/3D": "pdf-multimedia",
    "/FileAttachment": "pdf-attachment",
}
_KEYS: dict[str, ActiveCode] = {
    "/JS": "pdf-script",
    "/JavaScript": "pdf-script",
    "/EmbeddedFiles": "pdf-attachment",
    "/EF": "pdf-attachment",
    "/XFA": "pdf-xfa",
}
_BY_ITSELF = frozenset({"/OpenAction", "/AA"})
_OPENED = ("/OpenAction", "/AA", "/Names", "/AF")
_SHOWN = ("/AcroForm", "/Outlines")  # after the pages: what a page shows is told as the page's
_OF_PAGE = ("/AA", "/Annots", "/AF", "/Contents")
_UPWARD = frozenset({"/Parent", "/P", "/Pg", "/Popup", "/IRT", "/Dest", "/D", "/Dests", "/Prev", "/Last", "/SE"})
_DRAWN = ("/XObject", "/Font", "/Pattern")


@dataclass(frozen=True, slots=True)
class Active:
    """One kind of thing it would do. `pages` count from 1; none for what belongs to the document as a whole."""

    code: ActiveCode
    pages: tuple[int, ...] = ()


def find_active(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> tuple[Active, ...]:
    """Each kind found once, with its pages. `pdf-unsearched` when there is more than LOOK_LIMIT allows to look at."""
    found: dict[ActiveCode, set[int]] = defaultdict(set)
    look = _Look(pages)
    of_pages = ((number, page, key) for number, page in enumerate(pages, start=1) for key in _OF_PAGE)
    opened, shown = (((0, pdf.Root, key) for key in keys) for keys in (_OPENED, _SHOWN))
    for number, holder, key in chain(opened, of_pages, shown):
        for code in look.below(holder.get(key), by_itself=key in _BY_ITSELF):
            found[code].add(number)
    for number, page in enumerate(pages, start=1):
        for code in look.drawn(page.get("/Resources")):
            found[code].add(number)
    if look.left < 0:
        found["pdf-unsearched"].add(0)
    return tuple(Active(code, tuple(sorted(found[code] - {0}))) for code in ACTIVE_CODES if code in found)


class _Look:
    """One search through a file: nothing is looked at twice, and not without end."""

    def __init__(self, pages: Sequence[pikepdf.Object]) -> None:
        self.left = LOOK_LIMIT
        self._seen = {page.objgen for page in pages if page.is_indirect}  # they have their turn

    def below(self, start: object, *, by_itself: bool) -> Iterator[ActiveCode]:
        """What is active in an object and in all it leads to. `by_itself`: it acts without being clicked."""
        waiting = [(start, by_itself)]
        while waiting:
            node, alone = waiting.pop()
            if isinstance(node, pikepdf.Array):
                if self._new(node, len(node)):
                    waiting.extend((kid, alone) for kid in reversed(list(node)))
            elif isinstance(node, pikepdf.Dictionary | pikepdf.Stream) and self._new(node):
                yield from _acts(node, alone)
                waiting.extend((value, alone or key in _BY_ITSELF) for key, value in node.items() if key not in _UPWARD)

    def drawn(self, resources: object) -> Iterator[ActiveCode]:
        """Streams elsewhere among what pages are drawn from, forms within forms included."""
        waiting = [resources]
        while waiting:
            node = waiting.pop()
            if not isinstance(node, pikepdf.Dictionary | pikepdf.Stream) or not self._new(node):
                continue
            if isinstance(node, pikepdf.Stream):
                yield from _acts(node, alone=False)
                waiting.append(node.get("/Resources"))
                continue
            for kind in _DRAWN:
                named = node.get(kind)
                if isinstance(named, pikepdf.Dictionary) and self._new(named, len(named)):
                    waiting.extend(value for _, value in named.items())
            procedures = node.get("/CharProcs")  # of a font drawn by streams of its own
            if isinstance(procedures, pikepdf.Dictionary) and self._new(procedures, len(procedures)):
                waiting.extend(value for _, value in procedures.items())

    def _new(self, node: pikepdf.Object, size: int = 0) -> bool:
        """Whether to look into it: not seen before, and there is some looking left."""
        self.left -= 1 + size
        if self.left < 0:
            return False
        if not node.is_indirect:
            return True
        if node.objgen in self._seen:
            return False
        self._seen.add(node.objgen)
        return True


def _acts(node: pikepdf.Object, alone: bool) -> Iterator[ActiveCode]:
    """What this very object is."""
    if isinstance(node, pikepdf.Stream) and "/F" in node:
        yield "pdf-external-stream"  # ISO 32000-1 §7.3.8.2: the bytes are fetched from a file
    action, annotation = str(node.get("/S", "")), str(node.get("/Subtype", ""))
    if action in _ACTIONS:
        yield _ACTIONS[action]
    elif action == "/URI" and alone:
        yield "pdf-calls-out"
    if annotation in _ANNOTATIONS:
        yield _ANNOTATIONS[annotation]
    yield from (code for key, code in _KEYS.items() if key in node)
