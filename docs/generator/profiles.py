"""Writes profiles/*.json: our extensions from the model, and the snapshot of every definition from its bases.

`python -m docs.generator.profiles FOLDER…`: folders with the packages that `profiles/packages.yaml` names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from docs.generator.extensions import extensions
from gateway.validate import open_library
from gateway.validate.own import completed, written

FOLDER = Path(__file__).resolve().parents[2] / "profiles"


def definitions(packages: Sequence[Path]) -> Mapping[Path, str]:
    """What each file should hold: the profiles that stand there, and the extensions of the model."""
    library = open_library(packages=packages, own=FOLDER)
    read = {path: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("passerelle-*.json"))}
    made = {FOLDER / f"extension-{one['id']}.json": one for one in extensions()}
    return {path: written(completed(definition, library)) for path, definition in (read | made).items()}


if __name__ == "__main__":
    for path, text in definitions([Path(one) for one in sys.argv[1:]]).items():
        path.write_text(text, "utf-8")
