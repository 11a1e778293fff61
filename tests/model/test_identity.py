from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import BadIdentifier
from gateway.model.identity import Identifier, Ins, InsKind, LocalId, MailAddress, Rpps, Scheme


@pytest.mark.parametrize("number", ["279035121518989", "277076322082910"])
def test_an_official_test_matricule_is_accepted(number: str) -> None:
    assert Ins(number, InsKind.NIR_TEST).number == number


@pytest.mark.parametrize("number", ["221042545611404", "223042545611404", "276059205062865", "279035121518900"])
def test_a_matricule_with_a_wrong_key_is_refused(number: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        Ins(number)
    assert refused.value.faults[0].code == "ins-key"


CORSICAN = ("17509", "28112", "75306", "84301")
"""The beginnings of invented matricules: sex, year, month; the last two of people who wait for theirs (NIA)."""


@pytest.mark.parametrize("series", InsKind)
@pytest.mark.parametrize("begins", CORSICAN)
@pytest.mark.parametrize(("department", "counts_as"), [("2A", 19), ("2B", 18)])
def test_a_corsican_birth_counts_its_letter_as_19_or_18(
    department: str, counts_as: int, begins: str, series: InsKind
) -> None:
    right = 97 - int(f"{begins}{counts_as}004012") % 97
    whole = f"{begins}{department}004012"
    assert Ins(f"{whole}{right:02}", series).number == f"{whole}{right:02}"
    for wrong in set(range(100)) - {right}:
        with pytest.raises(BadIdentifier):
            Ins(f"{whole}{wrong:02}", series)


@pytest.mark.parametrize(
    ("number", "series"),
    [
        ("175092A00401242", InsKind.NIR),
        ("281122B00401264", InsKind.NIR_TEST),
        ("753062A00401293", InsKind.NIA),
        ("843012B00401292", InsKind.NIA),
    ],
)
def test_corsican_matricules_of_both_series_are_accepted(number: str, series: InsKind) -> None:
    assert Ins(number, series).kind is series


@pytest.mark.parametrize("remainder", range(97))
def test_every_key_from_01_to_97_is_the_right_one_of_some_number(remainder: int) -> None:
    first = next(number for number in range(2790351215100, 2790351215200) if number % 97 == remainder)
    assert Ins(f"{first}{97 - remainder:02}").number.endswith(f"{97 - remainder:02}")


@pytest.mark.parametrize("series", InsKind)
def test_each_series_has_its_oid_and_only_two_are_given_to_people(series: InsKind) -> None:
    oids = {"NIR": "8", "NIA": "9", "NIR-TEST": "10", "NIR-DEMO": "11"}
    assert series.oid == f"1.2.250.1.213.1.4.{oids[series.value]}"
    assert series.for_real is (series.value in ("NIR", "NIA"))


@pytest.mark.parametrize("number", ["175092a00401242", "1 75 09 2A 004 012 42", "175092A004012", "175092C00401242"])
def test_a_corsican_matricule_is_written_with_a_capital_letter_and_no_space(number: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        Ins(number)
    assert refused.value.faults[0].code == "ins-form"


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
