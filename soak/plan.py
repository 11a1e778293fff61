"""What a run does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PASSERELLE = (sys.executable, "-m", "gateway.cli")

Engine = Literal["sqlite", "postgresql"]
Victims = Literal["processes", "door", "database"]


class CannotBegin(Exception):
    """The machine lacks what a run needs, or the gateway does not start; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The size of a run, and who is killed in it.

    kills     spread over the whole of the work, so that each strikes while some is under way
    victims   `processes`: SIGKILL to the door or a worker; `door`: to the door only; `database`: the PostgreSQL server
              is stopped at once
    seed      of whom to kill, when, and of what the sinks do
    within_s  a run in which nothing moves for so long is over, whatever is missing
    program   what starts a command of passerelle
    """

    engine: Engine = "sqlite"
    events: int = 1000
    kills: int = 20
    victims: Victims = "processes"
    workers: int = 2
    seed: str = "soak"
    within_s: float = 120.0
    program: Sequence[str] = PASSERELLE
