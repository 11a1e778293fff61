"""A child process for hostile input: what takes too long or too much memory dies there, not here."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Lock, Thread
from typing import TypeVar

from gateway.model.errors import Rejected, Unreachable
from gateway.model.faults import Fault

T = TypeVar("T")
A = TypeVar("A")


class TooMuch(Exception):
    """The input took more time or memory than any honest one, or broke its reader in another way than by a refusal."""


class Capped:
    """Runs a function of one argument in a child process under limits.

    seconds    wall clock for one call; beyond it the child is killed
    megabytes  address space of the child

    The child is started at the first call, reused, and replaced when it dies. It ends with its parent, however that one
    ends. Function and argument must pickle.
    """

    def __init__(self, *, seconds: float = 5.0, megabytes: int = 1024) -> None:
        self._seconds, self._megabytes = seconds, megabytes
        self._pool: ProcessPoolExecutor | None = None
        self._ready: set[Callable[..., object]] = set()  # what the child has loaded
        self._lock = Lock()

    def call(self, function: Callable[[A], T], argument: A) -> T:
        """The function's answer. Raises Rejected as it does, TooMuch when it broke a limit or failed otherwise, and
        Unreachable when no child can be started now.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                    initargs=(self._megabytes,),
                )
                self._ready.clear()
            if function not in self._ready:  # starting, and loading what the function needs, is not the input's time
                try:
                    self._pool.submit(_nothing, function).result()
                except Exception as broken:  # the input is not to blame: it is read when a child starts
                    self._kill()
                    what = f"The reading process does not start ({type(broken).__name__})"
                    raise Unreachable(what, advice="Check that the machine has room for it") from None
                self._ready.add(function)
            try:
                answer, refused = self._pool.submit(_answer, function, argument).result(timeout=self._seconds)
            except Exception as broken:  # too slow, or dead: all the same to the caller
                self._kill()
                raise TooMuch(type(broken).__name__) from None
        if refused:
            raise Rejected(refused)
        return answer  # type: ignore[return-value]  # without a refusal there is one

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._kill()

    def _kill(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit; time is bounded there all the same
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's child holds both ends of the pipe it reads from: it would wait for ever for a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(function: Callable[[A], T], argument: A) -> tuple[T | None, tuple[Fault, ...]]:
    """What it gives, or why it refuses: an exception itself may not survive the way between two processes."""
    try:
        return function(argument), ()
    except Rejected as refused:
        return None, refused.faults


def _nothing(function: Callable[..., object]) -> None:
    """What a child does first for a function: it has loaded it when this is called."""
