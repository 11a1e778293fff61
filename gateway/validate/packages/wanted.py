"""profiles/packages.yaml: the official packages this product is checked against, pinned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gateway.model.errors import Broken

_ID, _VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", r"^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$"


class Wanted(BaseModel):
    """A package to have: its id and version, the SHA-256 of its .tgz when it is known, and its licence.

    optional  it may be in no registry (ballots, continuous builds): its absence is no fault
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=_ID)]
    version: Annotated[str, Field(pattern=_VERSION)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    licence: str = ""
    optional: bool = False

    @property
    def name(self) -> str:
        """`id#version`."""
        return f"{self.id}#{self.version}"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    packages: tuple[Wanted, ...]


def read_wanted(file: Path) -> tuple[Wanted, ...]:
    """The packages a file lists. Raises Broken with everything that is wrong in it."""
    try:
        told = YAML(typ="safe", pure=True).load(file.read_bytes())
        return _File.model_validate(told).packages
    except OSError as error:
        raise Broken(f"{file} cannot be read", advice="It lists the packages to install") from error
    except YAMLError as error:
        raise Broken(f"{file} is no YAML", advice="Correct it, or fetch it again") from error
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Broken(
            f"{file} is wrong: {places}", advice="Each package has id, version, and may have sha256"
        ) from error


def named(names: Iterable[str], listed: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """The packages of `id#version` (or `id@version`), with what the list knows of them.

    Raises Broken for a name that is none.
    """
    known = {one.name: one for one in listed}
    return tuple(known.get(asked.name, asked) for asked in map(_named, names))


def can_be_named(id: str, version: str) -> bool:
    """May it be the name of a folder? What a dependency asks for is somebody else's text."""
    return re.fullmatch(_ID[1:-1], id) is not None and re.fullmatch(_VERSION[1:-1], version) is not None


def _named(name: str) -> Wanted:
    id, _, version = name.replace("@", "#", 1).partition("#")
    if not can_be_named(id, version):
        raise Broken(f"{name[:200]!r} is no package", advice="Write ID#VERSION, as hl7.fhir.r4.core#4.0.1")
    return Wanted(id=id, version=version)
