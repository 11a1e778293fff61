"""Masks and confidentiality, there and back: FHIR, CDA, XDM and the event of whoever receives them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from gateway import pack, translate
from gateway.journey.receive import read_letter
from gateway.model.event import ReportShared, read_event, write_event
from gateway.model.known import Known
from gateway.pack import Enclosed, as_event, read_archive, read_cda
from gateway.pack.draft import draft
from tests.journey.conftest import World
from tests.pack.material import MINTED, SOFTWARE, TERMS, story

MASKS = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
SETS = [tuple(chosen) for size in range(4) for chosen in combinations(MASKS, size)]
LEVELS = ("N", "R", "V")


def masked(level: str, masks: tuple[str, ...], secret: bool | None = None) -> ReportShared:
    """The example report under these masks."""
    tree = write_event(story()["report.shared"][0])
    tree["report"] |= {
        "confidentiality": level,
        "masks": list(masks),
        **({} if secret is None else {"secret_care": secret}),
    }
    event = read_event(tree)
    assert isinstance(event, ReportShared)
    return event


def cda_of(event: ReportShared) -> bytes:
    header = draft(event, story()["report.shared"][1], TERMS, MINTED, SOFTWARE, "SYNTH")
    return pack.write_cda(header, b"%PDF-1.4")


def asked(archive: bytes) -> list[str]:
    return [code.code for code in read_archive(archive).documents[0].entry.confidentiality]


@pytest.mark.parametrize("masks", SETS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_combination_survives_all_the_way_and_back(level: str, masks: tuple[str, ...]) -> None:
    for secret in (None, False, True):
        event, known = masked(level, masks, secret), story()["report.shared"][1]
        bundle = translate.to_bundle(event, known, TERMS)
        (described,) = [
            one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "DocumentReference"
        ]
        labels = [code["code"] for label in described["securityLabel"] for code in label["coding"]]
        assert labels == [level, *masks]
        assert translate.from_bundle(bundle, Known(), TERMS) == event
    cda = cda_of(event)
    back, _ = as_event(read_cda(cda))
    assert isinstance(back, ReportShared)
    assert (back.report.confidentiality, back.report.masks) == (level, masks)
    archive = pack.write_archive([Enclosed(cda)], MINTED, SOFTWARE, TERMS)
    assert asked(archive) == [level, *masks]
    again = translate.to_bundle(back, known, TERMS)
    read = translate.from_bundle(again, Known(), TERMS)
    assert isinstance(read, ReportShared)
    assert (read.report.confidentiality, read.report.masks) == (level, masks)


@pytest.mark.parametrize("masks", SETS)
def test_masks_that_only_the_archive_says_reach_the_event(masks: tuple[str, ...]) -> None:
    bare = cda_of(masked("N", ()))
    archive = pack.write_archive([Enclosed(bare, masks)], MINTED, SOFTWARE, TERMS)
    assert asked(archive) == ["N", *masks]
    document = read_archive(archive).documents[0]
    told, _ = as_event(document.cda(), document.entry.action, asked(archive))
    assert isinstance(told, ReportShared)
    assert told.report.masks == masks


def test_masks_of_document_and_archive_are_said_once() -> None:
    cda = cda_of(masked("R", MASKS[:1]))
    archive = pack.write_archive([Enclosed(cda, MASKS[:2])], MINTED, SOFTWARE, TERMS)
    assert asked(archive) == ["R", *MASKS[:2]]


def test_a_masked_document_reaches_the_inbox_with_its_masks(world: World) -> None:
    accepted = world.report_to("luc.durand", report={**write_event(masked("R", MASKS[1:2]))["report"]})
    world.prepare()
    assert world.leg(accepted).state.value == "waiting"
    with world.gateway.store.glance() as unit:
        raw = unit.contents.get(world.caller.tenant, accepted.exchange, "parcel/1")
    report: Any = read_letter((raw, TERMS)).events[0]["report"]
    assert (report["confidentiality"], report["masks"]) == ("R", ["INVISIBLE_PATIENT"])
