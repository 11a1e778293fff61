"""What the law looks at, kept with a leg and read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from gateway.model.errors import Rejected
from gateway.model.identity import MailAddress
from gateway.model.team import Team
from gateway.route import Case, Found, Routes, Unlisted, case_from, case_of, case_tree, judge, takes_part
from tests.route.cast import INS, NOW, member, person, report, rpps, scene, team, tree, with_team
from tests.strategies import events, known_for

EACH = Routes.load(b"routes: [{name: a, to: {each: member}, via: mssante, mode: exchange}]")


def cases(told: dict[str, Any], before: dict[str, Any] | None = None) -> list[Case]:
    event, known = scene(told, before)
    return [
        case_of(event, choice, next(iter(Unlisted().find(choice)), None), tenant="cpts", patient="p1")
        for choice in EACH.choose(event, known, NOW).chosen
    ]


def test_a_case_says_what_the_law_asks_and_names_nobody() -> None:
    shared = report(report={"masks": ["INVISIBLE_PATIENT"], "confidentiality": "R", "secret_care": True})
    (case,) = cases(shared, team([member(1, mss="alix@b.mssante.test")]))
    assert (case.sender_by, case.domain, case.address_by) == ("RPPS", "b.mssante.test", "event")
    assert (case.report, case.masks, case.confidentiality, case.secret_care) == (
        True,
        ("INVISIBLE_PATIENT",),
        "R",
        True,
    )
    assert (case.in_team, case.named, case.identity_status, case.ins_leaves) == (True, False, "qualified", True)
    assert (case.team, case.category, case.recipient_ids) == ("T-7", "1", (f"RPPS:{rpps(1)}",))
    written = json.dumps(case_tree(case))
    assert "NOM" not in written
    assert INS not in written


def test_the_patients_case_does_not_hold_the_matricule() -> None:
    (case,) = cases(tree(recipients=[{"patient": True}]))
    assert case.domain == "patient.mssante.fr"
    assert INS not in json.dumps(case_tree(case))


@pytest.mark.parametrize(
    ("sender", "by"),
    [
        (person(0), "RPPS"),
        ({"ids": [{"scheme": "LOCAL", "system": "1.2", "value": "7"}], "family": "X"}, None),
        ({"organization": {"finess": "750000127", "name": "Cabinet"}}, "FINESS"),
        ({"organization": {"siret": "35600000000048", "name": "La Poste"}}, "SIRET"),
    ],
)
def test_the_sender_is_identified_by_a_national_number_or_not_at_all(sender: dict[str, Any], by: str | None) -> None:
    assert cases(tree(sender=sender, team=team([member(1)])))[0].sender_by == by


def test_an_unqualified_identity_lets_no_matricule_leave() -> None:
    told = tree()
    told["patient"] = {**told["patient"], "identity_status": "validated"}
    assert not cases(told)[0].ins_leaves


def test_an_objection_to_the_structure_of_the_mailbox_found_is_seen() -> None:
    event, known = scene(tree(team=team([member(1)])))
    (choice,) = EACH.choose(event, known, NOW).chosen
    there = Found(address=MailAddress("x@b.mssante.test"), type="PER", because="", organization="1750000002")
    case = case_of(event, choice, there, tenant="t", patient="p1")
    assert (case.organization_ids, case.address_by) == (("FINESS:750000002",), "directory")


def test_identifiers_of_any_length_and_number_leave_a_case_that_can_be_kept() -> None:
    many = [{"scheme": "LOCAL", "system": "1.2", "value": f"{n}" * (1 if n else 500)} for n in range(500)]
    for case in cases(tree(team=team([member(1, ids=many)]), recipients=[{"rpps": rpps(1)}, {"ids": many}])):
        assert case_from(case_tree(case)) == case


def test_membership_is_looked_up_again() -> None:
    _, known = scene(tree(team=team([member(1)])))
    (case,) = cases(tree(team=team([member(1)])))
    _, later = scene(tree(team=team([member(1, until="2026-11-01")])))
    assert known.team is not None
    assert later.team is not None
    assert takes_part(case, known.team.team, NOW)
    assert not takes_part(case, later.team.team, NOW)
    assert not takes_part(case, None, NOW)
    over = with_team(known, status="inactive").team
    assert over is not None
    assert not takes_part(case, over.team, NOW)
    assert not takes_part(case, Team(id="T-7"), NOW)


def test_a_tree_that_is_no_case_is_refused() -> None:
    (case, _) = cases(tree())
    for wrong in ({}, {**case_tree(case), "named": "yes"}, {**case_tree(case), "extra": 1}):
        with pytest.raises(Rejected):
            case_from(wrong)


@settings(max_examples=60, deadline=None)
@given(events())
def test_any_case_is_read_back_as_it_was_and_judged_alike(event: Any) -> None:
    for choice in EACH.choose(event, known_for(event), NOW).chosen:
        case = case_of(event, choice, None, tenant="t", patient="p1", client="c")
        tree = json.loads(json.dumps(case_tree(case)))
        assert case_from(tree) == case
        asked: dict[str, Any] = {"objections": [], "white_list": None, "now": NOW}
        assert judge(case, **asked) == judge(tree, **asked)
        assert not judge(case, **asked).permitted
