"""The sandbox's listener takes what is signed, once, and keeps it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.deliver import DeliveryReport, Outcome, Parcel
from gateway.model.errors import Broken
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.listener import Listener, received
from tests.deliver.posts import NOON, SECRET, endpoint, event, transport

Send = Callable[..., DeliveryReport]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def ear(tmp_path: Path, certificates: Certificates) -> Iterator[Listener]:
    with Listener(tmp_path / "hook", certificates, ["another one", SECRET], slow_s=0.1, now=lambda: NOON) as opened:
        yield opened


def send_to(
    ear: Listener, parcel: Parcel, magic: str = "", *, secret: str = SECRET, late: timedelta = timedelta()
) -> DeliveryReport:
    at = endpoint("callback", ear.port, Path(ear.ca), url=ear.url + magic, secrets=(secret,))
    ours = transport("callback", at, now=lambda: NOON - late)
    try:
        return ours.send(parcel)
    finally:
        ours.close()


def test_a_signed_event_is_kept_once_however_often_it_comes(ear: Listener) -> None:
    one, two = event(), event()
    for parcel in (one, two, one, one):
        assert send_to(ear, parcel).outcome is Outcome.ARRIVED
    assert [heard.message_id for heard in ear.received()] == [one.message_id, two.message_id]
    assert ear.received()[0].event == json.loads(one.body)
    assert ear.bodies == [one.body, two.body, one.body, one.body]


def test_what_nobody_of_ours_has_signed_is_turned_away(ear: Listener) -> None:
    for how in ({"secret": "wrong"}, {"late": timedelta(minutes=6)}):
        assert send_to(ear, event(), **how).code == "sign-in-refused"
    assert (ear.received(), ear.refused) == ([], 2)


def test_what_is_no_cloudevent_is_refused(ear: Listener) -> None:
    for body in (b"{", b"[]", b"{}", b"[" * 50_000):
        assert send_to(ear, Parcel("m1", "", "logiciel", body)).outcome is Outcome.NEVER
    assert ear.received() == []


def test_magic_paths_are_slow_late_or_gone(ear: Listener) -> None:
    assert send_to(ear, event(), "/slow").outcome is Outcome.ARRIVED
    assert send_to(ear, event(), "/refuse").code == "HTTP 410"
    late = event()
    assert [send_to(ear, late, "/later").outcome for _ in range(2)] == [Outcome.TRY_LATER, Outcome.ARRIVED]
    assert len(ear.received()) == 2


def test_a_restart_knows_what_came_before(tmp_path: Path, certificates: Certificates, ear: Listener) -> None:
    parcel = event()
    send_to(ear, parcel)
    ear.close()
    with Listener(tmp_path / "hook", certificates, [SECRET], port=ear.port, now=lambda: NOON) as again:
        send_to(again, parcel)
        send_to(again, event())
        assert len(again.received()) == 2
    assert received(tmp_path / "hook")[0].message_id == parcel.message_id


def test_a_port_that_is_taken_is_said(tmp_path: Path, certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Broken, match="is taken"):
        Listener(tmp_path / "hook", certificates, [SECRET], port=other.getsockname()[1])


def test_a_client_that_speaks_no_tls_keeps_nobody_waiting(ear: Listener) -> None:
    with (
        socket.create_connection(("127.0.0.1", ear.port)) as silent,
        socket.create_connection(("127.0.0.1", ear.port)) as rude,
    ):
        rude.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert send_to(ear, event()).outcome is Outcome.ARRIVED
        assert silent.fileno() >= 0
        ear.close()
