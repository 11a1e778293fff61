"""METADATA.XML: whatever a header says is written, and read again exactly; hostile metadata are refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.model.errors import Rejected
from gateway.pack.header import INS_ROOTS, PERSONS, STRUCTURES, Act, Body, Code, Header, Id, Name, NamePart, Party, Stay
from gateway.pack.header import Subject as Patient
from gateway.pack.metadata import Metadata, read_metadata, write_metadata
from gateway.pack.xds import Action, Entry, describe, submit
from tests.pack.material import MINTED, TERMS

# — headers as anybody might write them

WRITABLE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
texts = st.text(WRITABLE | st.sampled_from("^&~|\\\n\t\r<>\"'é "), max_size=12)
some = texts.filter(bool)
oids = st.sampled_from([*sorted(INS_ROOTS), PERSONS, STRUCTURES, "1.2.3.4", "1.3.2"]) | some
ids = st.builds(Id, oids, texts)
codes = st.builds(Code, some, texts, texts)
clocks = st.sampled_from(
    ["", "2026", "202611", "20261120", "20261120093000+0100", "20261120093000.25-0330", "2026112009"]
)
names = st.builds(
    Name,
    families=st.lists(st.builds(NamePart, some, st.sampled_from(["", "BR", "CL"])), max_size=3).map(tuple),
    givens=st.lists(st.builds(NamePart, some, st.sampled_from(["", "BR", "CL"])), max_size=3).map(tuple),
    prefix=texts,
    suffix=texts,
)
bodies = st.builds(Body, id=st.none() | ids, name=texts, setting=st.none() | codes)
parties = st.builds(
    Party,
    ids=st.lists(ids, max_size=3).map(tuple),
    code=st.none() | codes,
    function=st.none() | codes,
    name=st.none() | names,
    device=st.none() | st.tuples(texts, texts),
    organization=st.none() | bodies,
)
patients = st.builds(
    Patient,
    ids=st.lists(ids, min_size=1, max_size=4).map(tuple),
    name=st.none() | names,
    sex=st.sampled_from(["F", "M", "UN", ""]) | texts,
    birth_time=clocks | texts,
    birth_place=texts,
)
acts = st.builds(
    Act,
    code=st.none() | codes,
    also=st.lists(codes, max_size=2).map(tuple),
    low=clocks,
    high=clocks,
    performer=st.none() | parties,
)
headers = st.builds(
    Header,
    id=ids,
    code=codes,
    title=texts,
    effective=clocks,
    confidentiality=codes,
    language=texts,
    set_id=st.none() | ids,
    version=st.integers(1, 3),
    subject=patients,
    authors=st.lists(parties, max_size=3).map(tuple),
    custodian=bodies,
    authenticator=st.none() | parties,
    acts=st.lists(acts, max_size=3).map(tuple),
    stay=st.builds(Stay, facility=st.none() | codes),
    templates=st.lists(st.sampled_from(["1.3.6.1.4.1.19376.1.2.20", "1.2.250.1.213.1.1.1.26", "1.2"])).map(tuple),
    media_type=st.sampled_from(["", "application/pdf", "text/plain"]),
)
masks = st.lists(st.sampled_from(["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"])).map(tuple)
actions: st.SearchStrategy[Action | None] = st.sampled_from(["replace", "delete", None])


def described(header: Header, masks: tuple[str, ...] = (), action: Action | None = None) -> Entry:
    return describe(header, b"<a/>", "DOC0001.XML", TERMS, masks=masks, action=action)


def written(*described: tuple[Entry, Header]) -> tuple[bytes, Metadata]:
    entries = [entry for entry, _ in described]
    submission = submit(*described[0], time="20261120084500", unique_id="2.25.1", content_type=described[0][0].facility)
    raw = write_metadata(submission, entries, MINTED)
    return raw, Metadata(submission, tuple(entries))


@given(headers, headers, masks, actions)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_header_says_reads_back_exactly(
    one: Header, two: Header, asked: tuple[str, ...], action: Action | None
) -> None:
    raw, meant = written((described(one, asked, action), one), (described(two), two))
    assert read_metadata(raw) == meant


@given(headers)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_adds_a_component_to_a_value(header: Header) -> None:
    entry = described(header)
    persons = [author.person for author in entry.authors] + [entry.authenticator]
    assert {one.count("^") for one in persons if one} <= {12}
    assert {author.institution.count("^") for author in entry.authors if author.institution} <= {0, 9}
    assert {author.specialty.count("^") for author in entry.authors if author.specialty} <= {2}
    assert (entry.patient_id.count("^"), entry.patient_id.count("&")) == (4, 2)
    assert {line.partition("|")[2].count("|") for line in entry.source_patient_info} <= {0}


# — the forms of one value each


def header(**fields: object) -> Header:
    known: dict[str, object] = {
        "id": Id("1.2.3"),
        "code": Code("11488-4"),
        "title": "CR",
        "effective": "20261120093000+0100",
        "confidentiality": Code("N"),
        "language": "fr-FR",
        "set_id": None,
        "version": 1,
        "subject": Patient(ids=(Id("1.2.3", "42"),)),
        "authors": (),
        "custodian": Body(),
        "authenticator": None,
        "acts": (),
        "stay": Stay(),
    }
    return Header(**(known | fields))  # type: ignore[arg-type]


def test_a_patient_without_local_number_is_known_by_the_national_one_alone() -> None:
    ins = Id("1.2.250.1.213.1.4.8", "277076322082910")
    entry = described(header(subject=Patient(ids=(ins,))))
    assert entry.patient_id == entry.source_patient_id == "277076322082910^^^&1.2.250.1.213.1.4.8&ISO^NH"


def test_a_patient_without_national_number_is_known_by_the_local_one() -> None:
    entry = described(header(subject=Patient(ids=(Id("1.2.3", "42"), Id("1.2.4", "43")))))
    assert entry.patient_id == entry.source_patient_id == "42^^^&1.2.3&ISO^PI"
    assert entry.source_patient_info == ("PID-3|43^^^&1.2.4&ISO^PI",)


def test_an_author_may_have_no_organisation_or_be_one_or_be_software() -> None:
    alone = Party(ids=(Id(PERSONS, "810100012342"),), name=Name(families=(NamePart("MARTIN"),)))
    body = Party(organization=Body(id=Id(STRUCTURES, "1750000002"), name="CPTS"))
    software = Party(ids=(Id("1.2.3", "7"),), device=("Éditeur", "Logiciel & Cie"))
    entry = described(header(authors=(alone, body, software, Party())))
    assert [(author.institution, author.person) for author in entry.authors] == [
        ("", "810100012342^MARTIN^^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
        ("CPTS^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750000002", ""),
        ("", "7^Logiciel \\T\\ Cie^Éditeur^^^^^^&1.2.3&ISO^U^^^RI"),
    ]


def test_each_act_and_each_of_its_other_codes_is_an_event() -> None:
    scan, same = Code("24727-0", "CT", "LN"), Code("ACQH004", "Scanner", "CCAM")
    acts = (
        Act(code=scan, also=(same,), low="20261120", high="20261121"),
        Act(),
        Act(also=(same,)),
        Act(code=Code("X")),
    )
    entry = described(header(acts=acts))
    assert [code.code for code in entry.events] == ["24727-0", "ACQH004", "ACQH004", "X"]
    assert (entry.service_start, entry.service_stop) == ("20261120", "20261121")
    assert entry.events[-1].display == "X"  # XDS wants a name beside each code


def test_the_submission_comes_from_the_first_document() -> None:
    said = header(custodian=Body(id=Id(STRUCTURES, "1750803447")), stay=Stay(facility=Code("SA07", "Cabinet", "1.2")))
    _, meant = written((described(said), said), (described(header()), header()))
    assert meant.submission.source_id == "1.2.250.1.71.4.2.2.1750803447"


# — what is read


def test_prefixes_comments_and_blanks_of_others_do_not_matter() -> None:
    raw, meant = written((described(header()), header()))
    tree = etree.fromstring(raw)
    rim = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
    other = etree.Element(tree.tag, nsmap={"x": tree.nsmap[None], "ns2": rim})
    other.append(etree.Comment(" made by another tool "))
    other.extend(list(tree))
    etree.indent(other, "\t")
    assert read_metadata(etree.tostring(other)) == meant


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-xml"),
        (b"<a/>", "not-an-archive"),
        (b'<!DOCTYPE a [<!ENTITY e "ha">]><a>&e;</a>', "not-xml"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "not-xml"),
        (b"<a>" * 100_000, "not-xml"),
        (b"<a" + b"".join(b' b%d=""' % n for n in range(400_001)) + b"/>", "too-large"),
        (b"<a>" + b"x" * 8_000_001 + b"</a>", "too-large"),
    ],
    ids=["nothing", "another language", "entity", "file", "deep", "wide", "long"],
)
def test_hostile_metadata_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read_metadata(raw)
    assert [fault.code for fault in refusal.value.faults] == [code]


def test_damaged_metadata_raise_nothing_but_a_refusal() -> None:
    raw, _ = written((described(header()), header()))
    chance = random.Random(20261122)
    outcomes: set[bool | None] = set()
    for _ in range(600):
        data = bytearray(raw)
        at = chance.randrange(len(data))
        data[at : at + chance.randint(0, 60)] = chance.randbytes(chance.randint(0, 3))
        try:
            outcomes.add(read_metadata(bytes(data)).findings == ())
        except Rejected:
            outcomes.add(None)
    assert outcomes == {True, False, None}
