"""Large documents: streamed in, whole or not at all, one software's, named once, and never whole in memory."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from sqlalchemy import event, func, select

from gateway.api import Limits
from gateway.api.contents import StoredContent
from gateway.journey.upload import ARRIVES_WITHIN, LIFE, expire_uploads
from gateway.journey.uploaded import open_content, taken_upload
from gateway.record.schema import upload_chunks, uploads
from tests.api.conftest import CLIENT, OURS, THEIRS, Clock, House, served, visit
from tests.api.test_events import problem
from tests.api.test_every_store import place as every_house
from tests.api.test_intake import raw

Example = Callable[..., dict[str, Any]]

__all__ = ["every_house"]

MEGABYTE = 1024 * 1024


def name(data: bytes) -> str:
    return "sha256:" + sha256(data).hexdigest()


def put(http: httpx.Client, data: bytes, **more: Any) -> httpx.Response:
    return http.put(f"/v1/contents/{name(data)}", content=data, **more)


def pdf_of(size: int, **how: Any) -> bytes:
    """A PDF about that large, which nothing makes smaller."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Ballast = pdf.make_stream(os.urandom(size))
        pdf.save(out, **how)
    return out.getvalue()


def naming(example: Example, content: str, id: str = "R-1", content_type: str = "application/pdf") -> dict[str, Any]:
    """The example of a report, with its document named instead of brought."""
    told = example("report.shared", id=id)
    report = {**told["report"], "id": id, "document": {"content_type": content_type, "content": content}}
    return {**{part: told[part] for part in told if part != "team"}, "report": report}


def rows(house: House) -> tuple[int, int]:
    """Uploads and pieces in the database."""
    with house.gateway.store.glance() as unit:
        return tuple(  # type: ignore[return-value]
            unit.uploads._transaction.run(select(func.count()).select_from(table)).scalar_one()
            for table in (uploads, upload_chunks)
        )


def until_nothing_is_kept(house: House) -> None:
    limit = time.monotonic() + 10
    while rows(house) != (0, 0):
        assert time.monotonic() < limit, rows(house)
        time.sleep(0.01)


@pytest.fixture
def http(house: House) -> Iterator[httpx.Client]:
    limits = Limits(content=3_500_000, receive_within=2.0, waiting_contents=20_000_000)
    with served(house, limits) as address, visit(address, house.bearer()) as client:
        yield client


@pytest.mark.parametrize("size", [100, MEGABYTE, 3 * MEGABYTE])
def test_a_document_is_uploaded_named_by_one_event_and_read_back_whole(
    size: int, every_house: House, example: Example
) -> None:
    house, data = every_house, pdf_of(size)
    limits = Limits(content=len(data))
    with served(house, limits) as address, visit(address, house.bearer()) as http:
        answer = put(http, data)
        assert answer.status_code == 201, answer.text
        assert StoredContent.model_validate_json(answer.content).content == name(data)
        assert put(http, data).status_code == 200
        told = naming(example, name(data))
        dry = http.post("/v1/events", params={"dry_run": True}, json=told)
        assert "pdf-not-archival" in {one["code"] for one in dry.json()["warnings"]}
        accepted = http.post("/v1/events", json=told)
        assert accepted.status_code == 202, accepted.text
        with open_content(house.gateway, taken_upload(house.gateway, OURS, accepted.json()["id"])) as file:
            assert file.read() == data
        assert http.post("/v1/events", json=told).json() == accepted.json()
        again = problem(http.post("/v1/events", json=naming(example, name(data), "R-2")), 422, "rejected")
        assert [(one.code, one.pointer) for one in again.errors] == [("unknown-content", "/report/document/content")]
        assert put(http, data).status_code == 201
        assert http.post("/v1/events", json=naming(example, name(data), "R-2")).status_code == 202


def test_what_is_uploaded_is_told_to_the_log_without_its_digest(house: House, http: httpx.Client) -> None:
    data = b"%PDF-1.7 one"
    put(http, data)
    (entry,) = house.log("content-uploaded")
    assert entry["actor"] == f"key:{house.ids[OURS, CLIENT, 'vendor']}"
    assert entry["facts"]["size"] == len(data)
    assert name(data)[7:] not in json.dumps(entry)


def test_another_software_and_another_tenant_do_not_see_it(house: House, http: httpx.Client, example: Example) -> None:
    data = pdf_of(100)
    put(http, data)
    never = name(b"never uploaded")
    for who in (house.bearer(client="autrelog"), house.bearer(tenant=THEIRS)):
        real = http.post("/v1/events", json=naming(example, name(data)), headers=who)
        none = http.post("/v1/events", json=naming(example, never), headers=who)
        assert (real.status_code, none.status_code) == (422, 422)
        assert {**real.json(), "request_id": ""} == {**none.json(), "request_id": ""}
        assert put(http, data, headers=who).status_code == 201  # nor is it told that somebody has it
    assert http.post("/v1/events", json=naming(example, name(data))).status_code == 202


@pytest.mark.parametrize("content", ["", "sha256:", "md5:" + "0" * 32, "sha256:é", "x" * 100])
def test_a_name_that_is_no_digest_names_nothing(content: str, http: httpx.Client, example: Example) -> None:
    told = problem(http.post("/v1/events", json=naming(example, content)), 422, "rejected")
    assert {one.code for one in told.errors} & {"unknown-content", "empty-text"}


@pytest.mark.parametrize("size", [0, 10, MEGABYTE, 2 * MEGABYTE + 1])
def test_another_digest_than_the_addresss_is_refused_and_nothing_is_kept(
    size: int, house: House, http: httpx.Client
) -> None:
    answer = http.put(f"/v1/contents/{name(b'other')}", content=os.urandom(size))
    problem(answer, 422, "wrong-digest")
    assert rows(house) == (0, 0)
    assert [entry["facts"]["codes"] for entry in house.log("content-refused")] == ["wrong-digest"]


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:" + "g" * 64, "sha256:" + "0" * 63, "sha1:" + "0" * 64])
def test_an_address_that_is_no_digest_does_not_exist(digest: str, http: httpx.Client) -> None:
    problem(http.put(f"/v1/contents/{digest}", content=b"x"), 404, "not-found")


def head(house: House, digest: str, length: int) -> str:
    key = house.key()
    return f"PUT /v1/contents/{digest} HTTP/1.1\nHost: x\nAuthorization: Bearer {key}\nContent-Length: {length}\n\n"


def pieces(total: int) -> Iterator[bytes]:
    for _ in range(total // 50_000):
        yield b" " * 50_000


def test_one_beyond_the_limit_is_refused_however_it_is_sent(house: House, http: httpx.Client) -> None:
    address = f"/v1/contents/{name(b'')}"
    for content in (pieces(3_550_000), pieces(20_000_000)):
        problem(http.put(address, content=content), 413, "too-large")
        until_nothing_is_kept(house)
    with raw(str(http.base_url).rstrip("/"), head(house, name(b""), 3_500_001)) as line:  # by what it says alone
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_content_under_the_limit_may_be_larger_than_any_other_body(house: House) -> None:
    data = os.urandom(3_000_000)
    limits = Limits(body=100_000, content=3_000_000)
    with served(house, limits) as address, visit(address, house.bearer()) as http:
        assert put(http, data).status_code == 201


def test_a_compressed_upload_is_refused(http: httpx.Client) -> None:
    problem(put(http, b"x", headers={"Content-Encoding": "gzip"}), 415, "unsupported-media-type")


def test_a_sender_who_leaves_half_way_leaves_nothing(house: House) -> None:
    with served(house, Limits()) as address:
        line = raw(address, head(house, name(b"x"), 9_000_000), os.urandom(4_000_000))
        while rows(house)[1] < 2:
            time.sleep(0.01)
        line.close()
        until_nothing_is_kept(house)


def test_a_sender_who_says_nothing_more_is_given_up_and_a_slow_one_is_waited_for(house: House) -> None:
    data = os.urandom(30)
    with served(house, Limits(receive_within=2.0)) as address:
        with raw(address, head(house, name(data), 30), data[:10]) as line:
            for at in (10, 20):  # together longer than a silence may last
                time.sleep(1.1)
                line.sendall(data[at : at + 10])
            assert line.recv(100).startswith(b"HTTP/1.1 201")
        with raw(address, head(house, name(data), 31), data) as line:  # one byte more was promised
            assert line.recv(100).startswith(b"HTTP/1.1 408")
    assert rows(house)[0] == 1


def test_an_upload_has_an_end_even_if_it_never_falls_silent(house: House) -> None:
    with served(house, Limits(upload_within=0.3)) as address:
        with raw(address, head(house, name(b"x"), 1000), b"x") as line:
            line.settimeout(5)
            for _ in range(4):
                time.sleep(0.1)
                line.sendall(b"x")
            assert line.recv(100).startswith(b"HTTP/1.1 408")
        until_nothing_is_kept(house)


def test_a_slow_upload_holds_up_nobody(house: House, example: Example) -> None:
    with (
        served(house, Limits()) as address,
        visit(address, house.bearer()) as http,
        raw(address, head(house, name(b"x"), 9_000_000), os.urandom(4_000_000)),
    ):
        assert http.post("/v1/events", json=example("team.created")).status_code == 202
        assert put(http, b"quick").status_code == 201


def test_more_uploads_at_once_than_there_are_places_are_asked_to_come_back(house: House) -> None:
    other, third = house.bearer(client="autrelog"), house.bearer(tenant=THEIRS)
    limits = Limits(uploads=2, uploads_each=1)
    with served(house, limits) as address, visit(address, house.bearer()) as http:
        with raw(address, head(house, name(b"x"), 10), b"1"):
            while rows(house)[0] == 0:
                time.sleep(0.01)
            answer = put(http, b"mine")
            problem(answer, 503, "too-busy")
            assert int(answer.headers["retry-after"]) > 0
            assert put(http, b"theirs", headers=other).status_code == 201
            slow = head(house, name(b"x"), 10).replace(house.key(), house.key(client="autrelog"))
            with raw(address, slow, b"1"):
                while rows(house)[0] < 3:
                    time.sleep(0.01)
                problem(put(http, b"too many altogether", headers=third), 503, "too-busy")
        limit = time.monotonic() + 10
        while put(http, b"mine").status_code != 201:
            assert time.monotonic() < limit


def test_the_same_content_put_twice_at_once_is_there_once(every_house: House, example: Example) -> None:
    house, data = every_house, pdf_of(2_500_000)
    with served(house, Limits()) as address, visit(address, house.bearer()) as http, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: put(http, data).status_code, range(2)))
        assert sorted(answers) == [200, 201]
        assert http.post("/v1/events", json=naming(example, name(data), "R-1")).status_code == 202
        problem(http.post("/v1/events", json=naming(example, name(data), "R-2")), 422, "rejected")
    expire_uploads(house.gateway, "test")
    assert rows(house) == (1, 3)


def test_a_software_that_names_nothing_is_stopped_and_others_are_not(house: House, example: Example) -> None:
    data = pdf_of(1000)
    with served(house, Limits(waiting_contents=1000)) as address, visit(address, house.bearer()) as http:
        assert put(http, data).status_code == 201
        answer = put(http, b"one more")
        problem(answer, 429, "too-much-waiting")
        assert int(answer.headers["retry-after"]) > 0
        assert put(http, b"theirs", headers=house.bearer(client="autrelog")).status_code == 201
        assert http.post("/v1/events", json=naming(example, name(data))).status_code == 202
        assert put(http, b"one more").status_code == 201


def test_a_database_without_room_says_so_and_keeps_nothing_of_it(house: House, http: httpx.Client) -> None:
    engines = house.gateway.store._engine, house.gateway.store._passing

    def fill(line: Any, _: object) -> None:
        line.execute(f"PRAGMA max_page_count={line.execute('PRAGMA page_count').fetchone()[0] + 400}")

    put(http, b"first")
    for engine in engines:
        event.listen(engine, "connect", fill)
        engine.dispose()
    answer = put(http, os.urandom(3_000_000))
    problem(answer, 507, "storage-full")
    assert int(answer.headers["retry-after"]) > 0
    for engine in engines:
        event.remove(engine, "connect", fill)
        engine.dispose()
    expire_uploads(house.gateway, "test")
    assert rows(house) == (1, 1)


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"not a pdf" * 1000, "application/pdf", "not-a-pdf"),
        (pdf_of(100)[:-50], "application/pdf", "broken-pdf"),
        (pdf_of(100, encryption=pikepdf.Encryption(owner="o", user="u")), "application/pdf", "encrypted-pdf"),
        (b"GIF89a", "image/gif", "unsupported-document"),
    ],
)
def test_an_uploaded_document_is_judged_like_one_that_is_brought(
    data: bytes, content_type: str, code: str, http: httpx.Client, example: Example
) -> None:
    put(http, data)
    told = problem(http.post("/v1/events", json=naming(example, name(data), "R", content_type)), 422, "rejected")
    assert [(one.code, one.pointer) for one in told.errors] == [(code, "/report/document/content")]
    brought = example("report.shared")
    del brought["team"]
    brought["report"] |= {"document": {"content_type": content_type, "data": base64.b64encode(data).decode()}}
    told = problem(http.post("/v1/events", json=brought), 422, "rejected")
    assert [(one.code, one.pointer) for one in told.errors] == [(code, "/report/document/data")]


def test_unnamed_after_24_hours_it_is_gone(house: House, http: httpx.Client, example: Example) -> None:
    data = pdf_of(100)
    put(http, data)
    clock = house.gateway.clock
    assert isinstance(clock, Clock)
    clock.millis += int((LIFE - timedelta(minutes=1)).total_seconds() * 1000)
    expire_uploads(house.gateway, "test")
    assert http.post("/v1/events", params={"dry_run": True}, json=naming(example, name(data))).status_code == 200
    clock.millis += 120_000
    problem(http.post("/v1/events", json=naming(example, name(data))), 422, "rejected")
    expire_uploads(house.gateway, "test")
    assert rows(house) == (0, 0)
    assert [(entry["actor"], entry["facts"]) for entry in house.log("content-expired")] == [
        ("worker:test", {"count": 1})
    ]


def test_what_a_dead_process_left_half_way_is_swept(house: House) -> None:
    with house.gateway.store.unit() as unit:
        arriving = unit.uploads.begin(OURS, CLIENT, "ab" * 32)
    with house.gateway.store.unit() as unit:
        unit.uploads.add(arriving, 0, b"x" * 1000, last=False)
    expire_uploads(house.gateway, "test")
    assert rows(house) == (1, 1)
    clock = house.gateway.clock
    assert isinstance(clock, Clock)
    clock.millis += int(ARRIVES_WITHIN.total_seconds() * 1000)
    expire_uploads(house.gateway, "test")
    assert rows(house) == (0, 0)


def memory(pid: int, field: str) -> int:
    """Bytes a process holds (VmRSS) or has held at most (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory a process took")
def test_a_hundred_megabytes_come_in_without_being_in_memory(tmp_path: Path) -> None:
    def passerelle(*words: str) -> str:
        command = [sys.executable, "-m", "gateway.cli", *words]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    passerelle("init", ".")
    settings = tmp_path / "passerelle.yaml"
    settings.write_text(settings.read_text("utf-8") + "server: {port: 0}\n", "utf-8")
    passerelle("db", "upgrade")
    made = passerelle("key", "create", "--tenant", "mon-organisation", "--client", "mon-logiciel", "--role", "vendor")
    key = next(word for word in made.split() if word.startswith("passerelle_"))
    data = os.urandom(100_000_000)
    command = [sys.executable, "-m", "gateway.cli", "serve"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["listening"]
        with visit(address, {"Authorization": f"Bearer {key}"}) as http:
            http.timeout = httpx.Timeout(60)
            assert put(http, data[:2_000_000]).status_code == 201  # what one upload needs is there now
            idle = memory(server.pid, "VmRSS")
            assert put(http, data).status_code == 201
            assert put(http, data).status_code == 200
        grown = memory(server.pid, "VmHWM") - idle
        server.send_signal(signal.SIGTERM)
    assert grown < 30_000_000
