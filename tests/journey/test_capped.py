from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from gateway.journey.capped import Capped, TooMuch


@pytest.fixture
def reader() -> Iterator[Capped]:
    capped = Capped(seconds=1.0, megabytes=512)
    yield capped
    capped.close()


def test_an_honest_input_is_answered(reader: Capped) -> None:
    assert reader.call(len, b"abc") == 3
    assert reader.call(len, b"abcd") == 4


def test_an_input_that_takes_too_long_dies_in_the_child_and_the_next_one_is_read(reader: Capped) -> None:
    with pytest.raises(TooMuch):
        reader.call(time.sleep, 60)
    assert reader.call(len, b"abc") == 3


def test_an_input_that_takes_too_much_memory_dies_in_the_child(reader: Capped) -> None:
    with pytest.raises(TooMuch):
        reader.call(bytearray, 4 << 30)
    assert reader.call(len, b"abc") == 3


def test_a_child_that_falls_over_is_replaced(reader: Capped) -> None:
    with pytest.raises(TooMuch):
        reader.call(os._exit, 7)
    assert reader.call(len, b"abc") == 3
