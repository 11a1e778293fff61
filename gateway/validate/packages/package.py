"""Packages on disk, in any of the layouts they are met in.

A place may be a package cache (`id#version/package/*.json`), one package's folder, its `package/` folder, a folder of
`.tgz` files, one such file, or a plain folder of definitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.validate.packages import lock

ARCHIVES = (".tgz", ".tar.gz")
CORE = "hl7.fhir.r4.core"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that lies in a folder: what its package.json says, or its folder's name where it has none.

    fhir_versions  as told; empty when not told
    canonical      the root of its canonicals; "" when not told
    """

    id: str
    version: str
    folder: Path
    dependencies: Mapping[str, str] = field(default_factory=dict)
    fhir_versions: tuple[str, ...] = ()
    license: str = ""
    canonical: str = ""

    @property
    def name(self) -> str:
        """`id#version`, as package caches spell it."""
        return f"{self.id}#{self.version}" if self.version else self.id

    @property
    def of_r4(self) -> bool:
        """Is it written for FHIR 4.0? One that does not say is taken to be."""
        return not self.fhir_versions or any(told.startswith("4.0") for told in self.fhir_versions)


def packages_in(place: Path) -> Iterator[Package | Path]:
    """The packages of a place, in the order of their names; a Path is an archive still to be unpacked."""
    if place.is_file():
        if place.name.endswith(ARCHIVES):
            yield place
        return
    if (one := _package_at(place)) is not None:
        yield one
        return
    loose = False
    for child in sorted(place.iterdir()):
        if child.name.startswith("."):
            continue
        if child.is_dir():
            if (one := _package_at(child)) is not None:
                yield one
        elif child.name.endswith(ARCHIVES):
            yield child
        elif child.suffix == ".json" and child.name != lock.NAME:
            loose = True
    if loose:
        yield Package(place.name, "", place)


def _package_at(folder: Path) -> Package | None:
    """The package whose folder this is, or whose `package/` folder; None when it is neither."""
    inner = folder / "package"
    if (inner / "package.json").is_file():
        return _described(inner, folder.name)
    if (folder / "package.json").is_file():
        return _described(folder, folder.parent.name if folder.name == "package" else folder.name)
    if inner.is_dir() and any(inner.glob("*.json")):
        return _described(inner, folder.name)
    return None


def _described(folder: Path, called: str) -> Package:
    id, _, version = called.partition("#")
    told = _manifest(folder / "package.json")
    return Package(
        id=_text(told.get("name")) or id,
        version=_text(told.get("version")) or version,
        folder=folder,
        dependencies={name: asked for name, asked in _mapping(told.get("dependencies")).items() if _text(asked)},
        fhir_versions=tuple(filter(None, map(_text, _list(told.get("fhirVersions") or told.get("fhir-version-list"))))),
        license=_text(told.get("license")),
        canonical=_text(told.get("canonical")),
    )


def _manifest(file: Path) -> dict[str, Any]:
    try:
        return _mapping(orjson.loads(file.read_bytes()))
    except (OSError, ValueError):
        return {}


def _text(told: Any) -> str:
    return told if isinstance(told, str) else ""


def _mapping(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def user_packages(environment: Mapping[str, str]) -> Path | None:
    """The user's FHIR package cache, shared with other FHIR tools; None when there is none."""
    folder = Path(environment.get("HOME") or "/nonexistent") / ".fhir" / "packages"
    return folder if folder.is_dir() else None
