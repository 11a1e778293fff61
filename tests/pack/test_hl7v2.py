"""HL7 v2 messages: read in whatever frame, line ends and characters they come; hostile ones refused or read around."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.pack import documents_of, flags_of, is_hl7v2, kind_of, masks_of, message_words, read_hl7v2
from gateway.pack.hl7v2 import MAX_SEGMENTS
from tests.pack.material import shared

CDA = b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>"


def message(*more: str, type: str = "MDM^T02^MDM_T02", charset: str = "UNICODE UTF-8") -> str:
    """A message of the receiving flow, of our own words."""
    head = f"MSH|^~\\&|PFI|Clinique|LOGICIEL|Cabinet|20261120093000||{type}|42|P|2.6|||||FRA|{charset}|||1.1^CISIS_CDA_HL7_LPS"  # noqa: E501
    return "\r".join((head, *more))


def whole() -> str:
    mail = base64.b64encode("Bonjour, voici le document de séance.".encode()).decode()
    return message(
        "EVN||20261120093000",
        "PID|||279035121518989^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS~P-42^^^&1.2.3&ISO^PI||"
        "PAT-TROIS^DOMINIQUE^DOMINIQUE^^^^L~MARTIN^DOMINIQUE^^^^^D||19790328|F|||^^^^^^BDL^^51215",
        "PV1|1|N",
        "OBR|1|||11488-4^Compte rendu d\\T\\ consultation^LN",
        "TXA|1|11488-4|TEXT|||||||||CR-1^^1.2.3.9^ISO|CR-0^^1.2.3.9^ISO",
        f"OBX|1|ED|11488-4^CR^LN||^text^XML^Base64^{base64.b64encode(CDA).decode()}||||||C",
        "PRT||UC||SB^^participation|810100012342^MARTIN^Jeanne|||Cabinet Martin|||||||^^X.400^jeanne@a.mssante.test",
        f"OBX|2|ED|abc@a.mssante.test^XDM/1.0/DDM+CR PAT-TROIS||^text^^Base64^{mail}||||||F",
        "OBX|3|CWE|MASQUE_PS^^MetaDMPMSS||N^^expandedYes-NoIndicator||||||F",
        "OBX|4|CWE|INVISIBLE_PATIENT^^MetaDMPMSS||Y^^expandedYes-NoIndicator||||||F",
        "OBX|5|CWE|INVISIBLE_ REP_LEGAUX^^MetaDMPMSS||Y^^expandedYes-NoIndicator||||||F",
        "OBX|6|CWE|MODIF_CONF_CODE^^MetaDMPMSS||N^^expandedYes-NoIndicator||||||F",
    )


def told(text: str) -> dict[str, Any]:
    (read,) = read_hl7v2(text.encode())
    return message_words(read)


def test_everything_the_receiving_flow_says_is_told() -> None:
    said = told(whole())
    assert (said["type"], said["control_id"], said["profile"]) == ("MDM^T02", "42", "1.1^CISIS_CDA_HL7_LPS")
    assert said["patient"]["ids"] == [
        {"value": "279035121518989", "system": "1.2.250.1.213.1.4.10", "type": "INS"},
        {"value": "P-42", "system": "1.2.3", "type": "PI"},
    ]
    assert said["patient"]["names"] == [["PAT-TROIS", "DOMINIQUE", "L"], ["MARTIN", "DOMINIQUE", "D"]]
    assert said["patient"]["birth_place"] == "51215"
    assert said["document"] == {
        "type": "11488-4", "label": "Compte rendu d& consultation", "id": "1.2.3.9^CR-1", "replaces": "1.2.3.9^CR-0"
    }  # fmt: skip
    assert said["mail"] == {
        "message_id": "abc@a.mssante.test",
        "subject": "XDM/1.0/DDM+CR PAT-TROIS",
        "text": "Bonjour, voici le document de séance.",
    }
    assert said["flags"]["MODIF_CONF_CODE"] is False
    assert said["masks"] == ["INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]
    assert said["participants"][0]["address"] == "jeanne@a.mssante.test"


@pytest.mark.parametrize(
    ("type", "more", "action"),
    [
        ("MDM^T02", "", None),
        ("MDM^T10", "", "replace"),
        ("MDM^T04", "", "delete"),
        ("ORU^R01", "ORC|NW", None),
        ("ORU^R01", "ORC|RO", "replace"),
        ("ORU^R01", "ORC|CA", "delete"),
    ],
)
def test_trigger_or_order_says_what_to_do_with_the_document(type: str, more: str, action: str | None) -> None:
    row = f"OBX|1|ED|11488-4||^TEXT^XML^Base64^{base64.b64encode(CDA).decode()}||||||F"
    (read,) = read_hl7v2(message(*([more] if more else []), row, type=type).encode())
    assert kind_of(read) == "document"
    assert [(one.data, one.action) for one in documents_of(read)] == [(CDA, action)]


FRAMES = [
    lambda data: data,
    lambda data: b"\x0b" + data + b"\x1c\r",
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: b"\r\n" + data.replace(b"\r", b"\n") + b"\n",
    lambda data: data.replace(b"\r", b"\r\n"),
    lambda data: data.replace(b"\r", b"\r\n\r\n"),
    lambda data: data.replace(b"^", b"$").replace(b"~", b"!"),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_frame_line_ends_and_separators_change_nothing(frame: Any) -> None:
    framed = frame(whole().encode())
    assert is_hl7v2(framed)
    (read,) = read_hl7v2(framed)
    (plain,) = read_hl7v2(whole().encode())
    kept = {name: value for name, value in message_words(read).items() if name not in ("profile",)}
    assert kept["patient"] == message_words(plain)["patient"]
    assert [one.data for one in documents_of(read)] == [CDA]


def test_several_messages_of_a_file_are_each_read() -> None:
    both = b"\x0b" + whole().encode() + b"\x1c\r\x0b" + message("MSA|AA|42", type="ACK^T02^ACK").encode() + b"\x1c\r"
    assert [kind_of(one) for one in read_hl7v2(both)] == ["document", "acknowledgement"]


@pytest.mark.parametrize(
    ("charset", "codec"), [("8859/15", "iso-8859-15"), ("8859/1", "iso-8859-1"), ("UNICODE UTF-8", "utf-8")]
)
def test_text_is_read_in_the_character_set_it_names(charset: str, codec: str) -> None:
    text = message(
        "PID|||P-42||LEFÈVRE^ŒDIPE" if codec != "iso-8859-1" else "PID|||P-42||LEFÈVRE^ODILE", charset=charset
    )
    (read,) = read_hl7v2(text.encode(codec))
    assert read.first("PID").said(5) == "LEFÈVRE"
    assert read.charset == codec


def test_text_in_another_character_set_than_it_names_is_still_read() -> None:
    (read,) = read_hl7v2(message("PID|||P-42||LEFÈVRE").encode("iso-8859-15"))
    assert (read.first("PID").said(5), read.charset) == ("LEFÈVRE", "iso-8859-15")


def test_base64_broken_into_lines_is_put_together_again() -> None:
    long = base64.b64encode(CDA * 20).decode()
    rows = "\r\n".join(long[n : n + 76] for n in range(0, len(long), 76))
    (read,) = read_hl7v2(message(f"OBX|1|ED|11488-4||^TEXT^XML^Base64^{rows}||||||F").encode())
    assert [one.data for one in documents_of(read)] == [CDA * 20]


@pytest.mark.parametrize(
    ("written", "plain"),
    [("a\\T\\b", "a&b"), ("a\\F\\b\\S\\c", "a|b^c"), ("a\\E\\b", "a\\b"), ("a\\.br\\b", "a\nb"), ("a\\X41\\b", "aAb"),
     ("a\\Zx\\b", "a\\Zx\\b"), ("a\\b", "a\\b"), ("a\\XZZ\\b", "a\\XZZ\\b")],
)  # fmt: skip
def test_escapes_are_undone_and_unknown_ones_left(written: str, plain: str) -> None:
    (read,) = read_hl7v2(message(f"PID|||P-42||{written}").encode())
    assert read.first("PID").said(5) == plain


@pytest.mark.parametrize(
    ("rows", "type", "answer"),
    [
        (["MSA|AE|42|Erreur"], "ACK^T02^ACK", {"message": "42", "code": "AE", "text": "Erreur"}),
        (
            ["OBX|1|CWE|ACK_LECTURE_MSS^^x|42|Y^^x", "OBX|2|XTN|LECTEUR_MSS^^x|810100012342|^^X.400^l@b.mssante.test"],
            "ZAM^Z03^ZAM_Z01",
            {"message": "42", "code": "Y", "id": "810100012342", "address": "l@b.mssante.test"},
        ),
    ],
)
def test_an_acknowledgement_says_what_it_answers(rows: list[str], type: str, answer: dict[str, str]) -> None:
    error = "ERR|||207^Application internal error^x|E|902^Identifiant de patient inconnu^x"
    said = told(message(*rows, error, type=type))
    assert said["acknowledges"] == answer
    assert said["errors"][0]["application"] == "902"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"", "not-hl7v2"),
        (b"PID|||", "not-hl7v2"),
        (b"MSHABCDEF", "not-hl7v2"),
        (b"MSH||||||||", "not-hl7v2"),
        (b"MSH|^^^^|x", "not-hl7v2"),
        (b"MSH|^~\\&|" + b"\rNTE|" * (MAX_SEGMENTS + 1), "too-many"),
    ],
)
def test_what_is_no_message_is_refused(bad: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_hl7v2(bad)
    assert refused.value.faults[0].code == code


@given(st.binary(max_size=400), st.integers(0, 900), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_the_reader_crash(junk: bytes, at: int, keep: bool) -> None:
    data = whole().encode()
    broken = data[:at] + junk + data[at if keep else at + len(junk) :]
    try:
        for read in read_hl7v2(broken):
            assert message_words(read)
            assert isinstance(flags_of(read), dict)
            documents_of(read)
    except Rejected:
        pass


def test_every_official_message_is_read_with_its_kind() -> None:
    files = [file for file in shared("samples/hl7v2").rglob("*") if file.is_file() and file.suffix.lower() != ".xml"]
    kinds: dict[str, int] = {}
    for file in files:
        (read,) = read_hl7v2(file.read_bytes())
        kinds[kind_of(read)] = kinds.get(kind_of(read), 0) + 1
        if kind_of(read) == "document":
            assert documents_of(read)
            assert {"MASQUE_PS", "INVISIBLE_PATIENT"} <= set(flags_of(read))
        if "CISIS_CDA_HL7_LPS" in message_words(read).get("profile", ""):
            assert message_words(read)["mail"]["subject"].startswith("XDM/1.0/DDM+")
    assert len(files) == 39
    assert kinds == {
        "document": 19, "acknowledgement": 10, "dmp-receipt": 2, "delivery-receipt": 2, "read-receipt": 2,
        "admission": 4,
    }  # fmt: skip


def test_masks_of_the_oldest_flow_have_the_same_meaning() -> None:
    (read,) = read_hl7v2(message("OBX|4|CWE|INVISIBLE_REPRESENTANTS_LEGAUX^^||Y||||||F").encode())
    assert masks_of(read) == ("INVISIBLE_REPRESENTANTS_LEGAUX",)
