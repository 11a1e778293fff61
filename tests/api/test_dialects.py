"""Events in a software's own words: its media type, its places, its bytes, and where each field came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from gateway.api.events import Foreseen
from tests.api.conftest import EXAMPLES, House
from tests.api.test_events import problem

FORMATS = {"logiflat": "json", "balisoin": "xml", "tablosoin": "csv"}
MEDIA = {"logiflat": "application/json", "balisoin": "application/xml", "tablosoin": "text/csv"}
DIALECTS = tuple(FORMATS)


def story(dialect: str) -> list[Path]:
    """The files of a dialect in the order of their numbers, which is the order of what they tell."""
    canonical = {file.stem: json.loads(file.read_bytes())["occurred_at"] for file in EXAMPLES.glob("*.json")}
    files = [file for file in (EXAMPLES / dialect).iterdir() if file.stem in canonical]
    return sorted(files, key=lambda file: canonical[file.stem])


def body(dialect: str, kind: str = "team.created") -> bytes:
    return (EXAMPLES / dialect / f"{kind}.{FORMATS[dialect]}").read_bytes()


def post(http: httpx.Client, dialect: str, content: bytes, media: str = "", **asked: Any) -> httpx.Response:
    headers = {"Content-Type": media or MEDIA[dialect]}
    return http.post(f"/v1/events/{dialect}", content=content, headers=headers, params=asked)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_whole_story_is_accepted_in_every_dialect_and_once(dialect: str, http: httpx.Client) -> None:
    for file in story(dialect):
        first = post(http, dialect, file.read_bytes())
        assert first.status_code == 202, (file.name, first.text)
        again = post(http, dialect, file.read_bytes())
        assert (again.status_code, again.json()) == (202, first.json())
    assert len(http.get("/v1/exchanges", params={"limit": 100}).json()["items"]) == len(story(dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("media", ["text/plain", "application/cbor", "", "application/json; charset=utf-16"])
def test_another_media_type_is_refused_and_the_right_one_named(dialect: str, media: str, http: httpx.Client) -> None:
    answer = http.post(f"/v1/events/{dialect}", content=body(dialect), headers={"Content-Type": media})
    problem(answer, 415, "unsupported-media-type")
    assert MEDIA[dialect] in answer.headers["accept-post"]


@pytest.mark.parametrize(
    ("dialect", "media", "status"),
    [
        ("balisoin", "text/xml", 202),
        ("balisoin", "application/xml; charset=utf-8", 202),
        ("balisoin", "application/xml; charset=utf-16", 415),
        ("balisoin", "application/json", 415),
        ("balisoin", "application/cloudevents+json", 415),
        ("tablosoin", "text/csv; charset=windows-1252; header=present", 202),
        ("tablosoin", 'text/csv; charset="cp1252"', 202),
        ("tablosoin", "text/csv; charset=utf-8", 415),
        ("tablosoin", "text/csv; charset=no-such-thing", 415),
        ("logiflat", "text/csv", 415),
    ],
)
def test_the_media_type_is_the_dialects_own(dialect: str, media: str, status: int, http: httpx.Client) -> None:
    assert post(http, dialect, body(dialect), media).status_code == status


def test_the_same_xml_in_other_bytes_is_another_body(http: httpx.Client) -> None:
    assert post(http, "balisoin", body("balisoin")).status_code == 202
    other = body("balisoin").replace(b"</message>", b"<!-- again --></message>")
    problem(post(http, "balisoin", other), 409, "duplicate-event")


def test_the_same_json_written_otherwise_is_the_same_body(http: httpx.Client) -> None:
    first = post(http, "logiflat", body("logiflat"))
    other = json.dumps(json.loads(body("logiflat")), sort_keys=True).encode()
    assert post(http, "logiflat", other).json() == first.json()


def test_a_table_of_several_events_is_refused_here(http: httpx.Client) -> None:
    week = (EXAMPLES / "tablosoin" / "semaine.csv").read_bytes()
    told = problem(post(http, "tablosoin", week), 422, "rejected")
    (error,) = told.errors
    assert error.code == "one-event-only"
    assert error.line is not None
    assert error.line > 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_fault_has_its_line_in_the_body_as_sent(dialect: str, http: httpx.Client) -> None:
    right = body(dialect)
    told = problem(post(http, dialect, right.replace(b"10100034569", b"10100034568", 1)), 422, "rejected")
    (error,) = told.errors
    assert (error.code, error.at) == ("rpps-key", "/team/members/2/rpps")
    assert error.line == right[: right.index(b"10100034569")].count(b"\n") + 1


def test_a_fault_inside_a_cloud_event_has_its_line_in_the_whole(http: httpx.Client) -> None:
    data = body("logiflat").replace(b"810100034569", b"810100034568", 1)
    whole = b'{"specversion": "1.0", "id": "1", "source": "/test",\n "data":\n' + data + b"}"
    told = problem(post(http, "logiflat", whole, "application/cloudevents+json"), 422, "rejected")
    (error,) = told.errors
    assert error.pointer == "/data/equipe_membres/2/rpps"
    assert error.line == whole[: whole.index(b"810100034568")].count(b"\n") + 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_dry_run_traces_every_field_to_its_rule_and_its_place(dialect: str, http: httpx.Client) -> None:
    answer = post(http, dialect, body(dialect), dry_run="true")
    assert answer.status_code == 200, answer.text
    traced = {one["at"]: one for one in Foreseen.model_validate_json(answer.content).trace}
    family = traced["/team/members/1/family"]
    assert Path(family["file"]).name == f"{dialect}.yaml"
    assert family["line"] > 1
    line = body(dialect).splitlines()[family["body_line"] - 1]
    assert b"BERNARD" in line
    assert "BERNARD" not in json.dumps(list(traced.values()))
    assert post(http, dialect, body(dialect)).status_code == 202  # the dry run used up nothing


def test_the_dry_run_of_a_cloud_event_traces_into_the_whole(http: httpx.Client) -> None:
    whole = b'{"specversion": "1.0", "id": "1", "source": "/test",\n "data": ' + body("logiflat") + b"}"
    answer = post(http, "logiflat", whole, "application/cloudevents+json", dry_run="true")
    (traced,) = (one for one in answer.json()["trace"] if one["at"] == "/id")
    assert traced["pointer"] == "/data/no_evenement"
    assert b"no_evenement" in whole.splitlines()[traced["body_line"] - 1]


@pytest.mark.parametrize(
    ("dialect", "content", "code"),
    [
        ("balisoin", b'<!DOCTYPE m [<!ENTITY a "b">]><message>&a;</message>', "not-xml"),
        ("balisoin", b"<message>" * 10_000, "too-deep"),
        ("balisoin", b"", "not-xml"),
        ("balisoin", b"<autre/>", "wrong-type"),
        ("tablosoin", b"", "not-csv"),
        ("tablosoin", b'"never closed', "not-csv"),
        ("tablosoin", b"A;A\r\n1;2\r\n", "duplicate-column"),
        ("tablosoin", "Numéro;Événement\r\n1\r\n".encode("cp1252"), "row-length"),
        ("tablosoin", b"\x81;\x8d", "wrong-encoding"),
    ],
)
def test_what_is_no_event_at_all_is_refused_with_a_reason(
    dialect: str, content: bytes, code: str, http: httpx.Client, house: House
) -> None:
    told = problem(post(http, dialect, content), 422, "rejected")
    assert code in {error.code for error in told.errors}
    assert house.log("event-rejected")


def test_the_grammar_of_mappings_is_published(http: httpx.Client) -> None:
    answer = http.get("/v1/schemas/mapping")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    from ruamel.yaml import YAML

    validator = jsonschema.Draft202012Validator(schema)
    for table in sorted((EXAMPLES.parent / "mappings").glob("*.yaml")):
        assert not list(validator.iter_errors(YAML(typ="safe").load(table.read_text("utf-8")))), table.name
    assert list(validator.iter_errors({"dialect": "x"}))
