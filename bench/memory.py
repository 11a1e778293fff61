"""What packing costs in memory: a report with a 25 MB PDF, CDA and archive, in a process of its own; prints JSON.

resident   what the process grew by at most while packing (peak resident set), as a multiple of the document
allocated  the most that Python's own allocations held at once, likewise (C libraries such as libxml2 are not in it)

The event with its document is there before counting begins; what is made (CDA 1.34, archive 1.01) is counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

from bench.pack import MINTED, SOFTWARE, report_with
from gateway.model.event import ReportShared
from gateway.model.known import Known
from gateway.pack import Packed, pack
from gateway.wiring import open_words

SIZE = 25_000_000  # bytes


def main() -> None:
    """Each way of counting in a process of its own."""
    document = {"document_bytes": SIZE, "goal": 3.0}
    for way in ("resident", "allocated"):
        command = [sys.executable, "-m", "bench.memory", way]
        document[way] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(json.dumps({"memory": document}))


def measure(way: str, size: int = SIZE) -> float:
    """Times the document, of so many bytes."""
    small, large = report_with(10_000), report_with(size)
    terms = open_words().terms

    def packed(event: ReportShared) -> Packed:
        return pack(event, Known(), terms, MINTED, SOFTWARE)

    packed(small)  # code, tables and caches are there before counting begins
    if way == "allocated":
        tracemalloc.start()
        packed(large)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / size
    _forget_peak()
    before = resident("VmRSS")
    packed(large)
    return (resident("VmHWM") - before) / size


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew


def resident(field: str) -> int:
    """Bytes of this process, by a field of proc(5) (VmRSS, VmHWM); only Linux tells."""
    return int(Path("/proc/self/status").read_text().partition(f"{field}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(round(measure(sys.argv[1]), 2))
    else:
        main()
