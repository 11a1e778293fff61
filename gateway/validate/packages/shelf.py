"""A shelf: the packages of one place, indexed when something is first asked of it, best definition first."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from gateway.model.errors import Broken
from gateway.validate.packages.archive import unpacked
from gateway.validate.packages.cache import Cache
from gateway.validate.packages.exact import loads
from gateway.validate.packages.index import Row, index_of, row_of
from gateway.validate.packages.package import CORE, Package, packages_in
from gateway.validate.packages.versions import answers, newness

HELD = ("Bundle", "ImplementationGuide", "Parameters")  # resources that may hold definitions
LARGEST = 60_000_000  # bytes of a file of definitions
_WHOLE = {"complete": 0, "": 1, "example": 3, "fragment": 3, "not-present": 4, "supplement": 5}


class Book(NamedTuple):
    """A definition on a shelf: its row, its package, and itself when it is no file of its own."""

    row: Row
    package: Package
    resource: dict[str, Any] | None = None


class Shelf:
    """Packages of one place, and their definitions by URL. What it holds is looked for once, when first asked."""

    def __init__(self, packages: Callable[[], Sequence[Package]], books: Callable[[Package], Iterable[Book]]) -> None:
        self._find, self._read = packages, books
        self._lock = Lock()
        self._packages: tuple[Package, ...] | None = None
        self._books: dict[str, list[Book]] | None = None
        self._supplements: dict[str, list[Book]] = {}

    @property
    def packages(self) -> tuple[Package, ...]:
        """Its packages of FHIR R4, those asked first at the beginning."""
        with self._lock:
            if self._packages is None:
                self._packages = tuple(in_order([one for one in self._find() if one.of_r4]))
            return self._packages

    def books(self, url: str) -> Sequence[Book]:
        """The definitions of a URL, the best first."""
        return self._indexed().get(url, ())

    def supplements(self, url: str) -> Sequence[Book]:
        """The supplements of a code system."""
        self._indexed()
        return self._supplements.get(url, ())

    def _indexed(self) -> dict[str, list[Book]]:
        if self._books is not None:
            return self._books
        packages = self.packages
        with self._lock:
            if self._books is None:
                books: dict[str, list[Book]] = {}
                place = {package.folder: number for number, package in enumerate(packages)}
                for package in packages:
                    for book in self._read(package):
                        books.setdefault(book.row.url, []).append(book)
                        if book.row.supplements:
                            self._supplements.setdefault(book.row.supplements, []).append(book)
                for several in books.values():
                    if len(several) > 1:
                        several.sort(key=lambda book: newness(book.row.version), reverse=True)
                        several.sort(key=lambda book: (_worth(book), place[book.package.folder]))
                self._books = books
            return self._books


def _worth(book: Book) -> tuple[int, bool]:
    """Whole code systems first; R4 core last for what is not its own: it froze HL7's terminology in 2019."""
    borrowed = book.package.id == CORE and not book.row.url.startswith("http://hl7.org/fhir/")
    return _WHOLE.get(book.row.role, 1) if book.row.kind == "CodeSystem" else 0, borrowed


def in_order(packages: Sequence[Package]) -> list[Package]:
    """The order in which packages are asked: as they lie, but of one package first the versions that others depend
    on, then the newest."""
    asked: dict[str, set[str]] = {}
    for package in packages:
        for id, version in package.dependencies.items():
            asked.setdefault(id, set()).add(version)
    first = {package.id: number for number, package in reversed(list(enumerate(packages)))}

    def needed(package: Package) -> bool:
        return any(answers(package.version, version) for version in asked.get(package.id, ()))

    newest = sorted(packages, key=lambda package: newness(package.version), reverse=True)
    return sorted(newest, key=lambda package: (first[package.id], not needed(package)))


def package_shelf(place: Path, cache: Cache) -> Shelf:
    """The packages of a place.

    Raises Broken, when first asked, if the place is not there or holds no package.
    """

    def packages() -> list[Package]:
        if not place.exists():
            raise Broken(f"There is no {place}", advice="Name a folder of FHIR packages, or a .tgz")
        found = [one if isinstance(one, Package) else unpacked(one, cache) for one in packages_in(place)]
        if not found:
            raise Broken(f"{place} holds no FHIR package", advice="Expected id#version/package/*.json or .tgz files")
        return found

    return Shelf(packages, lambda package: _rows(package, cache))


def own_shelf(folder: Path, cache: Cache) -> Shelf:
    """The definitions that travel with this product: the files of one folder, not of folders below it."""
    own = Package("passerelle", "", folder)
    return Shelf(lambda: [own], lambda package: _rows(package, cache))


def _rows(package: Package, cache: Cache) -> Iterable[Book]:
    return (Book(row, package) for row in index_of(package.folder, cache).rows)


def loose_shelf(files: Sequence[Path], read_xml: Callable[[bytes], Any]) -> Shelf:
    """Definitions from files given by hand, JSON or XML, alone or held in a Bundle or an ImplementationGuide."""
    package = Package("definitions", "", Path())
    books = [
        Book(row, package, resource)
        for file in files
        for resource in held_in(_told(file, read_xml))
        if (row := row_of(resource, str(file)))
    ]
    return Shelf(lambda: [package], lambda _: books)


def held_in(resource: Any) -> Iterable[dict[str, Any]]:
    """The resource itself, and those it holds."""
    if not isinstance(resource, dict):
        return
    yield resource
    if resource.get("resourceType") not in HELD:
        return
    parts = [*_list(resource.get("entry")), *_list(resource.get("parameter"))]
    for part in [*_list(resource.get("contained")), *(one.get("resource") for one in parts if isinstance(one, dict))]:
        yield from held_in(part)


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _told(file: Path, read_xml: Callable[[bytes], Any]) -> Any:
    """What a file holds. Raises Broken, naming the file."""
    try:
        if file.stat().st_size > LARGEST:
            raise Broken(f"{file} is too large", advice=f"Definitions may have {LARGEST // 1_000_000} MB")
        data = file.read_bytes()
    except OSError as error:
        raise Broken(f"{file} cannot be read", advice="Check its name and its rights") from error
    wrong = Broken(f"{file} is no FHIR definition", advice="Give a StructureDefinition, ValueSet or CodeSystem")
    try:
        told = read_xml(data) if data.removeprefix(BOM_UTF8).lstrip()[:1] == b"<" else loads(data)
    except ValueError as error:
        raise wrong from error
    if not isinstance(told, dict) or "resourceType" not in told:
        raise wrong
    return told
