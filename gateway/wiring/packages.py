"""FHIR packages of this machine: those the list of the product wants, those that are there, and how to fetch them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gateway.config import Settings
from gateway.model.errors import Broken
from gateway.wiring.words import data

if TYPE_CHECKING:
    from gateway.validate.packages.install import Placed, Progress
    from gateway.validate.packages.package import Package

Installed = Literal["there", "missing", "optional", "other"]
"""Of the list: there, missing, or missing and optional. `other`: there, and not of the list."""


def packages_place(settings: Settings | None) -> Path:
    """Where packages are installed: the first folder the settings name, else the user's FHIR package cache.

    Raises Broken when there is neither.
    """
    if settings is not None and settings.profiles.packages:
        return settings.profiles.packages[0]
    if not (home := os.environ.get("HOME")):
        raise Broken("There is no folder for packages", advice="Name one with --into, or profiles.packages in settings")
    return Path(home) / ".fhir" / "packages"


def registries_of(settings: Settings | None) -> tuple[str, ...]:
    """The registries to ask, in order."""
    from gateway.config.sections import ProfileSettings

    return (settings.profiles if settings else ProfileSettings()).registries


def install_packages(
    names: Sequence[str], *, into: Path, registries: Sequence[str], progress: Progress
) -> tuple[Placed, ...]:
    """Fetch packages (`ID#VERSION`; all of the list when none is named) and what they depend on.

    Raises Broken for a name that is none, or when the folder cannot be written.
    """
    from gateway.validate.packages.install import install
    from gateway.validate.packages.wanted import named, read_wanted

    listed = read_wanted(data("profiles") / "packages.yaml")
    return install(named(names, listed) if names else listed, into=into, registries=registries, progress=progress)


def installed(places: Sequence[Path]) -> Mapping[str, Installed]:
    """`id#version` → is it there; the list first, in its order, then what else is there. Raises Broken."""
    from gateway.validate.packages.wanted import read_wanted

    listed = read_wanted(data("profiles") / "packages.yaml")
    found = {package.name for place in places for package in _packages(place)}
    told: dict[str, Installed] = {}
    for one in listed:
        told[one.name] = "there" if one.name in found else "optional" if one.optional else "missing"
    return told | {name: "other" for name in sorted(found) if name not in told}


def check_packages(settings: Settings) -> None:
    """Can every place of packages the settings name be read? Raises Broken for the first that holds none."""
    from gateway.validate import open_library
    from gateway.validate.packages.cache import default_cache

    if settings.profiles.packages:
        _ = open_library(packages=settings.profiles.packages, cache=default_cache(os.environ)).packages


def _packages(place: Path) -> Sequence[Package]:
    """The packages of a place; a .tgz is not unpacked for this, and not counted."""
    from gateway.validate.packages.package import Package, packages_in

    if not place.exists():
        return ()
    return [one for one in packages_in(place) if isinstance(one, Package)]
