"""Under which name a mailbox writes, where answers to it go, and what its operator is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.config import BadSettings
from gateway.journey.gateway import Origin
from gateway.model.identity import MailAddress, Rpps
from gateway.model.people import Organization, Sender
from gateway.wiring import Mailboxes
from tests.config.test_load import told
from tests.naughty import NAUGHTY

JEANNE = Sender(
    rpps=Rpps("10100012342"),
    family="Martin-Leroy",
    given="Jeanne",
    organization=Organization(finess="750000127", name="Cabinet Martin"),
)


def origin(folder: Path, sender: Sender = JEANNE, operator: dict[str, Any] | None = None, **box: Any) -> Origin:
    settings = told(
        folder,
        operators={"a": {"smtp": "127.0.0.1:587", "imap": "127.0.0.1:143", **(operator or {})}},
        mailboxes=[{"address": "box@cpts.a.mssante.test", "operator": "a", **box}],
    )
    found = Mailboxes(settings).of("cpts", sender)
    assert found is not None
    return found


APP: dict[str, Any] = {"type": "APP", "certificate": "app.p12"}
ORG: dict[str, Any] = {"type": "ORG", "token": "token"}
PER: dict[str, Any] = {"type": "PER", "token": "token", "owner": "10100012342"}


@pytest.mark.parametrize("box", [APP, ORG])
def test_an_application_or_structure_writes_under_its_own_name(box: dict[str, Any], tmp_path: Path) -> None:
    assert origin(tmp_path, **box).name == "CPTS Exemple"
    assert origin(tmp_path, **box, name="CPTS Exemple, coordination").name == "CPTS Exemple, coordination"


def test_a_person_writes_under_title_given_name_family_name_and_structure(tmp_path: Path) -> None:
    assert origin(tmp_path, **PER, title="Dr").name == "Dr_Jeanne_MARTIN-LEROY_Cabinet Martin"
    assert origin(tmp_path, **PER).name == "Jeanne_MARTIN-LEROY_Cabinet Martin"
    alone = Sender(rpps=JEANNE.rpps, family="Martin", given="Jeanne")
    assert origin(tmp_path, alone, **PER).name == "Jeanne_MARTIN"
    assert origin(tmp_path, Sender(rpps=JEANNE.rpps), **PER).name == "CPTS Exemple"


def test_an_underscore_in_a_part_never_makes_two_of_it(tmp_path: Path) -> None:
    odd = Sender(rpps=JEANNE.rpps, family="Mar_tin", given="Jeanne_Anne")
    assert origin(tmp_path, odd, **PER).name == "Jeanne-Anne_MAR-TIN"


def test_answers_go_to_the_author_to_an_address_or_to_the_mailbox_itself(tmp_path: Path) -> None:
    usual, author = origin(tmp_path, **APP), origin(tmp_path, **APP, reply_to="author")
    written = origin(tmp_path, **APP, reply_to="secretariat@cpts.a.mssante.test")
    assert (usual.answers_to_author, usual.answers_to) == (False, None)
    assert (author.answers_to_author, author.answers_to) == (True, None)
    assert (written.answers_to_author, written.answers_to) == (False, MailAddress("secretariat@cpts.a.mssante.test"))


def test_the_older_header_for_delivery_reports_is_asked_for_by_a_setting(tmp_path: Path) -> None:
    assert not origin(tmp_path, **APP).return_receipt
    assert origin(tmp_path, operator={"return_receipt_to": True}, **APP).return_receipt


def test_no_setting_brings_a_line_break_into_a_header(tmp_path: Path) -> None:
    broken = [text for text in NAUGHTY if not text.isprintable() and text.isascii() and "\0" not in text][:40]
    assert len(broken) > 20
    for text in broken:
        with pytest.raises(BadSettings) as refused:
            origin(tmp_path, **APP, name=f"CPTS{text}X", reply_to=f"a{text}@b.fr")
        assert {line.split(": ")[1].rpartition(".")[2] for line in refused.value.problems} >= {"name"}


@pytest.mark.parametrize("nil", ["", "DE", "DEV 935997", "DEV\r\nBcc: x@y.fr", "é" * 9])
def test_a_product_number_is_demanded_and_plain(nil: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="nil"):
        told(tmp_path, nil=nil)
