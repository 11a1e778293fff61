"""Every definition at hand, found by its canonical: what was given by hand, packages, and those of this product.

Nothing is read before it is asked for. A library is shared by threads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from gateway.validate.models import Models
from gateway.validate.packages.cache import Cache
from gateway.validate.packages.exact import loads
from gateway.validate.packages.package import CORE, Package
from gateway.validate.packages.repackaged import LATER, as_published
from gateway.validate.packages.shelf import Book, Shelf, loose_shelf, own_shelf, package_shelf
from gateway.validate.packages.versions import answers

Resource = dict[str, Any]

CORE_ROOT = "http://hl7.org/fhir/StructureDefinition/"
_AT_HAND = 24  # resources: who compiles them keeps what he made of them


class Library:
    """The definitions of some shelves, the first shelf before the second.

    A canonical may carry a version (`url|2.1.0`). Exactly that version is taken where it is; otherwise the best other
    one, since guides pin versions that never were (NOS `|1.3.0`): a version asked for never hides a definition.
    Several definitions of one canonical are no fault: whole code systems go before fragments, then the newest.
    """

    def __init__(self, shelves: Iterable[Shelf], models: Models) -> None:
        self._shelves = tuple(shelves)
        self._models = models
        self._lock = Lock()
        self._at_hand: OrderedDict[Path, Resource] = OrderedDict()

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages at hand, in the order in which they are asked."""
        return tuple(package for shelf in self._shelves for package in shelf.packages)

    @cached_property
    def has_core(self) -> bool:
        """Is the R4 core package there? Without it base types come from models and nothing is known of HL7's codes."""
        return any(package.id == CORE for package in self.packages)

    @cached_property
    def _guides(self) -> tuple[str, ...]:
        roots = {package.canonical.rstrip("/") for package in self.packages if package.id != CORE}
        return tuple(f"{root}/StructureDefinition/" for root in sorted(roots) if root)

    def publishes(self, url: str) -> bool:
        """Would a guide at hand define this extension or profile, by its URL? HL7 publishes beside its core too."""
        return url.startswith(self._guides)

    def find(self, canonical: str, kind: str | None = None) -> Resource | None:
        """The definition of a canonical, of one resource type when `kind` says so; None when there is none."""
        book = self._book(canonical, kind)
        return self._opened(book) if book else None

    def structure_definition(self, canonical: str) -> Resource | None:
        """The StructureDefinition of a canonical, base types included."""
        url = canonical.partition("|")[0]
        if url.startswith(CORE_ROOT) and not self.has_core and (made := self._models.type(url[len(CORE_ROOT) :])):
            return made
        return self.find(canonical, "StructureDefinition")

    def value_set(self, canonical: str) -> Resource | None:
        """The ValueSet of a canonical; R4's own short lists are there with no package."""
        return self.find(canonical, "ValueSet") or self._models.value_set(canonical)

    def code_system(self, canonical: str) -> Resource | None:
        """The CodeSystem of a system's URL or canonical, never a supplement."""
        return self.find(canonical, "CodeSystem")

    def supplements(self, url: str) -> tuple[Resource, ...]:
        """The supplements of a code system, by its URL."""
        books = [book for shelf in self._shelves for book in shelf.supplements(url.partition("|")[0])]
        return tuple(filter(None, map(self._opened, books)))

    def type_definition(self, name: str) -> Resource | None:
        """A type of R4 as a StructureDefinition with a snapshot: HL7's own, else made from models; None if unknown."""
        for shelf in self._shelves if name not in LATER else ():
            for book in shelf.books(CORE_ROOT + name):
                if book.package.id == CORE and book.row.kind == "StructureDefinition" and book.row.role != "constraint":
                    return self._opened(book)
        return None if self.has_core else self._models.type(name)

    def mentions(self, canonical: str) -> bool:
        """Is there a definition of that URL, of whatever kind and version?"""
        return self._book(canonical.partition("|")[0], None) is not None

    def after(self, shelf: Shelf) -> Library:
        """The same library, with a shelf that is asked before all others."""
        return Library([shelf, *self._shelves], self._models)

    def read_xml(self, data: bytes) -> Resource | None:
        """A definition in XML, as JSON; None when it is none that can be read."""
        from gateway.validate.check.shape import Shapes
        from gateway.validate.compile.structures import Structures
        from gateway.validate.source import Reader

        return Reader(Shapes(Structures(self))).read(data, media_type="xml").tree

    def _book(self, canonical: str, kind: str | None) -> Book | None:
        url, _, version = canonical.partition("|")
        other: Book | None = None
        for shelf in self._shelves:
            for book in shelf.books(url):
                row = book.row
                if (kind and row.kind != kind) or (row.role == "supplement" and kind == "CodeSystem"):
                    continue
                if not version or row.version == version:
                    return book
                if other is None or (answers(row.version, version) and not answers(other.row.version, version)):
                    other = book
        return other

    def _opened(self, book: Book) -> Resource | None:
        if book.resource is not None:
            return book.resource
        file = book.package.folder / book.row.file
        with self._lock:
            if (kept := self._at_hand.get(file)) is not None:
                self._at_hand.move_to_end(file)
                return kept
        resource = _loaded(file)
        if resource is not None and book.package.id == CORE:
            resource = as_published(resource)
        if resource is not None:
            with self._lock:
                self._at_hand[file] = resource
                while len(self._at_hand) > _AT_HAND:
                    self._at_hand.popitem(last=False)
        return resource


def open_library(
    *,
    packages: Sequence[Path] = (),
    definitions: Sequence[Path] = (),
    own: Path | None = None,
    cache: Path | None = None,
) -> Library:
    """A library of loose definition files, then packages (each place in the order given), then this product's own.

    packages  places in any layout `packages_in` knows
    cache     folder for what is worked out of packages (see `default_cache`); None keeps nothing

    Raises Broken when a file of definitions cannot be read, or a place holds no package.
    """
    kept = Cache(cache)
    shelves = [package_shelf(place, kept) for place in packages]
    library = Library([*shelves, *([own_shelf(own, kept)] if own else [])], Models(kept))
    return library.after(loose_shelf(definitions, library.read_xml)) if definitions else library


def _loaded(file: Path) -> Resource | None:
    """A definition; None if it is gone meanwhile."""
    try:
        told = loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
