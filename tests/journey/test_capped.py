from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journey.capped import Capped, TooMuch
from gateway.model.errors import Rejected
from gateway.model.faults import Fault


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


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked at in /proc")
def test_the_child_of_a_killed_worker_ends_with_it() -> None:
    program = "import os, time\nfrom gateway.journey.capped import Capped\nif __name__ == '__main__':\n" + (
        "    reader = Capped()\n    print(reader.call(eval, \"__import__('os').getpid()\"), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        child = int(worker.stdout.readline())
        os.kill(child, 0)  # it lives
        worker.kill()
    until = time.monotonic() + 30
    while _lives(child):
        assert time.monotonic() < until, "the child outlived its parent"
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_refusal_comes_back_with_its_faults_and_costs_no_child(reader: Capped) -> None:
    reader.call(len, b"abc")
    before = reader.call(_whose, None)
    with pytest.raises(Rejected) as refusal:
        reader.call(_refuse, "broken-archive")
    assert refusal.value.faults == (Fault("broken-archive", ("documents", 0), "hash"),)
    assert reader.call(_whose, None) == before


def _refuse(code: str) -> None:
    raise Rejected([Fault(code, ("documents", 0), "hash")])


def _whose(_: None) -> int:
    return os.getpid()


UNSTARTABLE = """
import os
if __name__ == "__mp_main__" and os.path.exists("broken"):
    raise MemoryError
from gateway.journey.capped import Capped
from gateway.model.errors import Unreachable
if __name__ == "__main__":
    reader = Capped()
    open("broken", "w").close()
    try:
        reader.call(str, 1)
    except Unreachable:
        os.remove("broken")
        print(reader.call(str, 1))
    reader.close()
"""


def test_a_child_that_cannot_start_is_nobodys_fault_and_starts_when_it_can(tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(UNSTARTABLE)
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "worker.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, timeout=60,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == "1\n"
