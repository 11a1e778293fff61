"""Packages fetched from registries into a package cache, each with what it depends on: checked, then placed at once."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.model.errors import Broken, Unreachable
from gateway.validate.packages.archive import ArchiveRefused, unpack
from gateway.validate.packages.lock import Lock, checksum
from gateway.validate.packages.package import Package, packages_in
from gateway.validate.packages.registry import NotThere, Offer, Registry, registry_client
from gateway.validate.packages.versions import answers, newness
from gateway.validate.packages.wanted import Wanted, can_be_named

State = Literal["there", "installed", "missing", "refused", "unreachable"]
Progress = Callable[[str, int, int | None], None]
"""Told while an archive comes: the package, its bytes so far, and how many there are when the registry says so."""

_PASSING = ".parts"  # archives on their way; kept when cut, to go on with


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one package.

    wanted  it was asked for; else another one depends on it
    optional  it may be in no registry: its absence is no fault
    sha256  of its archive, when it was fetched now
    fr, en  a sentence for whoever waits
    """

    name: str
    state: State
    wanted: bool
    fr: str
    en: str
    sha256: str = ""
    optional: bool = False

    @property
    def faulty(self) -> bool:
        """Is something asked for not there? What a package depends on may be in no registry (`dev`, `current`)."""
        absent = self.state in {"missing", "unreachable"}
        return self.state == "refused" or (absent and self.wanted and not self.optional)


def install(
    wanted: Sequence[Wanted], *, into: Path, registries: Sequence[str], progress: Progress, patience_s: float = 60.0
) -> tuple[Placed, ...]:
    """Have each wanted package, and what it depends on, in a package cache. What is there is left alone.

    registries  asked in this order, the next one where one does not have a package or does not answer
    patience_s  seconds without a byte after which a registry does not answer; how long an archive takes is its affair

    Raises Broken when the folder cannot be written.
    """
    try:
        with ExitStack() as opened:
            clients = {url: opened.enter_context(registry_client(url, patience_s)) for url in registries}
            asked = [Registry(url, client) for url, client in clients.items()]
            return _Installing(into, asked, progress).all(wanted)
    except OSError as error:
        raise Broken(f"{into} cannot be written", advice="Check its rights and the room left on the disk") from error


def there(into: Path) -> Mapping[str, Package]:
    """The packages of a package cache, by `id#version`; one half placed is not there."""
    if not into.is_dir():
        return {}
    found = [one for one in packages_in(into) if isinstance(one, Package)]
    return {one.name: one for one in found if one.folder.parent.name == one.name}


class _Installing:
    def __init__(self, into: Path, registries: Sequence[Registry], progress: Progress) -> None:
        self._into, self._registries, self._progress = into, registries, progress
        self._passing = into / _PASSING
        self._lock = Lock(into)

    def all(self, wanted: Sequence[Wanted]) -> tuple[Placed, ...]:
        self._passing.mkdir(parents=True, exist_ok=True)
        todo = deque((one, True) for one in wanted)
        met: set[str] = set()
        placed: list[Placed] = []
        while todo:
            one, asked = todo.popleft()
            if one.name in met or (not asked and self._answered(one)):
                continue
            met.add(one.name)
            done, package = self._one(one, asked)
            placed.append(done)
            if package is not None:
                depended = [(id, version) for id, version in package.dependencies.items() if can_be_named(id, version)]
                todo.extend((Wanted(id=id, version=version), False) for id, version in depended)
        if not any(self._passing.iterdir()):
            self._passing.rmdir()
        return tuple(placed)

    def _answered(self, one: Wanted) -> bool:
        """Does a package that is there answer a dependency? Any version does where it asks for the latest."""
        loose = one.version in {"latest", "current", "dev"}
        have = there(self._into).values()
        return any(it.id == one.id and (loose or answers(it.version, one.version)) for it in have)

    def _one(self, one: Wanted, asked: bool) -> tuple[Placed, Package | None]:
        if (package := there(self._into).get(one.name)) is not None:
            return Placed(one.name, "there", asked, "Déjà là.", "Already there."), package
        silent: Unreachable | None = None
        for registry in self._registries:
            try:
                offer = _chosen(registry.offers(one.id), one.version)
                sha256 = self._fetched(registry, offer, one)
            except NotThere:
                continue
            except Unreachable as unanswered:
                silent = unanswered
                continue
            except _Mismatch as wrong:
                return Placed(one.name, "refused", asked, wrong.fr, wrong.en), None
            except ArchiveRefused as refused:
                fr = f"L'archive reçue est refusée : {refused.why}."
                return Placed(one.name, "refused", asked, fr, f"{refused}"), None
            package = there(self._into)[f"{offer.id}#{offer.version}"]
            return Placed(package.name, "installed", asked, "Installé.", "Installed.", sha256), package
        return _absent(one, asked, silent), None

    def _fetched(self, registry: Registry, offer: Offer, one: Wanted) -> str:
        """Fetch, check, unpack and place one archive; gives its SHA-256."""
        name = f"{offer.id}#{offer.version}"
        part = self._passing / f"{name}.tgz"
        registry.fetch(offer, part, lambda done, total: self._progress(name, done, total))
        try:
            sha256 = self._checked(part, offer, name, one.sha256 or self._lock.expected(name))
            unpacked = self._passing / f"{name}.unpacked"
            unpack(part, unpacked)
            self._place(unpacked, offer, name)
            self._lock.note(name, sha256)
        finally:
            part.unlink(missing_ok=True)  # right or wrong, it is of no more use
        return sha256

    def _checked(self, part: Path, offer: Offer, name: str, expected: str | None) -> str:
        sha256 = checksum(part, "sha256")
        if expected and sha256 != expected:
            raise _Mismatch(name, "SHA-256", expected, sha256)
        if not expected and offer.sha1 and (sha1 := checksum(part, "sha1")) != offer.sha1:
            raise _Mismatch(name, "SHA-1", offer.sha1, sha1)
        return sha256

    def _place(self, unpacked: Path, offer: Offer, name: str) -> None:
        (found,) = (one for one in packages_in(unpacked) if isinstance(one, Package))
        if (found.id, found.version) != (offer.id, offer.version):
            shutil.rmtree(unpacked)
            raise ArchiveRefused(name, "its package.json names another package or version")
        target = self._into / name
        if target.is_dir() and name not in there(self._into):  # half of one, left by something else
            shutil.rmtree(target)
        unpacked.replace(target)


class _Mismatch(Exception):
    """A checksum that is not the one expected; both are named."""

    def __init__(self, name: str, kind: str, expected: str, seen: str) -> None:
        self.fr = f"Somme de contrôle {kind} fausse : {expected} attendue, {seen} reçue. Rien n'a été installé."
        self.en = f"Wrong {kind} checksum: {expected} expected, {seen} received. Nothing was installed."
        super().__init__(f"{name}: {self.en}")


def _chosen(offers: Mapping[str, Offer], version: str) -> Offer:
    """The version asked for, else the newest that answers `4.0.x`. Raises NotThere."""
    if version in {"latest", "current", "dev"}:
        version = "latest"
    if (exact := offers.get(version)) is not None:
        return exact
    able = [offer for told, offer in offers.items() if told != "latest" and answers(offer.version, version)]
    if not able:
        raise NotThere("The registry does not have this version", advice="Ask for another one")
    return max(able, key=lambda offer: newness(offer.version))


def _absent(one: Wanted, asked: bool, silent: Unreachable | None) -> Placed:
    if silent is not None:
        fr = "Aucun registre ne répond : vérifiez la connexion et le proxy, ou recommencez plus tard ; ce qui est déjà "
        fr += f"reçu est gardé. ({silent.what})"
        return Placed(one.name, "unreachable", asked, fr, str(silent), optional=one.optional)
    fr = "Aucun registre n'a cette version." + (" Elle n'est pas toujours publiée." if one.optional else "")
    en = "No registry has this version." + (" It is not always published." if one.optional else "")
    return Placed(one.name, "missing", asked, fr, en, optional=one.optional)
