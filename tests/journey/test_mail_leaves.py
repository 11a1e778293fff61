"""The mail of a leg as it reaches a server: the same bytes at each attempt, and to a patient only what is for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.model.exchange import LegState
from gateway.pack import Mail, read_mail
from tests.journey.conftest import EXAMPLES, World
from tests.places.authority import Authority
from tests.places.hostile_smtp import HostileSmtp
from tests.places.tricks import Trick, drops, says

INS = json.loads((EXAMPLES / "report.shared.json").read_bytes())["patient"]["ins"]["number"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "authority").mkdir()
    return Authority(tmp_path / "authority")


def in_turn(*tricks: Trick) -> Trick:
    """The first of them at first, then the next one."""
    left = iter(tricks)
    return lambda connection, stopping: next(left)(connection, stopping)


@pytest.fixture
def server(authority: Authority) -> Iterator[HostileSmtp]:
    """Says "later" after the first mail, drops the line after the second, takes the third."""
    end = in_turn(says("451 4.3.0 later"), drops, says("250 2.0.0 taken"))
    made = HostileSmtp(authority.server(), {"dot": end})
    yield made
    made.close()


def behind(world: World, server: HostileSmtp, authority: Authority, **box: Any) -> World:
    """The world, with that server as the submission server of its application mailbox."""

    def change(tree: dict[str, Any]) -> None:
        (app, *_) = tree["mailboxes"]
        tree["mailboxes"] = [{**app, **box}]
        tree["operators"][app["operator"]] |= {"smtp": f"localhost:{server.port}", "ca": str(authority.ca_file)}

    return world.changed(change)


def test_every_attempt_of_a_leg_carries_the_same_bytes(world: World, server: HostileSmtp, authority: Authority) -> None:
    world = behind(world, server, authority)
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    assert world.leg(accepted).state is LegState.POSTPONED
    world.pass_time(minutes=2)
    world.send()
    assert world.leg(accepted).state is LegState.UNKNOWN
    world.pass_time(minutes=10)
    world.send()
    leg = world.leg(accepted)
    assert [attempt.outcome for attempt in leg.attempts] == ["try-later", "unknown", "handed-over"]
    assert len(server.bodies) == 3
    assert len(set(server.bodies)) == 1
    assert read_mail(server.bodies[0]).message_id == leg.message_id
    envelopes = [line for line in server.commands if line.startswith("MAIL")]
    assert len(set(envelopes)) == 1
    assert f"ENVID={leg.message_id}" in envelopes[0]


def to_patient(world: World, id: str, **asked: Any) -> Mail:
    """The mail of an event for the patient."""
    told = world.tell("report.shared", id=id, team=None, recipients=[{"patient": True, **asked}])
    world.prepare()
    with world.gateway.store.glance() as unit:
        return read_mail(unit.contents.get(world.caller.tenant, told.exchange, "parcel/1"))


def test_a_patient_gets_plain_words_one_address_to_answer_to_and_the_end_when_asked(
    world: World, server: HostileSmtp, authority: Authority
) -> None:
    world = behind(world, server, authority, reply_to="secretariat@cpts.a.mssante.test")
    mail, last = to_patient(world, "E-1"), to_patient(world, "E-2", end_of_exchange=True)
    assert mail.recipients == last.recipients == (f"{INS}@patient.mssante.fr",)
    assert mail.answers_to == "secretariat@cpts.a.mssante.test"
    assert [name for name, _ in mail.headers].count("reply-to") == 1
    assert (mail.ends_exchange, last.ends_exchange) == (False, True)
    assert ("x-mss-mes", "FIN") in last.headers
    assert "Vous pouvez répondre à ce message." in mail.text
    assert "vous ne pouvez pas répondre" in last.text


def test_a_professional_is_never_told_that_an_exchange_ends(world: World) -> None:
    told = world.report_to("sophie.bernard")
    world.prepare()
    with world.gateway.store.glance() as unit:
        mail = read_mail(unit.contents.get(world.caller.tenant, told.exchange, "parcel/1"))
    assert not mail.ends_exchange
    assert "x-mss-mes" not in dict(mail.headers)
    assert "logiciel métier" in mail.text
