"""Being told to stop: SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable


class Told:
    """SIGTERM or Ctrl-C, with what is done at the first one; a second one ends the process at once. Main thread only.

    The interpreter itself writes to the pipe when a signal comes (`signal.set_wakeup_fd`). Our handler runs only
    between two steps of the main thread: a signal that comes when it is about to read, or in another thread, would
    leave it reading for ever.
    """

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self._read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._then, self._once = then, False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._tell)

    def wait(self) -> None:
        """Return once told."""
        while not self._once:
            os.read(self._read, 1)

    def _tell(self, number: int, _: object) -> None:
        if self._once:
            os._exit(128 + number)
        self._once = True
        self._then()
