"""The validator, with every definition at hand: given files, packages, the user's own, and those of this product."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gateway.config import Settings
from gateway.wiring.words import data

if TYPE_CHECKING:
    from gateway.validate import Validator


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

    It is opened when first asked for, once.
    """
    lock = Lock()
    opened: list[Validator] = []

    def validator() -> Validator:
        with lock:
            if not opened:
                opened.append(_opened(settings.profiles.packages, ()))
            return opened[0]

    return validator


def _opened(packages: Sequence[Path], definitions: Sequence[Path]) -> Validator:
    from gateway.validate import Validator, open_library
    from gateway.validate.packages.cache import default_cache

    library = open_library(
        definitions=definitions, packages=packages, own=data("profiles"), cache=default_cache(os.environ)
    )
    return Validator(library)
