"""A reader with the base types alone: no package is needed to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.validate import open_library
from gateway.validate.check.shape import Shapes
from gateway.validate.compile import Structures
from gateway.validate.place import keys_of, path_of
from gateway.validate.rules import RULES
from gateway.validate.source import Reader, Source

Faults = Callable[[bytes], list[tuple[str, str]]]


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(Shapes(Structures(open_library())))


@pytest.fixture
def faults(reader: Reader) -> Faults:
    """(rule, path) of each fault told of a file."""
    return lambda data: told(reader.read(data))


def told(source: Source) -> list[tuple[str, str]]:
    """(rule, path) of each fault; its sentences are complete and its line can be asked."""
    for one in source.told:
        RULES[one.rule].fr.format(**one.words)
        RULES[one.rule].en.format(**one.words)
        source.line(keys_of(one.place))
    return [(one.rule, path_of(one.place)) for one in source.told]
