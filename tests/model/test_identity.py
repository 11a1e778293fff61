from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import BadIdentifier
from gateway.model.identity import Identifier, Ins, InsKind, LocalId, MailAddress, Rpps, Scheme


def key(first13: str) -> str:
    digits = first13.replace("2A", "19").replace("2B", "18")
    return f"{97 - int(digits) % 97:02d}"


@pytest.mark.parametrize("number", ["279035121518989", "277076322082910"])
def test_an_official_test_matricule_is_accepted(number: str) -> None:
    assert Ins(number, InsKind.NIR_TEST).number == number


@pytest.mark.parametrize("number", ["221042545611404", "223042545611404", "276059205062865", "279035121518900"])
def test_a_matricule_with_a_wrong_key_is_refused(number: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        Ins(number)
    assert refused.value.faults[0].code == "ins-key"


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_a_corsican_birth_counts_its_letter_as_19_or_18(department: str) -> None:
    first = f"27903{department}151898"[:13].ljust(13, "0")
    assert Ins(first + key(first)).number.startswith("27903" + department)


@pytest.mark.parametrize(
    "number", ["", "27903512151898", "2790351215189890", "27903512151898٩", "2790351 1518989", "2790A5121518989"]
)
def test_a_matricule_of_another_form_is_refused(number: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        Ins(number)
    assert refused.value.faults[0].code == "ins-form"


READERS = (
    Ins,
    Rpps,
    MailAddress,
    lambda value: Identifier(Scheme.FINESS, value),
    lambda value: Identifier(Scheme.SIRET, value),
)


@given(st.text(max_size=20), st.sampled_from(READERS))
def test_no_text_makes_an_identifier_crash(text: str, reader: Callable[[str], object]) -> None:
    with contextlib.suppress(BadIdentifier):
        assert reader(text) == reader(text)


@pytest.mark.parametrize("reader", READERS)
def test_a_refused_identifier_is_not_repeated_in_the_error(reader: Callable[[str], object]) -> None:
    with pytest.raises(BadIdentifier) as refused:
        reader("27903512151 8989")
    assert "27903512151" not in str(refused.value)


def test_what_identifies_a_patient_never_shows_itself() -> None:
    assert "279035121518989" not in repr(Ins("279035121518989"))
    assert "P-42" not in repr(LocalId("1.2.3", "P-42"))


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        (Scheme.FINESS, "750000127"),
        (Scheme.FINESS, "2A0000014"),
        (Scheme.SIREN, "732829320"),
        (Scheme.SIRET, "73282932000074"),
        (Scheme.SIRET, "35600000000048"),
        (Scheme.RPPS_RANG, "10100054328001"),
    ],
)
def test_a_wellformed_structure_number_is_accepted(scheme: Scheme, value: str) -> None:
    assert Identifier(scheme, value).structure_national is not None


@pytest.mark.parametrize(
    ("scheme", "value", "code"),
    [
        (Scheme.FINESS, "750000128", "finess-key"),
        (Scheme.FINESS, "75000012", "finess-form"),
        (Scheme.SIREN, "732829321", "siren-form"),
        (Scheme.SIRET, "73282932000075", "siren-form"),
        (Scheme.RPPS_RANG, "abc", "identifier-form"),
        (Scheme.LOCAL, "7", "identifier-form"),
    ],
)
def test_a_malformed_structure_number_is_refused(scheme: Scheme, value: str, code: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        Identifier(scheme, value)
    assert refused.value.faults[0].code == code


def test_an_rpps_number_carries_its_national_prefix() -> None:
    assert Rpps("10100012342").national == "810100012342"


@pytest.mark.parametrize(
    "address", ["a@b.mssante.test", "jeanne.martin@cpts.exemple.mssante.fr", "279035121518989@patient.mssante.fr"]
)
def test_a_plain_mail_address_is_accepted(address: str) -> None:
    assert MailAddress(address).domain == address.partition("@")[2]


@pytest.mark.parametrize(
    "address",
    ["a", "a@", "@b", "a b@c.fr", "a@b.fr\r\nBcc: x@y", '"a"@b.fr', "é@b.fr", "a..b@c.fr", ".a@b.fr", "a@-", "a@b.fr."],
)
def test_an_address_that_could_confuse_a_server_is_refused(address: str) -> None:
    with pytest.raises(BadIdentifier):
        MailAddress(address)
