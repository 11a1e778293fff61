"""The rules of a secure health mail, one test a rule; docs/mail-rules.md names the test of each."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from gateway.journey.wording import body_text
from gateway.model.event import KINDS
from gateway.model.identity import MailAddress
from gateway.pack import Packed, read_archive, read_cda, read_mail, write_mail
from gateway.pack.names import pdf_name
from tests.pack.material import EARLIER, ROOT, SOFTWARE, packed, story
from tests.pack.test_disposition import mdn
from tests.pack.test_ko_mail import ko
from tests.pack.test_mail import ENVELOPE, modern

TABLE = ROOT / "docs/mail-rules.md"


def sent(kind: str, **envelope: Any) -> bytes:
    event, _ = story()[kind]
    text = body_text(event, packed(kind).title)
    return write_mail(packed(kind), replace(ENVELOPE, text=text, **envelope))


@cache
def several() -> Packed:
    """A report that went out twice is taken back by two documents in one archive."""
    made = packed("report.cancelled")
    assert len(made.also) == len(EARLIER) - 1 == 1
    return made


# — §3.1: content


@pytest.mark.parametrize("kind", KINDS)
def test_eco_2_1_1_the_archive_and_the_same_documents_as_pdf_for_one_patient(kind: str) -> None:
    mail = read_mail(sent(kind))
    assert mail.archive is not None
    documents = read_archive(mail.archive).documents
    assert len(mail.pdfs) == len(documents) >= 1
    assert len({one.entry.patient_id for one in documents}) == 1
    assert [one.cda().body for one in documents] == [content for _, content in mail.pdfs]  # ECO.2.1.5, level 1
    assert len({name for name, _ in mail.pdfs}) == len(mail.pdfs)


def test_eco_2_1_1_the_archive_has_its_name_and_no_pdf_inside() -> None:
    _, archive, pdf = modern(sent("plan.created")).iter_parts()
    assert (archive.get_filename(), archive.get_content_type()) == ("IHE_XDM.zip", "application/zip")
    assert pdf.get_content_type() == "application/pdf"
    names = ZipFile(BytesIO(archive.get_content())).namelist()
    assert "IHE_XDM/SUBSET01/METADATA.XML" in names
    assert not [name for name in names if name.upper().endswith(".PDF")]


@pytest.mark.parametrize("kind", KINDS)
def test_eco_2_1_3_the_subject_is_prefix_label_name_given_name_and_birth_date(kind: str) -> None:
    subject = modern(sent(kind))["Subject"]
    label = packed(kind).label
    assert subject == f"XDM/1.0/DDM+{label} PAT-TROIS DOMINIQUE 28/03/1979"
    line = sent(kind).partition(b"\r\nSubject: ")[2].partition(b"\r\n")[0]
    assert line.removeprefix(b"=?utf-8?Q?").startswith(b"XDM/1.0/DDM+")  # RFC 2047 has no encoded-word inside a word


def test_eco_2_1_3_the_birth_date_may_be_missing_and_nothing_else_moves() -> None:
    mail = write_mail(replace(packed("plan.created"), patient_line="PAT-TROIS DOMINIQUE"), ENVELOPE)
    assert modern(mail)["Subject"].endswith(" PAT-TROIS DOMINIQUE")


@pytest.mark.parametrize("kind", KINDS)
def test_eco_2_1_6_the_pdf_is_named_by_the_day_of_the_act_the_type_and_the_patient(kind: str) -> None:
    mail = read_mail(sent(kind))
    header = read_cda(packed(kind).cda).header
    (name, _), *_ = mail.pdfs
    day, label, family, given = name.removesuffix(".pdf").split("_")
    assert day == header.acts[0].low[:8]
    assert 0 < len(label) <= 40
    assert header.code.display.replace("/", "-").startswith(label)
    assert (family, given) == ("PAT-TROIS", "DOMINIQUE")


def test_eco_2_1_6_documents_alike_have_names_of_their_own() -> None:
    first, second = read_mail(sent("report.cancelled")).pdfs
    assert second[0] == first[0].replace(".pdf", "_2.pdf")
    assert first[0] == several().pdf_name == pdf_name(read_cda(several().cda).header)


def test_eco_2_2_1_a_mail_has_one_message_id_and_an_answer_names_it() -> None:
    assert modern(sent("plan.created")).get_all("Message-ID") == [f"<{ENVELOPE.message_id}>"]
    for answer in (mdn("902"), ko("902")):
        assert modern(answer).get_all("In-Reply-To") == modern(answer).get_all("References")
        assert modern(answer)["In-Reply-To"] == f"<{ENVELOPE.message_id}>"


def test_eco_2_2_3_and_2_2_4_the_text_is_plain_and_utf_8() -> None:
    body, *_ = modern(sent("plan.created")).iter_parts()
    assert (body.get_content_type(), body.get_content_charset()) == ("text/plain", "utf-8")
    assert "Bonjour" in body.get_content()


def test_eco_2_2_5_answers_may_go_to_another_mailbox() -> None:
    mail = modern(sent("plan.created", reply_to=MailAddress("j.martin@a.mssante.test")))
    assert mail.get_all("Reply-To") == ["j.martin@a.mssante.test"]
    assert modern(sent("plan.created"))["Reply-To"] is None


@pytest.mark.parametrize(
    "name", ['Dr_Jeanne_MARTIN_"Cabinet"', "Dr_Jeanne_MARTIN_<Cabinet>", "Dr_Jeanne_MARTIN_Cabinet"]
)
def test_eco_2_2_7_brackets_and_quotes_never_stand_in_the_display_name(name: str) -> None:
    shown = modern(sent("plan.created", sender_name=name))["From"].addresses[0]
    assert shown.display_name.replace(" ", "") == "Dr_Jeanne_MARTIN_Cabinet"
    assert shown.addr_spec == ENVELOPE.sender.text


def test_eco_2_2_8_the_end_of_an_exchange_is_said_by_the_header_and_only_when_asked() -> None:
    assert modern(sent("plan.created", end_of_exchange=True)).get_all("X-MSS-MES") == ["FIN"]
    assert modern(sent("plan.created"))["X-MSS-MES"] is None
    assert read_mail(sent("plan.created", end_of_exchange=True)).ends_exchange
    assert read_mail(b"From: a@b.fr\r\nSubject: [FIN]\r\n\r\nx").ends_exchange
    assert not read_mail(b"From: a@b.fr\r\nSubject: [FIN] x\r\nX-MSS-MES: fini\r\n\r\nx").ends_exchange


def test_eco_2_3_1_a_setting_asks_for_delivery_reports_by_a_header_too() -> None:
    assert modern(sent("plan.created"))["Return-Receipt-To"] is None
    assert modern(sent("plan.created", return_receipt=True))["Return-Receipt-To"] == f"<{ENVELOPE.sender.text}>"


def test_eco_2_3_2_a_read_receipt_is_asked_for() -> None:
    assert modern(sent("plan.created"))["Disposition-Notification-To"] == f"<{ENVELOPE.sender.text}>"


def test_ambu_va1_02_a_newer_version_says_that_it_replaces() -> None:
    mail = read_mail(sent("report.replaced"))
    assert mail.subject.startswith("XDM/1.0/DDM+Annule et remplace")
    assert "annule et remplace" in mail.text


# — §3.2: the headers of MSSanté


@pytest.mark.parametrize("kind", KINDS)
def test_eco_2_4_1_the_codes_are_those_of_the_documents_in_the_order_of_the_archive(kind: str) -> None:
    mail = read_mail(sent(kind))
    assert mail.archive is not None
    codes = [one.cda().header.code.code for one in read_archive(mail.archive).documents]
    assert modern(sent(kind))["X-MSS-CODECDA"] == ",".join(codes)
    assert mail.codes == tuple(codes)


def test_eco_2_4_1_a_hundred_documents_have_a_hundred_codes_on_one_line() -> None:
    made = replace(several(), also=several().also * 99)
    assert len(read_mail(write_mail(made, ENVELOPE)).codes) == 100


def test_eco_2_4_2_the_ins_is_complete_only_when_it_is_in_every_document() -> None:
    (other,) = several().also
    for first, second, said in ((True, True, "O"), (True, False, "N"), (False, True, "N"), (False, False, "N")):
        made = replace(several(), ins_complete=first, also=(replace(other, ins_complete=second),))
        assert modern(write_mail(made, ENVELOPE))["X-MSS-INS"] == said


def test_eco_2_4_1_and_2_4_2_are_absent_where_no_archive_is_attached() -> None:
    for answer in (mdn("processed"), mdn("902"), ko("902")):
        assert modern(answer)["X-MSS-CODECDA"] is modern(answer)["X-MSS-INS"] is None


def test_eco_2_4_3_the_product_is_named_on_every_mail() -> None:
    for raw in (*map(sent, KINDS), mdn("processed"), mdn("902"), ko("902")):
        assert modern(raw).get_all("X-MSS-NIL") == [SOFTWARE.nil]


# — the table itself


def rows() -> dict[str, list[str]]:
    found = re.findall(r"^\| ([^|]+) \|.*\| ([^|]+) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    return {rule: re.findall(r"`([\w/.]+::\w+)`", tests) for rule, tests in found if "::" in tests}


@cache
def functions_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_table_names_for_each_rule_tests_that_exist() -> None:
    told = rows()
    assert len(told) >= 30
    for rule, named in told.items():
        assert named, rule
        for name in named:
            file, _, test = name.partition("::")
            assert test in functions_of(ROOT / "tests" / file), f"{rule}: {name}"


def test_the_table_has_every_rule_and_every_test_of_this_file() -> None:
    text = TABLE.read_text("utf-8")
    wanted = [f"ECO.2.1.{n}" for n in (1, 2, 3, 5, 6)] + [f"ECO.2.2.{n}" for n in range(1, 9)]
    wanted += ["ECO.2.3.1", "ECO.2.3.2", "ECO.2.4.1", "ECO.2.4.2", "ECO.2.4.3", "ECO.3.1.6", "ECO.4.1.1", "ECO.4.1.2"]
    wanted += ["AMBU.MSS/va1.02", "MSS/va1.13", "MSS/va1.20", "MSS/va1.22", "INS/va1.53"]
    assert [rule for rule in wanted if rule not in text] == []
    mine = {name for name in functions_of(Path(__file__)) if re.match(r"test_(eco|ambu)", name)}
    assert {name for name in mine if f"pack/test_mail_rules.py::{name}" not in text} == set()
