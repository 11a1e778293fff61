"""The gate, compared with a second statement of the law; and what happens when something inside it breaks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from gateway.model.objection import Objection
from gateway.model.reasons import REASONS
from gateway.route import Case, Decision, Endpoint, EndpointKind, Endpoints, Verdict, WhiteList, case_tree, judge
from tests.route.cast import NOW

A, B, PATIENT = "a.mssante.test", "b.mssante.test", "patient.mssante.fr"
LIST = WhiteList(frozenset({A, B, PATIENT}), NOW)

CASE = Case(
    tenant="cpts",
    patient="p1",
    event_type="report.shared",
    mode="exchange",
    transport="mssante",
    sender_by="RPPS",
    recipient_kind="professional",
    recipient_id="RPPS:10100054328",
    recipient_ids=("RPPS:10100054328",),
    organization_ids=("FINESS:750000127",),
    category="1",
    domain=B,
    origin_domain=A,
    address_by="directory",
    in_team=True,
    identity_status="qualified",
    ins_leaves=True,
    report=True,
)
TO_PATIENT: dict[str, Any] = {
    "recipient_kind": "patient",
    "recipient_id": "patient",
    "recipient_ids": ("patient",),
    "organization_ids": (),
    "category": None,
    "domain": PATIENT,
    "in_team": False,
}
BOX: dict[str, Any] = {
    "recipient_kind": "mailbox", "recipient_id": f"x@{B}", "recipient_ids": (f"x@{B}",), "category": None
}  # fmt: skip


def against(**more: Any) -> Objection:
    return Objection(**{"id": "o", "tenant": "cpts", "patient": "p1", "at": NOW - timedelta(days=9), **more})


def decide(*objections: Objection, white_list: WhiteList | None = LIST, **changed: Any) -> Decision:
    return judge(replace(CASE, **changed), objections=objections, white_list=white_list, now=NOW)


def said(decision: Decision) -> tuple[str, str, str | None]:
    return decision.verdict.value, decision.rule, decision.reason


def test_a_member_of_the_team_in_the_trust_space_is_written_to() -> None:
    decision = decide()
    assert decision.permitted
    assert (decision.rule, decision.ground, decision.reason) == ("L05", "in-team", None)
    assert [rule for rule, _ in decision.checked] == ["L01", "L02", "L03", "L05", "L08", "L10", "L12", "L13", "L15"]
    assert all(met for _, met in decision.checked)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"mode": "share"}, ("deny", "L01", "mode-not-allowed")),
        ({"sender_by": None}, ("deny", "L02", "sender-not-identified")),
        ({"sender_by": "LOCAL"}, ("deny", "L02", "sender-not-identified")),
        ({"domain": None}, ("hold", "L03", "no-address")),
        ({"domain": "c.mssante.test"}, ("hold", "L03", "not-in-white-list")),
        ({"domain": PATIENT}, ("deny", "L03", "not-identified")),
        ({"recipient_id": "LOCAL:1.2:7", "recipient_ids": ()}, ("hold", "L03", "not-identified")),
        ({"in_team": False}, ("deny", "L05", "not-in-care")),
        ({"identity_status": "validated"}, ("deny", "L10", "ins-not-qualified")),
        ({**TO_PATIENT, "identity_status": "validated", "ins_leaves": False}, ("deny", "L10", "ins-not-qualified")),
        ({**TO_PATIENT, "domain": B}, ("deny", "L03", "not-identified")),
        ({"masks": ("MASQUE_PS",)}, ("deny", "L12", "masked-to-professionals")),
        ({**TO_PATIENT, "masks": ("INVISIBLE_PATIENT",)}, ("deny", "L12", "masked-to-patient")),
        ({"masks": ("INVISIBLE_REPRESENTANTS_LEGAUX",)}, ("deny", "L12", "mask-combination")),
        ({**TO_PATIENT, "masks": ("MASQUE_PS",), "secret_care": True}, ("deny", "L12", "mask-combination")),
        ({"masks": ("SOMETHING_NEW",)}, ("deny", "L12", "mask-combination")),
        ({"transport": "smtp"}, ("deny", "L15", "channel-not-secure")),
        ({"origin_domain": "gmail.example"}, ("hold", "L15", "channel-not-secure")),
    ],
)
def test_each_rule_says_no_by_its_own_name(changed: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert said(decide(**changed)) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"in_team": False, "named": True},
        TO_PATIENT,
        {"masks": ("INVISIBLE_PATIENT",), "secret_care": True},
        {**TO_PATIENT, "masks": ("MASQUE_PS",)},
        {**BOX, "in_team": False, "named": True},
        {"identity_status": "validated", "ins_leaves": False},
        {"transport": "folder", "domain": None, "origin_domain": None},
        {"recipient_id": "LOCAL:1.2:7", "recipient_ids": (), "address_by": "event"},
        {"origin_domain": None},
    ],
)
def test_what_the_law_allows_passes(changed: dict[str, Any]) -> None:
    assert decide(**changed).permitted


@pytest.mark.parametrize(
    "white_list",
    [None, replace(LIST, generated_at=NOW - timedelta(hours=73)), replace(LIST, generated_at=NOW + timedelta(days=2))],
)
def test_without_a_white_list_of_these_days_everything_by_mssante_waits(white_list: WhiteList | None) -> None:
    assert said(decide(white_list=white_list)) == ("hold", "L03", "white-list-missing")
    assert decide(white_list=white_list, transport="folder", domain=None).permitted


@pytest.mark.parametrize(
    ("objection", "changed", "barred"),
    [
        (against(), {}, True),
        (against(), TO_PATIENT, True),
        (against(recipient="RPPS:10100054328"), {}, True),
        (against(recipient="FINESS:750000127"), {}, True),
        (against(recipient="RPPS:10100012342"), {}, False),
        (against(category="1"), {}, True),
        (against(category="2"), {}, False),
        (against(category="2"), {"category": None}, True),
        (against(category="1"), TO_PATIENT, False),
        (against(event_type="report"), {}, True),
        (against(event_type="report.*"), {}, True),
        (against(event_type="report.shared"), {}, True),
        (against(event_type="team"), {}, False),
        (against(event_type="rep"), {}, False),
        (against(tenant="other"), {}, False),
        (against(patient="p2"), {}, False),
        (against(withdrawn_at=NOW), {}, False),
        (against(withdrawn_at=NOW + timedelta(seconds=1)), {}, True),
        (against(at=NOW + timedelta(minutes=5)), {}, True),
        (against(recipient="RPPS:10100054328", category="2"), {}, False),
    ],
)
def test_an_objection_bars_what_it_covers(objection: Objection, changed: dict[str, Any], barred: bool) -> None:
    decision = decide(objection, **changed)
    assert said(decision) == ("deny", "L08", "objection") if barred else decision.permitted


def test_an_objection_against_a_person_holds_a_mailbox_whose_bearer_is_not_known() -> None:
    assert said(decide(against(recipient="RPPS:10100054328"), **BOX)) == ("hold", "L08", "not-identified")
    assert said(decide(against(recipient=f"x@{B}"), **BOX)) == ("deny", "L08", "objection")


def test_naming_someone_does_not_lift_the_patients_objection() -> None:
    assert said(decide(against(), named=True)) == ("deny", "L08", "objection")


def test_a_cancellation_reaches_whoever_received_the_report_and_nobody_else() -> None:
    taken: dict[str, Any] = {"event_type": "report.cancelled", "report": False, "in_team": False}
    for whom in ({}, BOX, TO_PATIENT):
        told = decide(**{**whom, **taken, "received": True})
        assert (told.verdict.value, told.ground) == ("permit", "received")
    for right in ("in_team", "named"):
        assert said(decide(**{**taken, right: True})) == ("deny", "L05", "did-not-receive")
    assert said(decide(**{**TO_PATIENT, **taken})) == ("deny", "L05", "did-not-receive")


def test_an_objection_bars_a_newer_version_and_not_the_news_that_it_is_taken_back() -> None:
    held: dict[str, Any] = {"in_team": False, "received": True}
    assert said(decide(against(), event_type="report.replaced", **held)) == ("deny", "L08", "objection")
    assert decide(against(), event_type="report.cancelled", report=False, **held).permitted


def test_who_received_a_report_gets_its_newer_version_on_that_ground() -> None:
    told = decide(event_type="report.replaced", in_team=False, received=True)
    assert (told.permitted, told.ground) == (True, "received")
    assert said(decide(event_type="report.replaced", in_team=False)) == ("deny", "L05", "not-in-care")


def test_a_denial_outranks_a_hold_and_every_rule_is_still_told() -> None:
    decision = decide(domain=None, in_team=False)
    assert said(decision) == ("deny", "L05", "not-in-care")
    assert dict(decision.checked)["L03"] is False


class Explosive(tuple):  # type: ignore[type-arg]
    """Objections that cannot be read."""

    def __iter__(self) -> Any:
        raise RuntimeError("a row is broken")


@pytest.mark.parametrize(
    "broken",
    [
        {"case": replace(CASE, masks=None)},
        {"case": replace(CASE, masks=3)},
        {"case": replace(CASE, recipient_ids=None)},
        {"case": replace(CASE, domain=7)},
        {"case": {}},
        {"case": None},
        {"case": {**case_tree(CASE), "in_team": "yes"}},
        {"case": {**case_tree(CASE), "rule": "none"}},
        {"objections": Explosive([1])},
        {"objections": [object()]},
        {"objections": None},
        {"white_list": object()},
        {"now": None},
        {"now": NOW.replace(tzinfo=None)},
    ],
)
def test_whatever_breaks_inside_the_gate_nothing_goes_through(broken: dict[str, Any]) -> None:
    given: dict[str, Any] = {"case": CASE, "objections": [], "white_list": LIST, "now": NOW, **broken}
    assert said(judge(**given)) == ("hold", "L00", "broken")


@pytest.mark.parametrize("truthy", [1, "yes", [0], object()])
def test_only_true_is_true(truthy: Any) -> None:
    assert decide(in_team=truthy, named=truthy).rule in ("L00", "L05")
    assert not decide(in_team=truthy, named=truthy).permitted


def test_a_permit_cannot_be_made_without_ground() -> None:
    with pytest.raises(ValueError, match="ground"):
        Decision(verdict=Verdict.PERMIT, rule="L05", reason=None, ground=None, checked=())
    with pytest.raises(ValueError, match="every rule"):
        Decision(verdict=Verdict.PERMIT, rule="L05", reason=None, ground="named", checked=(("L01", False),))


# — endpoints: the recipient's own software

THEIRS = Endpoint(
    name="dossier",
    kind="fhir_server",
    url="https://dossier.example",
    stands_for=frozenset({"FINESS:750000127", "RPPS:10100054328"}),
)
BY_ENDPOINT: dict[str, Any] = {"transport": "fhir_server", "endpoint": "dossier", "domain": None, "address_by": None}


def asked(*endpoints: Endpoint, **changed: Any) -> Decision:
    case = replace(CASE, **{**BY_ENDPOINT, **changed})
    return judge(case, objections=(), white_list=None, now=NOW, endpoints=Endpoints(endpoints))


def test_an_endpoint_of_the_settings_needs_no_white_list() -> None:
    assert asked(THEIRS).permitted
    assert asked(THEIRS).ground == "in-team"


@pytest.mark.parametrize("changed", [
    {"endpoint": None}, {"endpoint": "another"}, {"transport": "callback"},
    {"recipient_id": "RPPS:1", "recipient_ids": (), "organization_ids": ("FINESS:1",)},
    {**TO_PATIENT, "domain": None}, {**BOX, "domain": None, "organization_ids": ()},
])  # fmt: skip
def test_a_leg_to_no_endpoint_of_its_recipient_waits_for_a_person(changed: dict[str, Any]) -> None:
    assert said(asked(THEIRS, **changed)) == ("hold", "L03", "no-endpoint")


def test_an_endpoint_that_left_the_settings_holds_what_was_meant_for_it() -> None:
    assert said(asked()) == ("hold", "L03", "no-endpoint")
    assert said(judge(replace(CASE, **BY_ENDPOINT), objections=(), white_list=None, now=NOW)) == (
        "hold", "L03", "no-endpoint",
    )  # fmt: skip


def test_the_site_a_person_works_at_may_have_the_endpoint_and_an_objection_to_it_counts() -> None:
    whom = {"recipient_id": "RPPS:10100099999", "recipient_ids": ("RPPS:10100099999",)}
    assert asked(THEIRS, **whom).permitted
    case = replace(CASE, **{**BY_ENDPOINT, **whom})
    refused = judge(
        case,
        objections=[against(recipient="FINESS:750000127")],
        white_list=None,
        now=NOW,
        endpoints=Endpoints((THEIRS,)),
    )
    assert said(refused) == ("deny", "L08", "objection")


def test_there_is_no_endpoint_without_https() -> None:
    with pytest.raises(ValueError, match="https"):
        replace(THEIRS, url="http://dossier.example")


# — the whole table, against a second reading of the law

FACTS: dict[str, tuple[Any, ...]] = {
    "mode": ("exchange", "share"),
    "transport": ("mssante", "folder", "fhir_server", "callback", "somebody else's callback", "fax"),
    "sender": ("RPPS", None),
    "who": ("professional", "mailbox", "patient"),
    "belongs": ("in-team", "named", "received", "neither"),
    "takes_back": (False, True),
    "listed": (True, False, "no-list"),
    "qualified": (True, False),
    "ins_leaves": (True, False),
    "objects": (True, False),
    "masked_to_professionals": (True, False),
    "masked_to_patient": (True, False),
}


ENDPOINTS, ELSES = ("fhir_server", "callback"), "somebody else's "


def endpoints_for(fact: dict[str, Any]) -> Endpoints:
    key = "RPPS:10100099999" if fact["transport"].startswith(ELSES) else CASE.recipient_id
    kind: EndpointKind = "fhir_server" if fact["transport"] == "fhir_server" else "callback"
    return Endpoints((Endpoint(name="e", kind=kind, url="https://e.example", stands_for=frozenset({key})),))


def case_for(fact: dict[str, Any]) -> Case:
    masks = [("MASQUE_PS", fact["masked_to_professionals"]), ("INVISIBLE_PATIENT", fact["masked_to_patient"])]
    whom: dict[str, Any] = {"professional": {}, "mailbox": BOX, "patient": TO_PATIENT}[fact["who"]]
    return replace(
        CASE,
        **{
            **whom,
            "mode": fact["mode"],
            "transport": fact["transport"].removeprefix(ELSES),
            **({"endpoint": "e", "domain": None} if fact["transport"].endswith(ENDPOINTS) else {}),
            "sender_by": fact["sender"],
            "in_team": fact["belongs"] == "in-team",
            "named": fact["belongs"] == "named",
            "received": fact["belongs"] == "received",
            "event_type": "report.cancelled" if fact["takes_back"] else "report.replaced",
            "identity_status": "qualified" if fact["qualified"] else "retrieved",
            "ins_leaves": fact["ins_leaves"],
            "masks": tuple(mask for mask, said in masks if said),
        },
    )


def list_for(fact: dict[str, Any]) -> WhiteList | None:
    if fact["listed"] == "no-list":
        return None
    return LIST if fact["listed"] else replace(LIST, domains=frozenset({A}))


def law(fact: dict[str, Any]) -> str:
    """The law again, in its own order and without looking at the code."""
    patient = fact["who"] == "patient"
    forbidden = (
        fact["mode"] != "exchange"
        or fact["transport"] == "fax"
        or fact["sender"] is None
        or (fact["belongs"] == "neither" and not patient and not fact["takes_back"])
        or (fact["belongs"] != "received" and fact["takes_back"])
        or (fact["objects"] and not fact["takes_back"])
        or (not fact["qualified"] and (fact["ins_leaves"] or patient))
        or (fact["masked_to_professionals"] and not patient)
        or (fact["masked_to_patient"] and patient)
    )
    if forbidden:
        return "deny"
    if fact["transport"] == "mssante" and fact["listed"] is not True:
        return "hold"
    if fact["transport"].startswith(ELSES) or (fact["transport"] in ENDPOINTS and fact["who"] != "professional"):
        return "hold"  # an endpoint is for identified professionals and structures only
    return "permit"


def test_over_every_combination_the_gate_and_the_law_agree_and_no_permit_lacks_a_ground() -> None:
    told: Counter[str] = Counter()
    for values in product(*FACTS.values()):
        fact = dict(zip(FACTS, values, strict=True))
        objections = [against()] if fact["objects"] else []
        decision = judge(
            case_for(fact), objections=objections, white_list=list_for(fact), now=NOW, endpoints=endpoints_for(fact)
        )
        assert decision.verdict == law(fact), fact
        assert decision.rule != "L00", fact
        assert (decision.ground is not None) == decision.permitted
        assert decision.reason is None or decision.reason in REASONS
        told[decision.verdict.value] += 1
    assert sum(told.values()) == 55_296
    assert told["permit"] > 0
    assert told["hold"] > 0
