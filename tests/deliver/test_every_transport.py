"""The promises of Transport, asked of every adapter in front of a real place of its kind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.deliver import Collected, DeliveryReport, Outcome, Parcel, Transport
from gateway.deliver.folder import Folder
from gateway.deliver.mssante import Mssante
from gateway.model.errors import Broken, Unreachable
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.fhir_server import FhirBox
from gateway.sandbox.listener import Listener
from tests.deliver.conftest import DOMAIN, letter
from tests.deliver.posts import NOON, SECRET, WRITTEN, endpoint, transport
from tests.places.operator import OperatorPlace
from tests.places.ports import free_ports


@dataclass(frozen=True)
class Door:
    """One adapter before its place: how to write to it, what came out, how to put mail where it collects."""

    transport: Transport
    elsewhere: Transport  # the same adapter, its place gone
    mailbox: str
    arrived: Callable[[int], list[bytes]]  # wait for that many, in any order
    put: Callable[[bytes], None]
    write: Callable[..., Parcel]


def _folder(tmp_path: Path) -> Door:
    folder = Folder(tmp_path / "box", collect_max_bytes=100_000)
    blocked = tmp_path / "a-file"
    blocked.write_text("not a directory")

    def put(raw: bytes) -> None:
        incoming = tmp_path / "box" / "in"
        incoming.mkdir(parents=True, exist_ok=True)
        (incoming / f"{len(list(incoming.iterdir()))}.eml").write_bytes(raw)

    return Door(
        folder,
        Folder(blocked / "box"),
        "box",
        lambda count: [file.read_bytes() for file in (tmp_path / "box" / "out").glob("*.eml")],
        put,
        lambda **how: letter(f"reader@{DOMAIN}", **how),
    )


def _mssante(place: OperatorPlace, transport: Callable[..., Mssante]) -> Door:
    at = place.operator(collect_max_bytes=100_000)
    sender = place.application("app", operator=at, collect=False)
    box = place.application("cabinet", operator=at)
    reader = f"reader@{DOMAIN}"
    place.postfix.wait_until_idle()
    for each in (reader, box.address.text):
        place.dovecot.empty(each)
    ours = transport(sender, box)
    [nowhere] = free_ports(1)
    gone = place.operator(smtp_port=nowhere, imap_port=nowhere)

    def put(raw: bytes) -> None:
        before = len(place.dovecot.stored(box.address.text))
        assert ours.send(letter(box.address.text, text=raw)).outcome is Outcome.HANDED_OVER
        place.dovecot.wait_for_mail(box.address.text, before + 1)

    def arrived(count: int) -> list[bytes]:
        place.dovecot.wait_for_mail(reader, count)
        looking = transport(place.application("reader"))
        return [each.raw for each in looking.collect()]

    return Door(
        ours,
        transport(place.application("app", operator=gone, collect=False), place.application("cabinet", operator=gone)),
        box.address.text,
        arrived,
        put,
        lambda **how: letter(reader, **how),
    )


def _fhir_server(tmp_path: Path, held: ExitStack) -> Door:
    box = held.enter_context(FhirBox(tmp_path / "fhir", Certificates(tmp_path / "certificates")))
    return _posting(box, "fhir_server", lambda: box.bodies, held)


def _callback(tmp_path: Path, held: ExitStack) -> Door:
    certificates = Certificates(tmp_path / "certificates")
    ear = held.enter_context(Listener(tmp_path / "hook", certificates, [SECRET], now=lambda: NOON))
    return _posting(ear, "callback", lambda: ear.bodies, held)


def _posting(place: FhirBox | Listener, kind: str, bodies: Callable[[], list[bytes]], held: ExitStack) -> Door:
    [nowhere] = free_ports(1)
    ca = Path(place.ca)
    ours = transport(kind, endpoint(kind, place.port, ca, url=place.url))
    gone = transport(kind, endpoint(kind, nowhere, ca))
    held.callback(ours.close)

    def put(raw: bytes) -> None:
        raise NotImplementedError("nothing is collected here")

    return Door(ours, gone, "", lambda count: bodies(), put, WRITTEN[kind])


def _door(kind: str, request: pytest.FixtureRequest, tmp_path: Path, held: ExitStack) -> Door:
    if kind == "mssante":
        return _mssante(request.getfixturevalue("place"), request.getfixturevalue("transport"))
    if kind == "folder":
        return _folder(tmp_path)
    return _fhir_server(tmp_path, held) if kind == "fhir_server" else _callback(tmp_path, held)


@pytest.fixture(params=["folder", "mssante", "fhir_server", "callback"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """Every adapter."""
    with ExitStack() as held:
        yield _door(request.param, request, tmp_path, held)


@pytest.fixture(params=["folder", "mssante"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """The adapters that also collect."""
    with ExitStack() as held:
        yield _door(request.param, request, tmp_path, held)


@pytest.fixture(params=["fhir_server", "callback"])
def outlet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """The adapters that never collect."""
    with ExitStack() as held:
        yield _door(request.param, request, tmp_path, held)


GONE_OUT = {Outcome.ARRIVED, Outcome.HANDED_OVER}
AWKWARD = b".\r\n..\r\n. dot\r\n\r\n" + b"x" * 998 + b"\r\nFrom here\r\n=2E\r\n" + bytes(range(33, 127)) + b"\r\n\r\n"


def test_it_says_what_kind_it_is(door: Door) -> None:
    assert door.transport.kind in {"folder", "mssante", "fhir_server", "callback"}


@pytest.mark.parametrize("text", [b"Bonjour.\r\n", AWKWARD, b"abc\r\n" * 200_000], ids=["plain", "awkward", "1 MB"])
def test_an_accepted_parcel_arrives_byte_for_byte(door: Door, text: bytes) -> None:
    parcel = door.write(text=text)
    report = door.transport.send(parcel)
    assert report.outcome in GONE_OUT
    [raw] = door.arrived(1)
    # a mail system writes its own lines (Return-Path, Received) above ours, and touches nothing below them
    assert raw.endswith(parcel.body)
    assert not any(raw[: -len(parcel.body)].startswith(mark) for mark in (b"From:", b"\r\n"))


def test_sending_twice_is_harmless(door: Door) -> None:
    parcel = door.write()
    reports = [door.transport.send(parcel), door.transport.send(parcel)]
    assert {report.outcome for report in reports} <= GONE_OUT
    copies = door.arrived(2 if reports[0].outcome is Outcome.HANDED_OVER else 1)
    assert {raw[-len(parcel.body) :] for raw in copies} == {parcel.body}


def test_a_report_is_short_and_on_one_line(door: Door) -> None:
    report = door.transport.send(door.write())
    assert isinstance(report, DeliveryReport)
    assert report.code
    assert 0 < len(report.detail) <= 500
    assert report.detail.isprintable()


def test_many_threads_may_send_at_once(door: Door) -> None:
    parcels = [door.write() for _ in range(12)]
    reports: list[DeliveryReport] = []
    threads = [
        threading.Thread(target=lambda mine=mine: reports.extend(map(door.transport.send, mine)))
        for mine in (parcels[:4], parcels[4:8], parcels[8:])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 12
    assert {report.outcome for report in reports} <= GONE_OUT
    bodies = door.arrived(12)
    assert all(any(raw.endswith(parcel.body) for raw in bodies) for parcel in parcels)


def test_a_place_that_is_gone_is_unreachable(door: Door) -> None:
    with pytest.raises(Unreachable) as caught:
        door.elsewhere.send(door.write())
    assert caught.value.advice


def test_a_place_that_is_gone_cannot_be_collected_from(box: Door) -> None:
    with pytest.raises(Unreachable):
        list(box.elsewhere.collect())
    with pytest.raises(Unreachable):
        box.elsewhere.forget(box.mailbox, ["1/1" if box.transport.kind == "mssante" else "1.eml"])


def test_what_never_collects_says_so_and_forgets_harmlessly(outlet: Door) -> None:
    outlet.transport.forget("", ["1", "../x"])
    assert list(outlet.transport.collect()) == []
    assert outlet.transport.left_behind() == ()


def test_a_parcel_of_a_ready_origin_can_be_tried(door: Door) -> None:
    assert door.transport.ready(f"app@{DOMAIN}") is None


def test_an_empty_mailbox_yields_nothing(box: Door) -> None:
    assert list(box.transport.collect()) == []


def test_collecting_changes_nothing_over_there(box: Door) -> None:
    box.put(b"one\r\n")
    box.put(AWKWARD)
    first, second = list(box.transport.collect()), list(box.transport.collect())
    assert first == second
    assert len({each.handle for each in first}) == 2
    assert any(each.raw.endswith(AWKWARD) for each in first)
    assert {each.mailbox for each in first} == {box.mailbox}


def test_a_forgotten_message_is_gone_and_the_others_stay(box: Door) -> None:
    for text in (b"one\r\n", b"two\r\n", b"three\r\n"):
        box.put(text)
    found = {each.raw.rpartition(b"\r\n\r\n")[2] or each.raw: each for each in box.transport.collect()}
    box.transport.forget(box.mailbox, [found[b"two\r\n"].handle])
    left = [each.raw for each in box.transport.collect()]
    assert sorted(raw.rpartition(b"\r\n\r\n")[2] for raw in left) == [b"one\r\n", b"three\r\n"]


def test_forgetting_again_is_harmless(box: Door) -> None:
    box.put(b"one\r\n")
    box.put(b"two\r\n")
    first = next(iter(box.transport.collect()))
    for _ in range(3):
        box.transport.forget(box.mailbox, [first.handle])
    assert len(list(box.transport.collect())) == 1


def test_a_message_may_be_forgotten_while_the_rest_is_being_collected(box: Door) -> None:
    for text in (b"one\r\n", b"two\r\n", b"three\r\n"):
        box.put(text)
    seen: list[Collected] = []
    for each in box.transport.collect():
        seen.append(each)
        box.transport.forget(each.mailbox, [each.handle])
    assert len(seen) == 3
    assert list(box.transport.collect()) == []


def test_a_collection_may_be_left_half_way(box: Door) -> None:
    box.put(b"one\r\n")
    box.put(b"two\r\n")
    half = box.transport.collect()
    next(half)
    half.close()  # type: ignore[attr-defined]
    assert len(list(box.transport.collect())) == 2


def test_a_message_over_the_cap_is_left_behind_and_said(box: Door) -> None:
    box.put(b"small\r\n")
    box.put(b"0123456789abcdef\r\n" * 10_000)
    assert len(list(box.transport.collect())) == 1
    [left] = box.transport.left_behind()
    assert (left.mailbox, left.why) == (box.mailbox, "too-large")
    assert left.size_bytes > 100_000
    box.transport.forget(left.mailbox, [left.handle])
    assert len(list(box.transport.collect())) == 1
    assert box.transport.left_behind() == ()


@pytest.mark.parametrize(
    "handle", ["", "../out/x.eml", "0/1", "1/2/3", "1/99999999999", "٣/٤", "a\0.eml", "/etc/passwd"]
)
def test_a_handle_that_collect_never_gave_is_our_own_fault(box: Door, handle: str) -> None:
    with pytest.raises(Broken):
        box.transport.forget(box.mailbox, [handle])
