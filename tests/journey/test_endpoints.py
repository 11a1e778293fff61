"""Recipients whose software has an address of its own: on each database, in front of real https servers."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway import translate
from gateway.journey.preview import preview
from gateway.journey.send import send
from gateway.journey.steer import steer_leg
from gateway.journey.view import show_leg
from gateway.model.dossier import Leg
from gateway.model.exchange import LegState
from gateway.model.known import Known
from gateway.sandbox import Sandbox, fhir_server, listener
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.site import Site, Told
from gateway.wiring import data
from tests.journey.conftest import EXAMPLES, PEOPLE, World

COORDINATION = "330"  # the role of the structure in the example team
ROUTE = "routes: [{{name: r, when: {{event: 'team.*'}}, to: {{role: '{role}'}}, via: {via}, mode: exchange}}]"
TO_FHIR = ROUTE.format(role=COORDINATION, via="fhir_server")
TO_PARTNER = ROUTE.format(role="PROV", via="callback")


@pytest.fixture
def sites(sandbox: Sandbox) -> dict[str, Any]:
    """What the sandbox says of its FHIR server, the partner's software and the practice's own."""
    told: dict[str, Any] = json.loads((sandbox.root / "sandbox.json").read_text())["sites"]
    return told


def bundles(sites: dict[str, Any]) -> list[dict[str, Any]]:
    return fhir_server.received(Path(sites["fhir"]["folder"]))


def heard(sites: dict[str, Any], leg: Leg) -> list[listener.Heard]:
    return [one for one in listener.received(Path(sites["partner"]["folder"])) if one.message_id == leg.message_id]


def endpoint(world: World, name: str, **changes: Any) -> World:
    """The same world after an endpoint was changed in its settings; None takes a field out."""

    def change(tree: dict[str, Any]) -> None:
        told = tree["endpoints"][name] | changes
        tree["endpoints"][name] = {field: value for field, value in told.items() if value is not None}

    return world.changed(change)


def test_a_structures_fhir_server_takes_the_bundle_and_the_parcel_has_arrived(
    every_world: World, sites: dict[str, Any]
) -> None:
    world = every_world.with_routes(TO_FHIR)
    before = len(bundles(sites))
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    leg = world.leg(accepted)
    assert (leg.state, leg.transport, leg.destination) == (LegState.ARRIVED, "fhir_server", "dossier-de-la-cpts")
    (taken,) = bundles(sites)[before:]
    event = translate.from_bundle(taken, Known(), world.gateway.terms)
    assert (event.id, event.type) == ("2026-000101", "team.created")
    kinds = [entry["kind"] for entry in world.audited(exchange=accepted.exchange, leg=1)]
    assert kinds == ["leg-created", "attempt-started", "attempt-result"]


def test_a_partners_software_takes_the_event_in_its_words_signed(every_world: World, sites: dict[str, Any]) -> None:
    world = every_world.with_routes(TO_PARTNER)
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    legs = world.legs(accepted)
    assert [leg.recipient_id for leg in legs] == ["RPPS:10100023455", "RPPS:10100034569", "RPPS:10100045672"]
    assert {leg.state for leg in legs} == {LegState.ARRIVED}
    (told,) = heard(sites, legs[0])
    assert told.event["data"] == json.loads((EXAMPLES / "team.created.json").read_bytes())
    assert {name: told.event[name] for name in ("id", "type", "source", "dialect", "datacontenttype")} == {
        "id": "2026-000101",
        "type": "team.created",
        "source": "passerelle/demonstration/msp-deux-ponts/logiciel-de-demonstration",
        "dialect": "canonical",
        "datacontenttype": "application/json",
    }


def test_documents_are_made_only_when_a_mail_carries_them(world: World) -> None:
    accepted = world.with_routes(TO_FHIR).tell("team.created")
    world.with_routes(TO_FHIR).prepare()
    with world.gateway.store.glance() as unit:
        names = unit.contents.names(world.caller.tenant, accepted.exchange)
        assert names == ("bundle", "event", "known", "parcel/1")
        bundle = unit.contents.get(world.caller.tenant, accepted.exchange, "bundle")
        assert unit.contents.get(world.caller.tenant, accepted.exchange, "parcel/1") == bundle


@pytest.mark.parametrize(("route", "name", "site"), [
    (TO_FHIR, "dossier-de-la-cpts", "fhir"), (TO_PARTNER, "plateforme-territoriale", "partner"),
])  # fmt: skip
def test_what_is_put_off_arrives_later_with_the_same_bytes(
    world: World, sandbox: Sandbox, sites: dict[str, Any], route: str, name: str, site: str
) -> None:
    world = endpoint(world.with_routes(route), name, url=f"{sites[site]['url']}/later")
    accepted = world.tell("team.created")
    world.prepare()
    assert send(world.gateway, "test")
    leg = world.legs(accepted)[0]
    assert (leg.state, leg.reason, leg.attempts[0].code) == (LegState.POSTPONED, "try-later", "HTTP 503")
    world.pass_time(minutes=2)
    world.send()
    leg = world.legs(accepted)[0]
    assert [attempt.outcome for attempt in leg.attempts] == ["try-later", "arrived"]
    with world.gateway.store.glance() as unit:
        kept = unit.contents.get(leg.tenant, leg.exchange, "parcel/1")
    took = bundles(sites) if site == "fhir" else [one.event for one in heard(sites, leg)]
    assert json.loads(kept) in took


def test_the_wait_the_other_side_asks_for_is_kept_when_it_is_longer_than_ours(world: World, sandbox: Sandbox) -> None:
    site = Site(Certificates(sandbox.root / "certificates"), lambda _: Told(503, headers={"retry-after": "3600"}))
    try:
        world = endpoint(world.with_routes(TO_FHIR), "dossier-de-la-cpts", url=f"{site.root}/fhir")
        accepted = world.tell("team.created")
        world.prepare()
        world.send()
    finally:
        site.close()
    leg = world.leg(accepted)
    assert leg.due is not None
    assert 3600 <= (leg.due - leg.attempts[0].at).total_seconds() < 3700


@pytest.mark.parametrize(("route", "name", "site", "code"), [
    (TO_FHIR, "dossier-de-la-cpts", "fhir", "HTTP 422"), (TO_PARTNER, "plateforme-territoriale", "partner", "HTTP 410"),
])  # fmt: skip
def test_what_their_software_refuses_has_failed_and_says_so_without_repeating_names(
    world: World, sites: dict[str, Any], route: str, name: str, site: str, code: str
) -> None:
    world = endpoint(world.with_routes(route), name, url=f"{sites[site]['url']}/refuse")
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    leg = world.legs(accepted)[0]
    assert leg.state is LegState.FAILED
    assert code in (leg.code or "")
    assert "PAT-TROIS" not in (leg.detail or "")


def test_a_recipient_no_endpoint_stands_for_waits_for_a_person_and_says_why(world: World) -> None:
    world = endpoint(world.with_routes(TO_FHIR), "dossier-de-la-cpts", **{"for": ["FINESS:750099999"]})
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, leg.destination) == (LegState.HELD, "no-endpoint", None)
    shown = show_leg(leg)["reason"]
    assert "point d'accès" in shown["fr"]
    assert shown["who_can_fix"] == "admin"
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    world.send()
    assert (world.leg(accepted).state, world.leg(accepted).reason) == (LegState.HELD, "no-endpoint")


@pytest.mark.parametrize("change", ["taken out", "somebody else's", "of another kind"])
def test_an_endpoint_is_asked_for_again_before_each_attempt(world: World, sites: dict[str, Any], change: str) -> None:
    world = world.with_routes(TO_FHIR)
    accepted = world.tell("team.created")
    world.prepare()
    assert world.leg(accepted).state is LegState.WAITING
    before = len(bundles(sites))
    if change == "taken out":
        world = world.changed(lambda tree: tree["endpoints"].clear())
    elif change == "somebody else's":
        world = endpoint(world, "dossier-de-la-cpts", **{"for": ["FINESS:750099999"]})
    else:
        secret = "file:" + sites["partner"]["secret"]
        world = endpoint(world, "dossier-de-la-cpts", kind="callback", secret=secret)
    world.send()
    assert (world.leg(accepted).state, world.leg(accepted).reason) == (LegState.HELD, "no-endpoint")
    assert len(bundles(sites)) == before


def test_a_parcel_over_an_endpoints_limit_is_held_before_anything_is_sent_and_the_limit_is_told(world: World) -> None:
    world = endpoint(world.with_routes(TO_FHIR), "dossier-de-la-cpts", max_size=2000)
    accepted = world.tell("team.created")
    world.prepare()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, leg.attempts) == (LegState.HELD, "too-large", ())
    reason = show_leg(leg)["reason"]
    assert "(2,0 ko)" in reason["fr"]
    assert "{about}" not in reason["en"]


def test_the_operators_own_limit_is_the_mails_limit(world: World) -> None:
    def small(tree: dict[str, Any]) -> None:
        for operator in tree["operators"].values():
            operator["max_size"] = 30_000

    accepted = world.changed(small).tell("team.created")
    world.changed(small).prepare()
    assert {(leg.state, leg.reason) for leg in world.legs(accepted)} == {(LegState.HELD, "too-large")}


def test_an_event_their_dialect_has_no_words_for_is_held_and_the_others_go_on(world: World, tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "journal.yaml").write_text(narrow())
    world = world.with_routes(
        "routes:\n"
        " - {name: a, when: {event: 'team.*'}, to: {role: 'PROV'}, via: callback, mode: exchange}\n"
        f" - {{name: b, when: {{event: 'team.*'}}, to: {{role: '{COORDINATION}'}}, via: fhir_server, mode: exchange}}\n"
    )
    world = world.changed(lambda tree: tree.update(mappings=[str(tmp_path / "mappings")]))
    world = endpoint(world, "plateforme-territoriale", dialect="journal")
    accepted = world.tell("team.created")
    world.prepare()
    world.send()
    ends = {leg.transport: (leg.state, leg.reason) for leg in world.legs(accepted)}
    assert ends["callback"] == (LegState.HELD, "not-in-dialect")
    assert ends["fhir_server"] == (LegState.ARRIVED, None)
    assert "journal" in show_leg(world.legs(accepted)[0])["reason"]["fr"]


def narrow() -> str:
    """Our own dialect, save that it tells of nothing but reports."""
    tree = YAML(typ="safe").load((data("mappings") / "canonical.yaml").read_text("utf-8"))
    told = {"dialect": "journal", "events": {"report.shared": tree["events"]["report.shared"]}}
    written = StringIO()
    YAML(typ="safe").dump(tree | told, written)
    return written.getvalue()


def test_an_ins_that_is_not_qualified_leaves_in_no_form(world: World, sites: dict[str, Any]) -> None:
    world = world.with_routes(TO_PARTNER)
    tree = json.loads((EXAMPLES / "team.created.json").read_bytes())
    patient = tree["patient"] | {"identity_status": "validated"}
    patient.pop("local_id", None)
    number = patient["ins"]["number"]
    accepted = world.tell("team.created", patient=patient)
    world.prepare()
    world.send()
    (told,) = heard(sites, world.legs(accepted)[0])
    assert number not in json.dumps(told.event)
    assert told.event["data"]["patient"]["local_id"]["value"] == "2026-000101"


def test_a_dry_run_names_the_endpoint_and_sends_nothing(world: World, sites: dict[str, Any]) -> None:
    world = world.with_routes(TO_PARTNER)
    before = len(listener.received(Path(sites["partner"]["folder"])))
    body = (EXAMPLES / "team.created.json").read_bytes()
    _, _, explained = preview(world.gateway, world.caller, body, "canonical")
    assert {leg["endpoint"] for leg in explained["legs"]} == {"plateforme-territoriale"}
    assert {leg["gate"]["verdict"] for leg in explained["legs"]} == {"permit"}
    assert len(listener.received(Path(sites["partner"]["folder"]))) == before


def test_an_objection_recorded_meanwhile_bars_an_endpoint_too(every_world: World, sites: dict[str, Any]) -> None:
    from gateway.journey.object import Barred, Objector, Statement, record_objection
    from gateway.model.event import read_event

    world = every_world.with_routes(TO_PARTNER)
    tree = json.loads((EXAMPLES / "team.created.json").read_bytes())
    accepted = world.tell("team.created")
    world.prepare()
    patient = read_event(tree).patient
    objector = Objector(local_id=patient.local_id, ins=patient.ins)
    key = f"RPPS:{PEOPLE['hugo.petit'].rpps}"
    record_objection(world.gateway, world.caller, Statement(patient=objector, recipient=Barred(key=key)))
    world.send()
    ends = {leg.recipient_id: leg.state for leg in world.legs(accepted)}
    assert ends[key] is LegState.DENIED
    assert set(ends.values()) == {LegState.DENIED, LegState.ARRIVED}


@pytest.mark.parametrize("older_by", ["fhir_server", "folder"])
def test_a_server_is_asked_to_change_the_older_version_of_a_report_only_if_it_may_have_it(
    world: World, sites: dict[str, Any], older_by: str
) -> None:
    world.tell("team.created")
    world.prepare()
    route = "routes: [{{name: r, when: {{event: 'report.*'}}, to: {{role: '330'}}, via: {via}, mode: exchange}}]"
    first = world.with_routes(route.format(via=older_by))
    first.tell("report.shared", recipients=None)
    first.prepare()
    first.send()
    report = json.loads((EXAMPLES / "report.replaced.json").read_bytes())["report"]
    older = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]["id"]
    second = world.with_routes(route.format(via="fhir_server"))
    accepted = second.tell("report.replaced", recipients=None, report=report | {"replaces": older})
    second.prepare()
    second.send()
    by_server = [leg for leg in second.legs(accepted) if leg.transport == "fhir_server"]
    assert [leg.state for leg in by_server] == [LegState.ARRIVED]
    methods = {entry["request"]["method"] for entry in bundles(sites)[-1]["entry"]}
    assert ("PATCH" in methods) is (older_by == "fhir_server")
