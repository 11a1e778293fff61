"""The validator, with every definition at hand: given files, packages, the user's own, and those of this product."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gateway.validate import Validator, open_library
from gateway.validate.packages.cache import default_cache
from gateway.validate.packages.package import user_packages
from gateway.wiring.words import data


def open_validator(packages: Sequence[Path] = (), definitions: Sequence[Path] = ()) -> Validator:
    """A validator, to be kept and shared by threads.

    definitions  loose files, asked first; then `packages` in their order, the user's FHIR package cache, our profiles

    Raises Broken when a file of definitions cannot be read, or a place holds no package.
    """
    users = user_packages(os.environ)
    return Validator(
        open_library(
            definitions=definitions,
            packages=[*packages, *([users] if users else [])],
            own=data("profiles"),
            cache=default_cache(os.environ),
        )
    )
