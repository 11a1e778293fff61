"""A parcel leaves for another address as a leg of its own, with the same documents, if the gate lets it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.journey.books import balance
from gateway.journey.redirect import Barred, UnknownAddress, redirect
from gateway.journey.steer import NotNow, steer_leg
from gateway.model.dossier import Leg
from gateway.model.errors import BadIdentifier
from gateway.model.exchange import LegState
from gateway.model.steering import Why
from gateway.pack import Mail, read_archive, read_mail
from tests.journey.conftest import World
from tests.journey.test_endpoints import TO_FHIR, bundles, endpoint, sites
from tests.journey.test_out_and_back import settled
from tests.journey.test_steering import admin

__all__ = ["sites"]

SOPHIE_ELSEWHERE = "sophie.bernard.cabinet@b.mssante.test"


def mail(world: World, leg: Leg) -> Mail:
    """What a leg carries."""
    with world.gateway.store.glance() as unit:
        return read_mail(unit.contents.get(leg.tenant, leg.exchange, f"parcel/{leg.n}"))


def to(world: World, leg: Leg, address: str, force: bool = True) -> Leg:
    """The leg that takes its place."""
    caller = admin(world)
    return redirect(world.gateway, caller, leg.exchange, leg.n, address, why=Why.ADDRESS_CHANGED, force=force)


def test_a_bounced_parcel_reaches_another_address_with_the_same_documents(every_world: World) -> None:
    world = every_world
    accepted = world.report_to("bounce")
    world.prepare()
    world.send()
    settled(world, accepted)
    old = world.leg(accepted)
    assert old.state is LegState.FAILED
    new = to(world, old, "hugo.petit@b.mssante.test")
    assert (new.n, new.stands_for, new.destination) == (2, 1, "hugo.petit@b.mssante.test")
    assert (new.recipient_id, new.recipient_name) == (old.recipient_id, old.recipient_name)
    assert new.message_id not in (None, old.message_id)
    first, second = mail(world, old), mail(world, new)
    assert (second.archive, second.pdfs, second.text) == (first.archive, first.pdfs, first.text)
    assert second.recipients == ("hugo.petit@b.mssante.test",)
    assert second.message_id == new.message_id
    world.send()
    settled(world, accepted)
    assert [leg.state for leg in world.legs(accepted)] == [LegState.FAILED, LegState.READ], "both facts are kept"
    (entry,) = world.audited(kind="leg-created", stands_for=1)
    assert (entry["actor"], entry["leg"]) == ("key:ad31", 2)
    assert {"wish": "redirect", "why": "address-changed", "forced": True}.items() <= entry["facts"].items()
    assert "hugo.petit" not in str(entry)
    assert balance(world.gateway, world.caller.tenant).balanced


def test_what_has_not_left_is_cancelled_in_the_same_commit(every_world: World) -> None:
    accepted = every_world.report_to("sophie.bernard")
    every_world.prepare()
    to(every_world, every_world.leg(accepted), SOPHIE_ELSEWHERE)
    old, new = every_world.legs(accepted)
    assert (old.state, old.reason) == (LegState.CANCELLED, "redirected")
    assert new.state is LegState.WAITING
    every_world.send()
    assert [len(leg.attempts) for leg in every_world.legs(accepted)] == [0, 1]


def test_who_had_no_address_gets_the_parcel_once_one_is_known(world: World) -> None:
    accepted = world.tell("report.shared", team=None, recipients=[{"rpps": "10100099992"}])
    world.prepare()
    old = world.leg(accepted)
    assert (old.state, old.reason, old.message_id) == (LegState.HELD, "no-address", None)
    new = to(world, old, "amina.roux@b.mssante.test")
    assert read_archive(mail(world, new).archive or b"").documents
    world.send()
    assert world.legs(accepted)[0].state is LegState.CANCELLED
    assert world.legs(accepted)[1].attempts[0].outcome == "handed-over"


def test_an_address_of_the_directory_needs_nobodys_word(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    leg = world.leg(accepted)
    with pytest.raises(UnknownAddress):
        to(world, leg, SOPHIE_ELSEWHERE, force=False)
    with pytest.raises(UnknownAddress):
        to(world, leg, "hugo.petit@b.mssante.test", force=False)  # known, as somebody else's
    elsewhere = to(world, leg, SOPHIE_ELSEWHERE)
    assert to(world, elsewhere, "Sophie.Bernard@b.mssante.test", force=False).state is LegState.WAITING
    assert [entry["facts"]["forced"] for entry in world.audited(kind="leg-created", wish="redirect")] == [True, False]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("someone@example.org", "not-in-white-list"),
        ("279035121518989@patient.mssante.fr", "not-identified"),
    ],
)
def test_the_gate_is_asked_for_the_new_address_and_force_does_not_pass_it(
    address: str, reason: str, world: World
) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    with pytest.raises(Barred) as barred:
        to(world, world.leg(accepted), address)
    assert barred.value.reason == reason
    assert [leg.state for leg in world.legs(accepted)] == [LegState.WAITING]
    (entry,) = world.audited(kind="gate-decision")
    assert entry["facts"]["reason"] == reason
    assert address not in str(entry)


def test_an_objection_against_the_recipient_bars_their_other_address(world: World) -> None:
    from gateway.journey.object import Barred as Recipient
    from gateway.journey.object import Objector, Statement, record_objection
    from gateway.model.identity import LocalId

    accepted = world.report_to("bounce")
    world.prepare()
    world.send()
    settled(world, accepted)
    objector = Objector(local_id=LocalId("1.2.250.1.999.42", "P-42"))
    statement = Statement(patient=objector, recipient=Recipient(key="RPPS:10100067890"))
    record_objection(world.gateway, world.caller, statement)
    with pytest.raises(Barred) as barred:
        to(world, world.leg(accepted), "hugo.petit@b.mssante.test")
    assert barred.value.reason == "objection"


def test_what_cannot_be_sent_elsewhere_is_refused_and_stays(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    leg = world.leg(accepted)
    with pytest.raises(NotNow, match="at that address already"):
        to(world, leg, "Sophie.Bernard@b.mssante.test")
    with pytest.raises(BadIdentifier):
        to(world, leg, "sophie")
    to(world, leg, SOPHIE_ELSEWHERE)
    with pytest.raises(NotNow, match="cancelled"):
        to(world, leg, "hugo.petit@b.mssante.test")
    world.send()
    sent = world.legs(accepted)[1]
    assert sent.state in (LegState.HANDED_OVER, LegState.DELIVERED, LegState.FAILED)
    if sent.state is not LegState.FAILED:
        with pytest.raises(NotNow, match=sent.state.value):
            to(world, sent, "hugo.petit@b.mssante.test")


def test_the_patients_own_mailbox_is_not_redirected(world: World) -> None:
    accepted = world.tell("report.shared", team=None, recipients=[{"patient": True}])
    world.prepare()
    with pytest.raises(NotNow, match="matricule"):
        to(world, world.leg(accepted), "hugo.petit@b.mssante.test")


def test_what_another_leg_stands_for_is_neither_retried_nor_redirected_twice(world: World) -> None:
    accepted = world.report_to("bounce")
    world.prepare()
    world.send()
    settled(world, accepted)
    old = world.leg(accepted)
    to(world, old, "hugo.petit@b.mssante.test")
    with pytest.raises(NotNow, match="another leg"):
        to(world, old, "amina.roux@b.mssante.test")
    with pytest.raises(NotNow, match="another leg"):
        steer_leg(world.gateway, admin(world), old.exchange, 1, "retry")


def test_who_had_no_endpoint_gets_the_bundle_once_the_settings_name_one(world: World, sites: dict[str, Any]) -> None:
    nobody = endpoint(world.with_routes(TO_FHIR), "dossier-de-la-cpts", **{"for": ["FINESS:750099999"]})
    accepted = nobody.tell("team.created")
    nobody.prepare()
    leg = nobody.leg(accepted)
    assert (leg.state, leg.reason) == (LegState.HELD, "no-endpoint")
    with pytest.raises(Barred):
        to(nobody, leg, "dossier-de-la-cpts")
    world = endpoint(nobody, "dossier-de-la-cpts", **{"for": sites["fhir"]["for"]})
    with pytest.raises(Barred):
        to(world, leg, "nowhere")
    before = len(bundles(sites))
    to(world, leg, "dossier-de-la-cpts", force=False)
    world.send()
    assert [one.state for one in world.legs(accepted)] == [LegState.CANCELLED, LegState.ARRIVED]
    assert len(bundles(sites)) == before + 1
