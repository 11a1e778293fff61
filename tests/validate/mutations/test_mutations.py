"""One rule broken at a time, in instances of every French profile: nearly all are refused, and at the right place.

`python -m tests.validate.mutations` breaks all there is to break and shows what passed; here, a part of it that differs
from profile to profile.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from gateway.validate import Validator, open_library
from tests.conftest import SHARED
from tests.validate.mutations.breaking import Breaker, Mutant
from tests.validate.mutations.growing import Grower
from tests.validate.mutations.richest import richest

PACKAGES = SHARED / "fhir-packages"


def profiles(guide: str) -> Iterator[str]:
    """The profiles of resources of a guide."""
    for file in sorted((PACKAGES / guide / "package").glob("StructureDefinition-*.json")):
        definition = json.loads(file.read_bytes())
        if definition["kind"] == "resource" and definition["derivation"] == "constraint":
            yield definition["url"]


GUIDES = [
    guide
    for guide in sorted(one.name for one in PACKAGES.glob("*"))
    if guide.startswith(("ans.fhir.fr.", "hl7.fhir.fr.")) and any(profiles(guide))
]
EACH = 2  # mutants of a kind a profile
REFUSED = 0.98

pytestmark = pytest.mark.skipif(not GUIDES, reason="the official packages are not at hand")


@cache
def validator() -> Validator:
    return Validator(open_library(packages=[PACKAGES]))


def some(mutants: Iterator[Mutant], each: int) -> list[Mutant]:
    """Mutants of every kind, spread over the instance; all of them when `each` is 0."""
    kinds = defaultdict(list)
    for mutant in mutants:
        kinds[mutant.kind].append(mutant)
    return [one for kind in kinds.values() for one in (kind[:: max(1, len(kind) // each)][:each] if each else kind)]


def passed(profile: str, mutants: list[Mutant]) -> tuple[list[str], list[str]]:
    """What was not refused, and what was refused but told elsewhere."""
    unseen: list[str] = []
    elsewhere: list[str] = []
    for mutant in mutants:
        found = validator().check_tree(mutant.tree, profiles=[profile]).findings
        errors = [one.path for one in found if one.severity in ("error", "fatal")]
        if not errors:
            unseen.append(f"{mutant.kind} at {mutant.at}")
        elif not any(mutant.is_told_by(path) for path in errors):
            elsewhere.append(f"{mutant.kind} at {mutant.at}, told at {', '.join(errors[:3])}")
    return unseen, elsewhere


def broken(profile: str, each: int) -> list[Mutant] | None:
    """Mutants of the richest right instance of a profile; None when none was grown."""
    library, structures = validator().library, validator().structures
    instance = richest(validator(), Grower(library, structures), profile)
    structure = structures.get(profile)
    assert structure is not None
    return None if instance is None else some(Breaker(library, structures).mutants(structure, instance), each)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_broken_rule_is_refused_at_its_place(guide: str, record_property: Callable[[str, object], None]) -> None:
    made = 0
    unseen: list[str] = []
    elsewhere: list[str] = []
    for profile in profiles(guide):
        mutants = broken(profile, EACH)
        assert mutants, f"no right instance of {profile} can be grown"
        missed, moved = passed(profile, mutants)
        made, unseen, elsewhere = made + len(mutants), unseen + missed, elsewhere + moved
    record_property(
        "figure", f"{guide}: {made - len(unseen)} of {made} mutants refused, {len(elsewhere)} told elsewhere"
    )
    assert len(unseen) + len(elsewhere) <= made * (1 - REFUSED), [*unseen, *elsewhere]


def test_every_kind_of_rule_is_broken_by_some_mutant() -> None:
    asked = (
        "https://interop.esante.gouv.fr/ig/fhir/cds/StructureDefinition/cds-ihe-careteam",
        "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-simplified-publish",
        "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins",
    )
    kinds = {one.kind for profile in asked for one in broken(profile, 1) or ()}
    assert kinds >= {
        "required", "beyond max", "forbidden", "wrong type", "unknown element", "empty", "bad primitive", "binding",
        "fixed or pattern", "reference", "target", "slice min", "slice max", "invariant",
    }  # fmt: skip
