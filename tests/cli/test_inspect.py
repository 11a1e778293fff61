"""inspect: whatever a file is called, what it holds is shown, and the event it would become."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.inspect import look_for
from gateway.model.errors import Rejected
from gateway.wiring import Words, open_words
from tests.cli.conftest import EXAMPLES, Ran
from tests.conftest import SHARED
from tests.pack.material import packed
from tests.pack.test_hl7v2 import message

Passerelle = Callable[..., Ran]
NUMBER = "279035121518989"


@cache
def words() -> Words:
    """As the command opens them where no settings lie."""
    return open_words([])


def look(data: bytes, name: str) -> dict[str, Any]:
    """What the command shows of bytes under that name."""
    told = look_for(data, Path(name).suffix.lower())(data, words())
    shown: dict[str, Any] = json.loads(json.dumps(told))
    return shown


@pytest.mark.parametrize("name", ["file", "file.txt", "file.json", "file.xml", "file.zip", "file.hl7"])
def test_the_bytes_say_what_a_file_is_whatever_its_name(name: str) -> None:
    made = packed("plan.created")
    bundle = json.dumps({"resourceType": "Bundle", "entry": []}).encode()
    mail = b"Message-ID: <a@b.example>\r\nSubject: XDM/1.0/DDM+CR\r\nFrom: a@b.example\r\n\r\nBonjour\r\n"
    assert look(made.cda, name)["kind"] == "cda"
    assert look(b"\xef\xbb\xbf" + made.cda, name)["kind"] == "cda"
    assert look(made.archive, name)["kind"] == "archive"
    assert look(message("MSA|AA|1", type="ACK^T02^ACK").encode(), name)["is"] == "acknowledgement"
    assert look(bundle, name)["kind"] == "bundle"
    assert look((EXAMPLES / "team.created.json").read_bytes(), name)["event"]["type"] == "team.created"
    if name in ("file", "file.txt"):
        assert look(mail, name)["kind"] == "mail"


def test_people_see_the_beginning_of_a_document_and_machines_all_of_it(passerelle: Passerelle, tmp_path: Path) -> None:
    file = tmp_path / "IHE_XDM.zip"
    file.write_bytes(packed("report.shared").archive)
    (people,), (machine,) = (
        json.loads(passerelle("inspect", file, *option).out)["documents"] for option in ([], ["--json"])
    )
    seen, whole = (one["document"]["event"]["report"]["document"].pop("data") for one in (people, machine))
    assert seen == f"{whole[:40]}… ({len(whole)} caractères, entiers avec --json)"
    assert people == machine


def test_a_message_shows_its_mail_its_masks_its_document_and_the_event() -> None:
    made = packed("report.shared")
    row = f"OBX|1|ED|11488-4||^text^XML^Base64^{base64.b64encode(made.cda).decode()}||||||F"
    masks = [f"OBX|{n}|CWE|{name}||{said}||||||F" for n, name, said in (
        (3, "MASQUE_PS", "N"), (4, "INVISIBLE_PATIENT", "Y"), (5, "INVISIBLE_REP_LEGAUX", "Y"),
    )]  # fmt: skip
    body = base64.b64encode(b"Bonjour").decode()
    mail = f"OBX|2|ED|abc@a.mssante.test^XDM/1.0/DDM+CR PAT-TROIS||^text^^Base64^{body}||||||F"
    told = look(b"\x0b" + message(row, mail, *masks).encode() + b"\x1c\r", "recu.hl7")
    assert told["is"] == "document"
    assert told["message"]["mail"]["message_id"] == "abc@a.mssante.test"
    (document,) = told["documents"]
    event = document["document"]["event"]
    assert event["report"]["masks"] == ["INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]
    assert event["patient"]["ins"]["number"] == NUMBER


def test_a_deletion_by_message_becomes_a_cancellation() -> None:
    row = f"OBX|1|ED|11488-4||^text^XML^Base64^{base64.b64encode(packed('report.shared').cda).decode()}||||||F"
    told = look(message(row, type="MDM^T04^MDM_T02").encode(), "retrait.hl7")
    assert told["documents"][0]["document"]["event"]["type"] == "report.cancelled"


def test_a_message_whose_document_is_none_still_shows_the_rest() -> None:
    row = f"OBX|1|ED|11488-4||^text^XML^Base64^{base64.b64encode(b'bonjour').decode()}||||||F"
    told = look(message(row).encode(), "m.hl7")
    assert told["documents"][0]["document"]["faults"][0]["code"] == "not-xml"
    assert told["message"]["control_id"] == "42"


OFFICIAL = SHARED / "samples" / "hl7v2"


@pytest.mark.parametrize(
    "file", sorted(file for file in OFFICIAL.rglob("*") if file.is_file()), ids=lambda f: f.name[:40]
)
def test_every_official_file_of_the_hl7v2_flows_is_shown_with_its_kind(file: Path) -> None:
    told = look(file.read_bytes(), file.name)
    if file.suffix.lower() == ".xml":
        assert told["kind"] == "cda"
        assert told["event"], told["faults"]
        return
    assert told["is"] in ("document", "acknowledgement", "dmp-receipt", "delivery-receipt", "read-receipt", "admission")
    for one in told.get("documents", ()):
        if one["bytes"] > 1_000:  # the short ones say "document" in words
            assert one["document"]["event"], one["document"]["faults"]


@pytest.mark.parametrize(
    "data", [b"", b"MSH", b"PK\x03\x04", b"<", b"\xff\xfe<", b"{", b"a", b"\x00" * 100, b"%PDF-1.4"]
)
@pytest.mark.parametrize("name", ["x", "x.hl7", "x.xml", "x.zip"])
def test_what_is_nothing_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(Rejected):
        look(data, name)


def test_the_command_shows_a_message_and_refuses_what_is_none(passerelle: Passerelle, tmp_path: Path) -> None:
    file = tmp_path / "recu"
    file.write_bytes(message("MSA|AA|1", type="ACK^T02^ACK").encode())
    assert json.loads(passerelle("inspect", file).out)["message"]["acknowledges"] == {"message": "1", "code": "AA"}
    file.write_bytes(b"MSH")
    ran = passerelle("inspect", file)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert "unsupported-document" in ran.err
