"""All forms of an exchange say the same, or what would carry a contradiction is held: on the real bytes of each."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gateway import pack, translate
from gateway.cli.box import TENANT
from gateway.journey.accept import Accepted
from gateway.journey.coherence import gathered
from gateway.journey.steer import NotNow, steer_exchange, steer_leg
from gateway.journey.view import show_leg
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.facts import Facts, disagreements
from gateway.pack import as_event, mail_facts, read_archive, read_cda
from gateway.pack.facts import form_facts
from gateway.pack.xds import describe
from tests import strategies
from tests.journey.conftest import EXAMPLES, World
from tests.journey.test_identity import envelope
from tests.pack.material import MINTED, SOFTWARE, TERMS, known_after, packed, shared, story

Forms = dict[str, bytes]
METADATA = "IHE_XDM/SUBSET01/METADATA.XML"


@cache
def whole() -> Forms:
    """The bytes of every form of the example report."""
    event, known = story()["report.shared"]
    made = packed("report.shared")
    bundle = json.dumps(translate.to_bundle(event, known, TERMS), ensure_ascii=False).encode()
    mail = pack.write_mail(made, envelope(bundle))
    return {"bundle": bundle, "cda": made.cda, "xdm": made.archive, "mail": mail}


def read(forms: Forms) -> dict[str, Facts]:
    """What these bytes say, after the event."""
    event = packed("report.shared").facts["event"]
    header, archive = read_cda(forms["cda"]).header, read_archive(forms["xdm"])
    return {
        **form_facts(event, [(header, archive.documents[0].entry)]),
        "bundle": translate.facts_of(json.loads(forms["bundle"]), TERMS),
        "mail": mail_facts(forms["mail"]),
    }


def altered(form: str, before: str, after: str) -> Forms:
    """The forms, one of them with some of its bytes changed."""
    forms = dict(whole())
    data = forms[form]
    if form == "xdm":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        assert before.encode() in files[METADATA]
        files[METADATA] = files[METADATA].replace(before.encode(), after.encode())
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return forms | {form: out.getvalue()}
    assert before.encode() in data, before
    return forms | {form: data.replace(before.encode(), after.encode())}


MUTATIONS = [
    ("cda", "patient", 'extension="279035121518989"', 'extension="277076322082910"'),
    ("cda", "patient", 'root="1.2.250.1.213.1.4.10"', 'root="1.2.250.1.213.1.4.8"'),
    ("cda", "birth_name", ">PAT-TROIS<", ">PAT-QUATRE<"),
    ("cda", "given_name", '<given qualifier="BR">DOMINIQUE', '<given qualifier="BR">DANIELLE'),
    ("cda", "birth_date", 'birthTime value="19790328"', 'birthTime value="19790329"'),
    ("cda", "sex", 'administrativeGenderCode code="F"', 'administrativeGenderCode code="M"'),
    ("cda", "author", 'extension="810100012342"', 'extension="810100054328"'),
    ("cda", "type", '<code code="11488-4"', '<code code="SYNTH"'),
    ("cda", "created", '<effectiveTime value="2026', '<effectiveTime value="2025'),
    ("cda", "service", '<low value="2026', '<low value="2025'),
    ("xdm", "patient", "279035121518989^^^", "277076322082910^^^"),
    ("xdm", "birth_name", "PID-5|PAT-TROIS^", "PID-5|PAT-QUATRE^"),
    ("xdm", "given_name", "PAT-TROIS^DOMINIQUE^", "PAT-TROIS^DANIELLE^"),
    ("xdm", "birth_date", "PID-7|19790328", "PID-7|19790329"),
    ("xdm", "sex", "PID-8|F", "PID-8|M"),
    ("xdm", "author", "810100012342", "810100054328"),
    ("xdm", "type", 'nodeRepresentation="11488-4"', 'nodeRepresentation="SYNTH"'),
    ("xdm", "created", "20261119160000", "20261119170000"),
    ("xdm", "service", "20261119152000", "20261119162000"),
    ("bundle", "patient", "279035121518989", "277076322082910"),
    ("bundle", "patient", "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.8"),
    ("bundle", "birth_name", '"family": "PAT-TROIS"', '"family": "PAT-QUATRE"'),
    ("bundle", "given_name", '"given": ["DOMINIQUE"]', '"given": ["DANIELLE"]'),
    ("bundle", "birth_date", '"birthDate": "1979-03-28"', '"birthDate": "1979-03-29"'),
    ("bundle", "sex", '"gender": "female"', '"gender": "male"'),
    ("bundle", "author", "10100012342", "10100054328"),
    ("bundle", "type", '"code": "11488-4"', '"code": "SYNTH"'),
    ("bundle", "created", '"creation": "2026', '"creation": "2025'),
    ("mail", "line", "28/03/1979", "29/03/1979"),
    ("mail", "line", "PAT-TROIS", "PAT-QUATRE"),
    ("mail", "type", "X-MSS-CODECDA: 11488-4", "X-MSS-CODECDA: SYNTH"),
    ("mail", "ins", "X-MSS-INS: O", "X-MSS-INS: N"),
    ("mail", "service", "filename*=UTF-8''2026", "filename*=UTF-8''2025"),
    ("mail", "label", "CR%20ou%20fiche", "Synth%C3%A8se"),
]


def test_the_forms_of_one_event_agree() -> None:
    assert disagreements(read(whole())) == ()


@pytest.mark.parametrize(("form", "fact", "before", "after"), MUTATIONS)
def test_a_form_that_says_otherwise_is_found_at_exactly_its_place(
    form: str, fact: str, before: str, after: str
) -> None:
    assert disagreements(read(altered(form, before, after))) == (f"{form}.{fact}",)


def test_every_fact_that_a_form_states_can_be_contradicted_in_it() -> None:
    stated = {
        f"{form}.{name}"
        for form, said in read(whole()).items()
        for name in Facts.__dataclass_fields__
        if getattr(said, name) not in (None, ()) and form != "event"
    }
    broken = {f"{form}.{fact}" for form, fact, _, _ in MUTATIONS}
    assert broken <= stated
    assert stated - broken == {"cda.ins", "cda.label", "xdm.label", "bundle.service"}
    # the first three are what the mail is compared with, the last one is left to its default here


@given(strategies.events())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_event_is_ever_called_incoherent_for_what_we_made_of_it(event: Event) -> None:
    if isinstance(event, ReportShared | ReportReplaced):
        event = replace(event, report=replace(event.report, document=None))
    known = known_after(event)
    made = pack.pack(event, known, TERMS, MINTED, SOFTWARE)
    bundle = translate.to_bundle(event, known, TERMS)
    mail = pack.write_mail(made, envelope(b"{}"))
    assert disagreements({**gathered(event, bundle, made, TERMS), "mail": mail_facts(mail)}) == ()


def test_every_official_document_given_with_the_event_it_tells_is_coherent() -> None:
    different = {}
    files = sorted(shared("samples/cda").glob("*.xml"))
    assert len(files) == 54
    for file in files:
        data = file.read_bytes()
        document = read_cda(data)
        event, _ = as_event(document)
        assert isinstance(event, ReportShared | ReportReplaced)
        bare = replace(event, report=replace(event.report, document=None))
        entry = describe(document.header, data, "DOC0001.XML", TERMS)
        facts = form_facts(pack.event_facts(event, event.report.type), [(document.header, entry)])
        facts["bundle"] = translate.facts_of(translate.to_bundle(bare, known_after(bare), TERMS), TERMS)
        if places := disagreements(facts):
            different[file.name] = places
    assert different == {}


# — what happens then


def give(world: World, before: str = "", after: str = "", **more: Any) -> Accepted:
    """A report whose document is a CDA of the sender's own: the one we make of the example, somewhat changed."""
    cda = packed("report.shared").cda
    assert before.encode() in cda
    told = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]
    changed = base64.b64encode(cda.replace(before.encode(), after.encode())).decode()
    document = {"content_type": "text/xml", "data": changed}
    return world.report_to("luc.durand", "sophie.bernard", report={**told, "document": document}, **more)


def kept(world: World, accepted: Accepted, name: str) -> bytes:
    with world.gateway.store.glance() as unit:
        return unit.contents.get(TENANT, accepted.exchange, name)


DISAGREES = ('birthTime value="19790328"', 'birthTime value="19790329"')


def test_a_document_that_says_what_its_event_says_leaves(world: World) -> None:
    accepted = give(world)
    assert "incoherent-document" not in [notice.code for notice in accepted.notices]
    world.prepare()
    assert {leg.state for leg in world.legs(accepted)} == {LegState.WAITING}


def test_a_document_that_contradicts_its_event_is_told_at_the_door_and_holds_every_leg(world: World) -> None:
    accepted = give(world, *DISAGREES)
    assert [notice.at for notice in accepted.notices if notice.code == "incoherent-document"] == [
        ("patient", "birth_date")
    ]
    world.prepare()
    world.send()
    assert world.exchange(accepted).state is ExchangeState.PREPARED
    legs = world.legs(accepted)
    assert len(legs) == 2
    for leg in legs:
        assert (leg.state, leg.reason, leg.attempts) == (LegState.HELD, "incoherent", ())
        assert leg.detail == "cda.birth_date, xdm.birth_date"
        assert "cda.birth_date" in show_leg(leg)["reason"]["en"]
        assert "(date de naissance : document CDA, métadonnées de l'archive)" in show_leg(leg)["reason"]["fr"]
        assert pack.read_mail(kept(world, accepted, f"parcel/{leg.n}")).archive == kept(world, accepted, "archive")
    entries = world.audited(kind="leg-created", exchange=accepted.exchange)
    assert [entry["facts"]["places"] for entry in entries] == ["cda.birth_date, xdm.birth_date"] * 2
    born = re.compile(r"1979\D?03\D?2|(?<![\w-])1979(?![\w-])")  # the date, or its year; not four letters of a digest
    assert not any(born.search(json.dumps(entry)) for entry in entries)


def test_a_person_who_has_looked_may_let_it_go(world: World) -> None:
    accepted = give(world, *DISAGREES)
    world.prepare()
    with pytest.raises(NotNow, match=r"Cannot retry what is held\. It may be asked to cancel or release"):
        steer_exchange(world.gateway, world.caller, accepted.exchange, "retry")
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    world.send()
    assert [leg.state for leg in world.legs(accepted)] == [LegState.HANDED_OVER, LegState.HELD]


def test_another_exchange_is_not_held_with_it(world: World) -> None:
    wrong = give(world, *DISAGREES)
    right = world.report_to("luc.durand", id="another")
    world.prepare()
    world.send()
    assert world.legs(wrong)[0].state is LegState.HELD
    assert world.leg(right).state is LegState.HANDED_OVER


def test_a_denied_leg_stays_denied(world: World) -> None:
    told = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]
    cda = packed("report.shared").cda.replace(DISAGREES[0].encode(), DISAGREES[1].encode())
    document = {"content_type": "text/xml", "data": base64.b64encode(cda).decode()}
    accepted = world.report_to("luc.durand", report={**told, "document": document, "masks": ["MASQUE_PS"]})
    world.prepare()
    assert (world.leg(accepted).state, world.leg(accepted).reason) == (LegState.DENIED, "masked-to-professionals")
