"""How long a claim lasts, by a clock nobody sets: the database's own on PostgreSQL, this machine's uptime on SQLite.

A wall clock may jump, and two hosts' differ; a lease ended early would send the same bytes twice. On SQLite a lease is
the boot it belongs to and the microseconds since then, as text that sorts: what an earlier boot left behind is over.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Interval, String, TypeDecorator, bindparam, func, literal, or_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

_BOOT = 8  # letters of the boot's id that are kept


class Lease(TypeDecorator[Any]):
    """When a lease ends: `timestamptz` on PostgreSQL, text on SQLite. Written and compared by the functions below."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`timestamptz` on PostgreSQL, 27 characters elsewhere."""
        return dialect.type_descriptor(
            TIMESTAMP(timezone=True) if dialect.name == "postgresql" else String(27),
        )


def lasting(span: timedelta, dialect: str) -> ColumnElement[Any]:
    """The end of a lease that begins when the statement runs."""
    if dialect == "postgresql":
        return func.clock_timestamp(type_=Lease) + literal(span, Interval)
    return literal(_uptime(span), Lease)


def ends(dialect: str) -> ColumnElement[Any]:
    """The same in a statement built once: how long is told at each run as `lease`, what `length` gives."""
    if dialect == "postgresql":
        return func.clock_timestamp(type_=Lease) + bindparam("lease", type_=Interval)
    return bindparam("lease", type_=Lease)


def length(span: timedelta, dialect: str) -> timedelta | str:
    """The value of `lease` in such a statement, which must run now."""
    return span if dialect == "postgresql" else _uptime(span)


def is_over(end: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    """True of leases that have run out; of rows that nobody holds it is not true."""
    if dialect == "postgresql":
        return end <= func.clock_timestamp(type_=Lease)
    now = bindparam(None, callable_=_now, type_=Lease, unique=True)  # asked at each run: statements are built once
    return or_(end <= now, end > literal(f"{boot_id()}~", Lease))


def _now() -> str:
    return _uptime(timedelta())


def since_boot() -> timedelta:
    """How long this machine has been up; on Linux as its kernel's file says, which no tool can fake for one process."""
    if sys.platform == "linux":
        return timedelta(seconds=float(os.pread(_uptimes(), 32, 0).split()[0]))
    return timedelta(seconds=time.monotonic())


@lru_cache
def _uptimes() -> int:
    """The kernel's file, kept open: it is asked several times for each event."""
    return os.open("/proc/uptime", os.O_RDONLY | os.O_CLOEXEC)


def _uptime(ahead: timedelta, now: Callable[[], timedelta] = since_boot) -> str:
    """`boot` and the microseconds since, 27 characters; never before the boot."""
    return f"{boot_id()} {max(0, (now() + ahead) // timedelta(microseconds=1)):018d}"


@lru_cache
def boot_id() -> str:
    """What tells this boot of the machine from every other: eight letters. Where no system says it, always the same:
    a lease of an earlier boot is then over once this one has lasted as long.
    """
    if sys.platform == "darwin":
        room = ctypes.create_string_buffer(64)
        size = ctypes.c_size_t(len(room))
        if ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", room, ctypes.byref(size), None, 0) == 0:
            return room.value.decode("ascii").lower()[:_BOOT]
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text("ascii")[:_BOOT] if file.exists() else "0" * _BOOT
