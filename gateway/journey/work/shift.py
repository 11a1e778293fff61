"""How a worker works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Threads that send and prepare, and how often is looked at what nobody calls for.

    look_every   the net under what is heard: how often everything is looked at, heard of or not
    stop_within  how long steps under way may take to end once the worker is told to stop
    """

    senders: int = 4
    preparers: int = 1
    look_every: timedelta = timedelta(seconds=1)
    collect_every: timedelta = timedelta(seconds=30)
    keep_house_every: timedelta = timedelta(seconds=5)
    upkeep_every: timedelta = timedelta(hours=1)
    drop_every: timedelta = timedelta(seconds=1)
    stop_within: timedelta = timedelta(seconds=25)
