"""The validator, with every definition at hand: given files, packages, the user's own, and those of this product."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gateway.wiring.words import data

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.validate import Validator

_OPENING = Lock()


def open_validator(packages: Sequence[Path] = (), definitions: Sequence[Path] = ()) -> Validator:
    """A validator, to be kept and shared by threads.

    definitions  loose files, asked first; then `packages` in their order, the user's FHIR package cache, our profiles

    Raises Broken when a file of definitions cannot be read, or a place holds no package.
    """
    from gateway.validate.packages.package import user_packages

    users = user_packages(os.environ)
    return _opened([*packages, *([users] if users else [])], definitions)


def validator_of(settings: Settings) -> Callable[[], Validator]:
    """The validator of a gateway: our profiles and the packages its settings name, not those of whoever runs it.

    Of a guide that profiles/packages.yaml pins, another version judges nothing: our bundles are made for that one.
    It is opened when first asked for, once for all gateways of this process that have the same packages. Raises Broken
    when a place is not there or holds no package.
    """
    packages = tuple(_pinned(settings.profiles.packages))

    def validator() -> Validator:
        with _OPENING:
            return _shared(packages)

    return validator


@lru_cache(maxsize=2)
def _shared(packages: tuple[Path, ...]) -> Validator:
    return _opened(packages, ())


def _pinned(places: Sequence[Path]) -> list[Path]:
    """The packages of some places, those of guides that we pin in another version left out."""
    if not places:
        return []
    from gateway.model.errors import Broken
    from gateway.validate.packages.package import Package, packages_in
    from gateway.validate.packages.wanted import read_wanted

    pins = {one.id: one.version for one in read_wanted(data("profiles") / "packages.yaml")}
    found: list[Path] = []
    for place in places:
        held = list(packages_in(place)) if place.exists() else []
        if not held:
            raise Broken(
                f"No FHIR package in {place}",
                advice="Install some (passerelle profiles install), or correct profiles.packages",
            )
        for one in held:
            if not isinstance(one, Package):
                found.append(one)
            elif pins.get(one.id, one.version) == one.version:
                found.append(one.folder)
    return found


def _opened(packages: Sequence[Path], definitions: Sequence[Path]) -> Validator:
    from gateway.validate import Validator, open_library
    from gateway.validate.packages.cache import default_cache

    library = open_library(
        definitions=definitions, packages=packages, own=data("profiles"), cache=default_cache(os.environ)
    )
    return Validator(library)
