"""A site that converts: what is not archival is made so once, before it leaves, and every form holds the same bytes."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from gateway import pack
from gateway.journey.accept import Accepted
from gateway.journey.preview import preview
from gateway.model.errors import Rejected
from gateway.pack.pdf import judge
from gateway.pack.pdf_convert import Ghostscript
from tests.journey.conftest import EXAMPLES, World
from tests.journey.test_uploaded import kept, report, upload
from tests.pack.level3 import level3, section
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import PAGE, one_page, saved_with_script

PLAIN = small_pdf("Compte rendu")


@pytest.fixture
def converting(world: World) -> World:
    """A site whose settings say `convert`."""
    if not Ghostscript("gs", seconds=1).is_installed:
        pytest.skip("Ghostscript is not installed")
    return with_rules(world, pdf="convert", convert_within="10s")


def with_rules(world: World, **documents: str) -> World:
    return world.changed(lambda tree: tree.update(documents=documents))


def with_document(data: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]
    return {**told, "document": {"content_type": "application/pdf", "data": base64.b64encode(data).decode()}}


def share(world: World, data: bytes) -> Accepted:
    accepted = world.report_to("luc.durand", report=with_document(data))
    world.prepare()
    return accepted


def every_pdf(world: World, accepted: Accepted) -> list[bytes]:
    """The document in each form of it: beside the mail, inside the CDA, in the Bundle."""
    contents = kept(world, accepted)
    mail = pack.read_mail(contents["parcel/1"])
    (enclosed,) = pack.read_archive(mail.archive or b"").documents
    cda = pack.read_cda(enclosed.data)
    entries = json.loads(contents["bundle"])["entry"]
    binaries = [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Binary"]
    attached = [base64.b64decode(binary["data"]) for binary in binaries]
    return [contents["pdf"], *(data for _, data in mail.pdfs), cda.body, *attached]


def codes(accepted: Accepted) -> list[str]:
    return [notice.code for notice in accepted.notices if notice.code.startswith("pdf-")]


def test_a_plain_pdf_leaves_archival_and_the_same_in_every_form(converting: World) -> None:
    accepted = share(converting, PLAIN)
    assert codes(accepted) == ["pdf-to-convert"]
    first, *others = every_pdf(converting, accepted)
    assert judge(first).archival
    assert len(others) >= 2
    assert set(others) == {first}
    (entry,) = converting.audited(kind="document-converted", exchange=accepted.exchange)
    assert entry["facts"]["digest"] == converting.gateway.seal(PLAIN)
    assert entry["facts"]["became"] == converting.gateway.seal(first)


def test_what_was_sent_stays_with_the_exchange(converting: World) -> None:
    accepted = share(converting, PLAIN)
    event = json.loads(kept(converting, accepted)["event"])
    assert base64.b64decode(event["report"]["document"]["data"]) == PLAIN


def test_an_uploaded_pdf_is_converted_as_well(converting: World) -> None:
    accepted = converting.report_to("luc.durand", report=report(upload(converting, PLAIN)))
    converting.prepare()
    assert judge(every_pdf(converting, accepted)[0]).archival


def test_the_same_parcel_leaves_at_every_attempt(converting: World) -> None:
    accepted = share(converting, PLAIN)
    before = kept(converting, accepted)["parcel/1"]
    converting.send()
    assert kept(converting, accepted)["parcel/1"] == before
    assert converting.leg(accepted).state.value == "handed-over"


def test_a_signed_or_archival_pdf_leaves_as_it_came(converting: World) -> None:
    signed = one_page(b"/AcroForm<</SigFlags 3/Fields[]>>")
    for data, told in ((signed, ["pdf-signed"]), (small_pdf("x", "a-1b"), [])):
        accepted = converting.report_to("luc.durand", id=told[0] if told else "E-0", report=with_document(data))
        converting.prepare()
        assert codes(accepted) == told
        assert set(every_pdf(converting, accepted)) == {data}
    assert not converting.audited(kind="document-converted")


def test_where_nothing_can_be_made_of_it_it_leaves_as_it_came_and_the_log_says_why(world: World) -> None:
    site = with_rules(world, pdf="convert", converter="no-such-program", convert_within="1s")
    said: list[tuple[str, dict[str, Any]]] = []
    site.gateway = replace(site.gateway, notice=lambda sentence, **facts: said.append((sentence, facts)))
    accepted = share(site, PLAIN)
    assert set(every_pdf(site, accepted)) == {PLAIN}
    (entry,) = site.audited(kind="document-not-converted", exchange=accepted.exchange)
    assert entry["facts"]["why"] == "not-installed"
    assert ("document not converted", {"exchange": accepted.exchange, "reason": "not-installed"}) in said


def test_a_site_that_refuses_refuses_at_the_door_with_every_reason(world: World) -> None:
    site = with_rules(world, pdf="refuse", active="refuse")
    with pytest.raises(Rejected) as no:
        share(site, saved_with_script(PLAIN))
    assert {fault.code for fault in no.value.faults} == {"pdf-not-archival", "pdf-script"}
    assert {fault.pointer for fault in no.value.faults} == {"/report/document/data"}
    assert share(site, small_pdf("x", "a-1b")).state == "accepted"


def test_by_default_a_plain_or_active_pdf_leaves_unchanged_and_is_told_again_when_sent_again(world: World) -> None:
    active = saved_with_script(PLAIN)
    accepted = share(world, active)
    assert codes(accepted) == ["pdf-script", "pdf-not-archival"]
    assert set(every_pdf(world, accepted)) == {active}
    again = world.report_to("luc.durand", report=with_document(active))
    assert again.again
    assert again.notices == accepted.notices
    assert "document" in again.notices[0].about


def test_a_dry_run_tells_that_it_would_be_converted(converting: World) -> None:
    tree = json.loads((EXAMPLES / "report.shared.json").read_bytes()) | {"report": with_document(PLAIN)}
    del tree["team"]
    _, notices, _ = preview(converting.gateway, converting.caller, json.dumps(tree).encode(), "canonical")
    assert "pdf-to-convert" in {notice.code for notice in notices}


def also_a_pdf(cda: bytes) -> bytes:
    """That document, with a PDF around it in its comments."""
    declaration, end, rest = cda.partition(b"?>")
    told = declaration + end + b"<!--%PDF-1.7\n-->" + rest + b"<!--\n"
    begin, starts = told.index(b"%PDF"), []
    for number, held in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE), 1):
        starts.append(len(told) - begin)
        told += b"%d 0 obj\n%b\nendobj\n" % (number, held)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    last = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n-->" % (len(told) - begin)
    return told + b"xref\n0 4\n0000000000 65535 f \n" + table + last


def test_a_cda_is_never_converted_though_its_bytes_be_a_pdf_too(converting: World) -> None:
    both = also_a_pdf(level3(section("Conclusion", "Cicatrisation complète.")))
    assert judge(both).fault is None
    report = with_document(both)
    report["document"]["content_type"] = "text/xml"
    accepted = converting.report_to("luc.durand", report=report)
    converting.prepare()
    assert kept(converting, accepted)["cda"] == both
