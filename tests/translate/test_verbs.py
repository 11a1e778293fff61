"""Every verb is its own way back."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.translate.code import Code, Pairs
from gateway.translate.moments import DayOf, LocalTime
from gateway.translate.verb import Unsayable
from gateway.translate.verbs import VERBS, Flag, InsNumber, Number, OwnIdentifier, RppsNumber
from gateway.translate.wording import Wording
from tests import strategies as some
from tests.translate.dialects import wall_clocks

FRENCH_DAYS = DayOf(format=("%d/%m/%Y", "%m/%Y", "%Y"))
PARIS = LocalTime(zone="Europe/Paris", format="%d/%m/%Y %H:%M:%S")


def codes_of(verb: object, raw: object) -> list[str]:
    with pytest.raises(Rejected) as wrong:
        verb.inward(raw)  # type: ignore[attr-defined]
    return [fault.code for fault in wrong.value.faults]


@given(some.days())
def test_a_date_keeps_its_precision_in_french(day: object) -> None:
    text = day.text  # type: ignore[attr-defined]
    assert FRENCH_DAYS.inward(FRENCH_DAYS.outward(text)) == text


@given(st.dates().map(lambda day: f"{day:%d/%m/}{day.year:04d}"))
def test_a_french_date_comes_back_as_it_was(raw: str) -> None:
    assert FRENCH_DAYS.outward(FRENCH_DAYS.inward(raw)) == raw


@pytest.mark.parametrize("raw", ["1/2/2026", "2026-02-01", "01/02/26", "01/02/2026 ", "٠١/02/2026", ""])
def test_a_date_in_another_form_is_refused(raw: str) -> None:
    assert codes_of(FRENCH_DAYS, raw) == ["bad-date"]


@given(wall_clocks())
def test_a_clock_of_paris_comes_back_as_it_was(clock: datetime) -> None:
    raw = f"{clock:%d/%m/%Y %H:%M:%S}"
    assert PARIS.outward(PARIS.inward(raw)) == raw


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_was_is_refused() -> None:
    assert PARIS.inward("25/10/2026 02:30:00") == "2026-10-25T02:30:00+02:00"
    assert codes_of(PARIS, "29/03/2026 02:30:00") == ["bad-instant"]
    assert codes_of(PARIS, "31/02/2026 10:00:00") == ["bad-instant"]
    assert codes_of(PARIS, "20/11/2026 24:00:00") == ["bad-instant"]
    assert codes_of(PARIS, "20/11/2026 09:30") == ["bad-instant"]


def test_a_local_time_is_told_in_its_own_zone() -> None:
    assert PARIS.outward("2026-07-01T00:30:00Z") == "01/07/2026 02:30:00"


@given(some.rpps())
def test_an_rpps_with_its_national_prefix_goes_both_ways(rpps: object) -> None:
    verb, number = Wording(RppsNumber(), prefix="8"), rpps.number  # type: ignore[attr-defined]
    assert verb.outward(number) == "8" + number
    assert verb.inward("8" + number) == number


def test_an_rpps_without_the_prefix_announced_is_refused() -> None:
    assert codes_of(Wording(RppsNumber(), prefix="8"), "010100012342") == ["wrong-type"]


@given(some.keys())
def test_numbers_of_one_owner_go_both_ways(value: str) -> None:
    for verb in (InsNumber(kind="NIR-TEST"), OwnIdentifier(system="1.2.3"), OwnIdentifier(scheme="ADELI")):
        assert verb.outward(verb.inward(value)) == value


def test_a_number_of_another_owner_cannot_be_written() -> None:
    with pytest.raises(Unsayable):
        InsNumber(kind="NIR").outward({"number": "279035121518989", "kind": "NIR-TEST"})
    with pytest.raises(Unsayable):
        OwnIdentifier(system="1.2.3").outward({"system": "1.2.4", "value": "x"})


def test_a_flag_has_their_words_and_no_others() -> None:
    verb = Flag(yes=("O",), no=("N",))
    assert [verb.inward(raw) for raw in ("O", "N")] == [True, False]
    assert [verb.outward(value) for value in (True, False)] == ["O", "N"]
    assert codes_of(verb, True) == ["wrong-type"]
    assert codes_of(Flag(yes=(1,), no=(0,)), True) == ["wrong-type"]
    assert codes_of(Flag(), 1) == ["wrong-type"]


@given(st.integers(1 - 10**15, 10**15 - 1))
def test_a_number_in_quotes_goes_both_ways(value: int) -> None:
    verb = Number(quoted=True)
    assert verb.inward(verb.outward(value)) == value


@pytest.mark.parametrize("raw", ["01", "1.0", "-0", " 1", "٣", 1, "", "9" * 30])
def test_a_text_that_is_no_plain_number_is_refused(raw: object) -> None:
    assert codes_of(Number(quoted=True), raw) == ["wrong-type"]


def test_a_code_is_one_of_its_national_lists() -> None:
    verb = Code(of=("G15",), also=("R85",), terms=some.terms())
    assert verb.inward("60") == "60"
    assert verb.inward({"list": "R85", "code": "330"}) == {"list": "R85", "code": "330"}
    assert codes_of(verb, "330") == ["unknown-code"]
    assert codes_of(verb, {"code": "330"}) == ["unknown-code"]
    assert codes_of(verb, {"list": "R85", "code": "60"}) == ["unknown-code"]
    assert codes_of(verb, {"list": "R38", "code": "SM54"}) == ["unknown-code"]


def test_an_unknown_code_names_the_list_and_never_the_code() -> None:
    with pytest.raises(Rejected) as wrong:
        Code(of=("R260", "R259"), terms=some.terms()).inward("CHEF")
    assert [fault.about for fault in wrong.value.faults] == ["R260, R259"]


def test_a_code_of_any_list_is_checked_where_the_list_is_known() -> None:
    verb = Code(terms=some.terms())
    assert verb.inward({"list": "CIM-10", "code": "E11"}) == {"list": "CIM-10", "code": "E11"}
    assert codes_of(verb, {"list": "G15", "code": "E11"}) == ["unknown-code"]


PAIRS = Pairs({(int, 1): "provisional", (str, "4"): "qualified"}, {"provisional": 1, "qualified": "4"})


def test_a_word_that_is_a_number_is_not_a_flag() -> None:
    verb = Code(table="statut", pairs=PAIRS)
    assert verb.inward(1) == "provisional"
    assert codes_of(verb, True) == ["unknown-code"]
    assert codes_of(verb, "1") == ["unknown-code"]
    assert verb.outward({"code": "qualified"}) == "4"


@pytest.mark.parametrize("name", ["text", "rpps", "instant", "moment", "base64"])
@given(raw=st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({}))
def test_a_verb_leaves_what_it_does_not_know_to_the_model(name: str, raw: object) -> None:
    assert VERBS[name]().inward(raw) is raw
