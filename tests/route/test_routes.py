"""Who is chosen, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.event import read_event
from gateway.model.identity import Identifier, MailAddress, Scheme
from gateway.route import Choices, Receiver, Routes, case_from, case_of, case_tree, receiver_of
from tests.route.cast import EXAMPLE, INS, NOW, RELATIVE, STRUCTURE, member, person, report, rpps, scene, team, tree
from tests.strategies import events, known_for

R0, R1, R2, R3, R4 = (f"RPPS:{rpps(rank)}" for rank in range(5))


def routes(*lines: str) -> Routes:
    """Routes by mssante in exchange, named a, b, c…, from the rest of each."""
    text = "".join(
        f"  - {{name: {name}, via: mssante, mode: exchange, {rest}}}\n"
        for name, rest in zip("abcdef", lines, strict=False)
    )
    return Routes.load(f"routes:\n{text}".encode())


EACH = routes("to: {each: member}")


def chosen(choices: Choices) -> list[str]:
    return [one.addressee.id for one in choices.chosen]


def refused(choices: Choices) -> dict[str, str]:
    return {one.who: one.reason for one in choices.not_addressed}


def choose(table: Routes, told: dict[str, Any], before: dict[str, Any] | None = None, **more: Any) -> Choices:
    event, known = scene(told, before)
    return table.choose(event, known, more.pop("now", NOW), **more)


def test_the_published_example_addresses_each_professional_member_and_no_relative() -> None:
    choices = choose(Routes.load(EXAMPLE), tree())
    assert chosen(choices) == [R1, R2]
    assert refused(choices) == {"member M-R": "not-addressable"}
    first = choices.chosen[0]
    assert first.chosen_because == (
        'route "Every team change goes to each professional member\'s own mailbox": member M-1'
    )
    assert (first.transport, first.mode, first.attach_fhir) == ("mssante", "exchange", "known-gateways")
    assert (first.in_team, first.named, first.addressee.category) == (True, False, "1")


def test_the_published_example_does_not_concern_a_report_and_says_so() -> None:
    choices = choose(Routes.load(EXAMPLE), report(), team([member(1)]))
    assert choices.chosen == ()
    assert [why for _, why in choices.not_matched] == ["the event is report.shared"]


def test_someone_who_joins_is_addressed_like_the_others() -> None:
    joined = {**tree(type="team.member-joined", team={"id": "T-7"}), "member": member(3)}
    assert chosen(choose(Routes.load(EXAMPLE), joined, team([member(1)]))) == [R1, R3]


def test_the_sender_does_not_write_to_themselves() -> None:
    choices = choose(EACH, tree(team=team([member(0), member(1)])))
    assert chosen(choices) == [R1]
    assert refused(choices) == {R0: "is-the-sender"}


def test_a_member_who_left_gets_nothing_and_one_who_came_back_does() -> None:
    left, back = member(1, until="2026-11-10"), member(2, until="2026-01-01", since="2025-01-01")
    again = member(2, since="2026-06-01")
    choices = choose(EACH, tree(team=team([left, back, again])))
    assert chosen(choices) == [R2]
    assert refused(choices) == {"member M-1": "has-left"}


def test_a_structure_alone_is_a_member_like_another() -> None:
    choices = choose(EACH, tree(sender=person(0), team=team([STRUCTURE])))
    assert chosen(choices) == ["FINESS:750000127"]
    assert choices.chosen[0].addressee.kind == "structure"


def test_the_senders_recipients_replace_the_routes_by_default() -> None:
    choices = choose(EACH, tree(recipients=[{"rpps": rpps(4)}]))
    assert chosen(choices) == [R4]
    one = choices.chosen[0]
    assert (one.named, one.in_team, one.transport, one.mode, one.route) == (True, False, "mssante", "exchange", "")
    assert one.chosen_because == "named by the sender: professional"
    assert choices.not_matched == (("a", "the sender names the recipients"),)


def test_also_adds_the_senders_recipients_and_keeps_both_reasons_for_one_person() -> None:
    choices = choose(EACH, tree(recipients=[{"rpps": rpps(1)}], recipients_mode="also"))
    assert chosen(choices) == [R1, R2]
    both = choices.chosen[0]
    assert both.reasons == ("named by the sender: professional", 'route "a": member M-1')
    assert (both.named, both.in_team, both.addressee.name, both.route) == (True, True, "Alix NOM1", "a")


def test_a_member_named_by_number_brings_what_the_team_knows_of_them() -> None:
    known = member(1, mss="alix@b.mssante.test")
    choices = choose(EACH, tree(recipients=[{"rpps": rpps(1)}], team=team([known])))
    assert choices.chosen[0].addressee.address == MailAddress("alix@b.mssante.test")
    assert choices.chosen[0].addressee.member == "M-1"


def test_a_mailbox_and_the_person_it_belongs_to_are_one() -> None:
    known = member(1, mss="alix@b.mssante.test")
    named = [{"mss": "Alix@B.mssante.test", "name": "Alix"}]
    choices = choose(EACH, tree(recipients=named, recipients_mode="also", team=team([known])))
    assert chosen(choices) == [R1]


def test_two_members_who_share_a_mailbox_stay_two() -> None:
    shared = team([member(1, mss="cabinet@b.mssante.test"), member(2, mss="cabinet@b.mssante.test")])
    named = [{"mss": "cabinet@b.mssante.test"}]
    choices = choose(EACH, tree(recipients=named, recipients_mode="also", team=shared))
    assert chosen(choices) == [R1, R2]


@pytest.mark.parametrize(
    ("recipient", "who", "reason"),
    [
        ({"member": "M-9"}, "member M-9", "not-identified"),
        ({"member": "M-R"}, "member M-R", "not-addressable"),
        ({"member": "M-2"}, "member M-2", "has-left"),
        ({"role": "PCP"}, "role PCP", "not-identified"),
        ({"rpps": rpps(0)}, R0, "is-the-sender"),
        ({"mss": "288091234567823@patient.mssante.fr"}, "citizen", "not-addressable"),
    ],
)
def test_whoever_cannot_be_addressed_is_told_with_a_reason(recipient: dict[str, Any], who: str, reason: str) -> None:
    told = tree(recipients=[recipient], team=team([member(1), member(2, until="2026-11-01"), RELATIVE]))
    choices = choose(EACH, told)
    assert choices.chosen == ()
    assert refused(choices) == {who: reason}


@pytest.mark.parametrize("recipient", [{"patient": True}, {"mss": f"{INS}@patient.mssante.fr"}])
def test_the_patients_mailbox_is_built_from_their_own_qualified_ins(recipient: dict[str, Any]) -> None:
    (one,) = choose(EACH, tree(recipients=[recipient])).chosen
    assert (one.addressee.kind, one.addressee.id) == ("patient", "patient")
    assert one.addressee.address == MailAddress(f"{INS}@patient.mssante.fr")
    assert INS not in repr(one)


def test_an_unqualified_identity_has_no_citizens_mailbox() -> None:
    told = tree(recipients=[{"patient": True}])
    told["patient"] = {**told["patient"], "identity_status": "validated"}
    assert choose(EACH, told).chosen[0].addressee.address is None
    told["recipients"] = [{"mss": f"{INS}@patient.mssante.fr"}]
    assert refused(choose(EACH, told)) == {"citizen": "ins-not-qualified"}


def test_roles_are_found_in_the_team() -> None:
    told = tree(team=team([member(1), member(2, roles=["PCP"]), {**RELATIVE, "roles": ["NOK"]}]))
    choices = choose(routes("to: {role: [PCP, NOK]}"), told)
    assert chosen(choices) == [R2]
    assert choices.chosen[0].chosen_because == 'route "a": role PCP, member M-2'
    assert refused(choices) == {"member M-R": "not-addressable"}


def test_the_treating_physician_is_addressed_when_there_is_one() -> None:
    table, told = routes("to: {treating-physician: true}"), tree()
    told["patient"] = {**told["patient"], "treating_physician": person(4)}
    assert chosen(choose(table, told)) == [R4]
    told["patient"]["treating_physician"] = {"none": True}
    assert choose(table, told).not_matched == (("a", "it fits, but leads to nobody who may be addressed"),)


def test_a_route_may_name_a_mailbox_or_those_who_received_the_report() -> None:
    (box,) = choose(routes("to: {address: dac@b.mssante.test, name: DAC, category: 2}"), tree()).chosen
    assert (box.addressee.kind, box.addressee.id) == ("mailbox", "dac@b.mssante.test")
    assert (box.addressee.category, box.in_team) == ("2", False)
    before = tuple(Receiver(one.addressee, one.transport) for one in choose(EACH, tree()).chosen)
    again = choose(routes("to: {received-by: report}"), tree(), received=before)
    assert chosen(again) == [R1, R2]


def cancelled(**more: Any) -> dict[str, Any]:
    """The report R-1 of `cast.report`, taken back."""
    return {**tree(type="report.cancelled", report={"id": "R-1", "reason": "error"}, **more), "team": "T-7"}


def taken_back(table: Routes, received: tuple[Receiver, ...], told: dict[str, Any]) -> Choices:
    """What routes make of a cancellation in a team of members 1 and 2."""
    _, known = scene(tree(team=team([member(1), member(2, until="2026-11-01")])))
    return table.choose(read_event(told), known, NOW, received=received)


def receivers(*told: tuple[int, str]) -> tuple[Receiver, ...]:
    """The nth professionals, by their channels."""
    whom = {
        one.addressee.id: one.addressee for one in choose(EACH, tree(team=team([member(n) for n in range(5)]))).chosen
    }
    return tuple(Receiver(whom[f"RPPS:{rpps(rank)}"], transport) for rank, transport in told)  # type: ignore[arg-type]


def test_a_cancellation_needs_no_route_and_goes_back_by_the_channel_the_report_went_by() -> None:
    choices = taken_back(
        routes("to: {each: member}, when: {event: plan.*}"), receivers((2, "folder"), (3, "mssante")), cancelled()
    )
    assert [(one.addressee.id, one.transport, one.received) for one in choices.chosen] == [
        (R2, "folder", True), (R3, "mssante", True),
    ]  # fmt: skip
    assert {one.chosen_because for one in choices.chosen} == {"a cancellation: received the report"}
    assert {one.named for one in choices.chosen} == {False}


def test_a_route_may_add_a_channel_to_a_cancellation_but_nobody_more() -> None:
    choices = taken_back(routes("to: {each: member}"), receivers((1, "folder"), (2, "folder")), cancelled())
    assert [(one.addressee.id, one.transport) for one in choices.chosen] == [
        (R1, "mssante"), (R1, "folder"), (R2, "folder"),
    ]  # fmt: skip
    choices = taken_back(routes("to: {each: member}"), receivers((3, "mssante")), cancelled())
    assert (chosen(choices), refused(choices)[R1]) == ([R3], "did-not-receive")


def test_the_senders_names_neither_narrow_a_cancellation_nor_add_to_it() -> None:
    named = cancelled(recipients=[{"rpps": rpps(2)}, {"rpps": rpps(4)}], recipients_mode="only")
    choices = taken_back(EACH, receivers((2, "mssante"), (3, "mssante")), named)
    assert chosen(choices) == [R2, R3]
    assert refused(choices)[R4] == "did-not-receive"


def test_a_cancellation_reaches_who_has_left_and_goes_where_the_report_went() -> None:
    box = MailAddress("ancien@b.mssante.test")
    (one,) = receivers((2, "mssante"))
    received = (Receiver(replace(one.whom, address=box), "mssante"),)
    (choice,) = taken_back(routes("to: {received-by: report}"), received, cancelled()).chosen
    assert (choice.addressee.id, choice.addressee.address) == (R2, box)


def test_a_kept_case_gives_the_receiver_again() -> None:
    event, known = scene(tree())
    (first, *_) = EACH.choose(event, known, NOW).chosen
    box = MailAddress("x@b.mssante.test")
    site = Identifier(Scheme.LOCAL, "9", "https://logiciel.example:8443/sites")
    whom = replace(first.addressee, organizations=(Identifier(Scheme.FINESS, "750000002"), site), address=box)
    case = case_of(event, replace(first, addressee=whom), None, tenant="t", patient="p")
    again = receiver_of(case_from(case_tree(case)), whom.name, box.text)
    assert again.transport == "mssante"
    assert (again.whom.id, again.whom.ids, again.whom.name, again.whom.address) == (whom.id, whom.ids, whom.name, box)
    assert again.whom.organizations == whom.organizations


@pytest.mark.parametrize("until", ["2026-11-01", "2026-11-21"])
def test_the_end_of_a_team_is_told_to_those_it_ends_for_however_late(until: str) -> None:
    members = [member(1), member(2, until="2026-10-01"), member(3, since="2026-10-02", until="2026-10-20")]
    ended = tree(type="team.closed", id="E-2", team={"id": "T-7", "until": until, "closed_reason": "moved"})
    choices = choose(EACH, ended, team(members))
    assert chosen(choices) == [R1]
    assert choices.chosen[0].in_team


def test_the_latest_participation_counts_wherever_it_stands_in_the_list() -> None:
    back = member(1, since="2026-11-05")
    told = tree(team=team([back, member(1, since="2026-10-01", until="2026-11-02"), member(2)]))
    assert chosen(choose(EACH, told)) == [R1, R2]


def test_no_route_reaches_someone_who_left_by_another_way() -> None:
    told = tree(team=team([member(1, until="2026-11-01")]))
    told["patient"] = {**told["patient"], "treating_physician": person(1)}
    assert refused(choose(routes("to: {treating-physician: true}"), told)) == {R1: "has-left"}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("when: {structure: cpts  exemple}", None),
        ("when: {structure: 750000002}", None),
        ("when: {structure: 750000127}", None),
        ("when: {structure: CPTS}", "another structure, or none"),
        ("when: {client: logimed, tenant: cpts}", None),
        ("when: {client: other}", "another client"),
        ("when: {tenant: other}", "another tenant"),
        ("when: {plan: PPS}", "another kind of plan, or none"),
        ("when: {report: 11488-4}", "another type of report, or none"),
        ("unless: {event: team.created}", "its `unless` fits"),
        ("unless: {event: team.created, client: other}", None),
    ],
)
def test_conditions_match_what_they_say(condition: str, why: str | None) -> None:
    choices = choose(routes(f"{condition}, to: {{each: member}}"), tree(), client="logimed", tenant="cpts")
    assert choices.not_matched == ((("a", why),) if why else ())


def test_a_client_that_is_not_told_matches_no_route_that_asks_for_one() -> None:
    assert choose(routes("when: {client: logimed}, to: {each: member}"), tree()).chosen == ()


def test_plans_and_reports_are_told_apart_by_kind_and_type() -> None:
    table = routes("when: {report: 11488-4}, to: {each: member}", "when: {plan: PPS}, to: {each: member}")
    assert choose(table, report(), team([member(1)])).chosen[0].route == "a"
    plan = {**tree(type="plan.created", plan={"id": "P", "kind": "PPS"}), "team": "T-7"}
    assert choose(table, plan, team([member(1)])).chosen[0].route == "b"


@pytest.mark.parametrize(
    ("valid", "now", "used"),
    [
        ("{from: 2026-11-21, to: 2026-11-21}", NOW, True),
        ("{from: 2026-11-22}", NOW, False),
        ("{from: 2026-11-22}", datetime(2026, 11, 21, 23, 30, tzinfo=UTC), True),  # already the 22nd in France
        ("{to: 2026-11-21}", datetime(2026, 11, 21, 23, 30, tzinfo=UTC), False),
        ('{from: "2026-11-21T13:00:00+01:00"}', NOW, True),
        ('{to: "2026-11-21T13:00:00+01:00"}', NOW + timedelta(seconds=1), False),
    ],
)
def test_a_route_is_used_on_its_days_counted_in_france(valid: str, now: datetime, used: bool) -> None:
    assert bool(choose(routes(f"valid: {valid}, to: {{each: member}}"), tree(), now=now).chosen) is used


def test_else_is_used_only_when_no_route_above_reached_anyone() -> None:
    table = routes("to: {role: PCP}", "else: true, to: {each: member}", "else: a, to: {role: PROV}")
    choices = choose(table, tree())
    assert [one.route for one in choices.chosen] == ["b", "b"]
    assert choices.chosen[0].reasons == ('route "b": member M-1', 'route "c": role PROV, member M-1')
    with_pcp = choose(table, tree(team=team([member(1), member(2, roles=["PCP"])])))
    assert chosen(with_pcp) == [R2]
    assert with_pcp.not_matched == (("b", 'route "a" is used'), ("c", 'route "a" is used'))


def test_two_channels_are_two_choices() -> None:
    table = Routes.load(
        b"routes:\n"
        b"  - {name: a, to: {each: member}, via: mssante, mode: exchange}\n"
        b"  - {name: b, to: {each: member}, via: folder, mode: exchange}\n"
    )
    assert [one.transport for one in choose(table, tree(team=team([member(1)]))).chosen] == ["mssante", "folder"]


@pytest.mark.parametrize("status", ["inactive", "entered-in-error"])
def test_nobody_is_in_a_team_that_is_over(status: str) -> None:
    assert not choose(EACH, tree(team=team([member(1)], status=status))).chosen[0].in_team


POOL = st.integers(0, 5)
MEMBER = st.one_of(
    st.builds(lambda rank, gone, pcp: member(rank, **gone, roles=[pcp]), POOL,
              st.sampled_from([{}, {"until": "2026-11-01"}]), st.sampled_from(["PROV", "PCP"])),
    st.just(RELATIVE),
    st.just(STRUCTURE),
)  # fmt: skip
RECIPIENT = st.one_of(
    POOL.map(lambda rank: {"rpps": rpps(rank)}),
    POOL.map(lambda rank: {"member": f"M-{rank}"}),
    st.sampled_from([{"member": "M-R"}, {"role": "PCP"}, {"patient": True}, {"mss": "x@b.mssante.test"}]),
    st.just({"finess": "750000127"}),
)
TABLES = st.lists(
    st.sampled_from(
        ["to: {each: member}", "to: {role: PCP}", "to: {patient: true}", "to: {treating-physician: true}",
         "to: {address: x@b.mssante.test}", "when: {event: report.*}, to: {each: member}"]
    ),
    max_size=4,
).map(lambda lines: routes(*lines) if lines else Routes(()))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    table=TABLES,
    members=st.lists(MEMBER, max_size=6, unique_by=lambda one: one["id"]),
    recipients=st.lists(RECIPIENT, max_size=3),
    mode=st.sampled_from(["only", "also"]),
    physician=POOL,
)
def test_never_the_sender_a_relative_or_someone_who_left_and_nobody_twice(
    table: Routes, members: list[dict[str, Any]], recipients: list[dict[str, Any]], mode: str, physician: int
) -> None:
    told = tree(team=team(members), recipients=recipients, recipients_mode=mode)
    told["patient"] = {**told["patient"], "treating_physician": person(physician)}
    choices = choose(table, told)
    ids = chosen(choices)
    assert R0 not in ids
    assert len({(one.addressee.id, one.transport) for one in choices.chosen}) == len(ids)
    assert not any("M-R" in one.chosen_because for one in choices.chosen)
    by_number = {f"RPPS:{one['rpps']}" for one in recipients if "rpps" in one}
    gone = {f"RPPS:{one['rpps']}" for one in members if "until" in one}
    assert gone & set(ids) <= by_number
    assert all(one.reasons and (one.named or one.route) for one in choices.chosen)
    assert all(not one.in_team for one in choices.chosen if one.addressee.id in gone)
    if recipients and mode == "only":
        assert all(one.named for one in choices.chosen)


@settings(max_examples=60, deadline=None)
@given(events())
def test_any_event_is_routed_without_failing(event: Any) -> None:
    choices = EACH.choose(event, known_for(event), NOW)
    assert all(one.in_team or one.named for one in choices.chosen)
