"""A process that is told to stop hears it, whatever its threads do at that moment."""

from __future__ import annotations

import subprocess
import sys

import pytest

BY_A_THREAD = """
import signal, threading, time
from gateway.cli.signals import Told
told = Told()
def tell():
    time.sleep({after_s})
    signal.pthread_kill(threading.get_ident(), signal.{name})
thread = threading.Thread(target=tell)
thread.start()
{before}
told.wait()
print("told")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize(("after_s", "before"), [(0.5, ""), (0, "thread.join()")], ids=["waiting", "before it waits"])
def test_a_signal_that_another_thread_got_is_heard(name: str, after_s: float, before: str) -> None:
    code = BY_A_THREAD.format(name=name, after_s=after_s, before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "told\n"
