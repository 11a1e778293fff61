"""Masks against the national matrix, all combinations; and where the gate is stricter than it, each place with its why.

The matrix is that of the CDA transmission guide (regles-gestion-mssante): a row holds what may be asked for together,
`Y/N` either. A leg has one recipient, so it is allowed when some row holds its masks and lets that recipient be asked
for.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from gateway.model.event import read_event
from gateway.route import Addressee, Case, Choice, case_from, case_of, case_tree, judge
from tests.route.cast import NOW, report, tree
from tests.route.test_gate import BOX, CASE, LIST, TO_PATIENT

MATRIX = """
MASQUE_PS | INVISIBLE_PATIENT | INVISIBLE_REPRESENTANTS_LEGAUX | CONNEXION_SECRETE | DESTMSSANTEPS | DESTMSSANTEPAT
N         | N                 | N                              | Y/N               | Y             | Y
N         | Y                 | N                              | Y/N               | Y             | N
Y/N       | N                 | Y/N                            | N                 | N             | Y
"""
NAMES, *ROWS = [[cell.strip() for cell in line.split("|")] for line in MATRIX.strip().splitlines()]
MASKS = NAMES[:3]
STRUCTURE = {"recipient_kind": "structure", "recipient_id": "FINESS:750000127", "recipient_ids": ()}
WHOM: dict[str, dict[str, Any]] = {"professional": {}, "structure": STRUCTURE, "mailbox": BOX, "patient": TO_PATIENT}


def in_the_matrix(said: tuple[bool, ...], whom: str) -> bool:
    """Whether some row holds these masks and this state of secrecy, and lets that recipient be asked for."""
    column = 5 if whom == "patient" else 4
    return any(
        row[column] == "Y" and all(("Y" if mask else "N") in cell for mask, cell in zip(said, row, strict=False))
        for row in ROWS
    )


def stricter(said: tuple[bool, ...], whom: str, represented: bool) -> bool:
    """Where we refuse what the matrix allows: what is hidden from representatives, in a mailbox they may open (L13)."""
    _, _, from_representatives, secret = said
    return whom == "patient" and represented and (from_representatives or secret)


def decided(said: tuple[bool, ...], whom: str, represented: bool) -> str:
    masks = tuple(name for name, mask in zip(MASKS, said, strict=False) if mask)
    case = replace(CASE, **WHOM[whom], masks=masks, secret_care=said[3], represented=represented)
    decision = judge(case, objections=(), white_list=LIST, now=NOW)
    assert decision.permitted or decision.rule in ("L12", "L13")
    return decision.verdict.value


def test_over_all_combinations_a_leg_goes_exactly_where_the_matrix_lets_it_save_where_we_are_stricter() -> None:
    counted = {"permit": 0, "deny": 0}
    for said in product((False, True), repeat=4):
        for whom, represented in product(WHOM, (False, True)):
            wanted = in_the_matrix(said, whom) and not stricter(said, whom, represented)
            assert decided(said, whom, represented) == ("permit" if wanted else "deny"), (said, whom, represented)
            counted["permit" if wanted else "deny"] += 1
    assert counted == {"permit": 3 * 2 * 4 + 5 + 2, "deny": 128 - 31}


def test_we_are_nowhere_laxer_than_the_matrix() -> None:
    for said in product((False, True), repeat=4):
        for whom, represented in product(WHOM, (False, True)):
            assert decided(said, whom, represented) == "deny" or in_the_matrix(said, whom)


@pytest.mark.parametrize("born", ["2008-11-21", "2008-12", "2008", "2010-01-01", "2026-11-20", None])
def test_whoever_may_not_be_eighteen_is_represented(born: str | None) -> None:
    patient = {**tree()["patient"], "birth_date": born, "identity_status": "provisional"}
    told = tree(patient={name: value for name, value in patient.items() if value})
    assert case_about(told).represented


@pytest.mark.parametrize("born", ["2008-11-20", "2008-10", "2007", "1979-03-28", "1926"])
def test_an_adult_without_guardian_opens_their_mailbox_alone(born: str) -> None:
    assert not case_about(tree(patient={**tree()["patient"], "birth_date": born})).represented


@pytest.mark.parametrize(
    ("contact", "represented"),
    [
        ({"role": "GUARD", "name": "Ana Proche"}, True),
        ({"role": "GUARD", "name": "Ana Proche", "until": "2026-11-19"}, False),
        ({"role": "GUARD", "name": "Ana Proche", "until": "2026-12-31"}, True),
        ({"role": "NOK", "name": "Ana Proche", "measure": "tutelle"}, True),
        ({"role": "NOK", "name": "Ana Proche"}, False),
    ],
)
def test_an_adult_under_protection_is_represented_while_it_lasts(contact: dict[str, Any], represented: bool) -> None:
    assert case_about(tree(patient={**tree()["patient"], "contacts": [contact]})).represented is represented


def case_about(told: dict[str, Any]) -> Case:
    """The case of a leg to the patient."""
    patient = Addressee(kind="patient", id="patient", ids=("patient",), name="Patient", address=None)
    whom = Choice(
        addressee=patient, transport="mssante", mode="exchange", prefer=(), attach_fhir="never", route="", reasons=(),
        named=True, in_team=False,
    )  # fmt: skip
    return case_of(read_event(told), whom, None, tenant="cpts", patient="p1")


def test_a_case_kept_before_representatives_were_asked_about_counts_as_represented() -> None:
    kept = case_tree(replace(CASE, **TO_PATIENT, masks=(MASKS[2],)))
    kept.pop("represented", None)
    decision = judge(case_from(kept), objections=(), white_list=LIST, now=NOW)
    assert (decision.verdict.value, decision.rule, decision.reason) == ("deny", "L13", "seen-by-representatives")


def test_the_masks_of_the_event_are_those_the_gate_judges() -> None:
    case = case_about(report(report={"masks": [MASKS[0], MASKS[1]], "secret_care": True}))
    assert (case.masks, case.secret_care) == ((MASKS[0], MASKS[1]), True)
