"""How fast a 100 KB level-3 document becomes an event, beside the Python libraries that read C-CDA; prints JSON.

ours     read_cda and as_event: the header becomes the event, the file stays its document, byte for byte
peers    each reads a C-CDA of the same size with the same body into FHIR resources, in its own environment
ratio    ours / peer, both in documents a second, taking turns in one run

The peers translate the body's entries, which we carry unread: what is compared is how long a gateway needs until it
knows whom a received document is about and can hand it on. `make bench` installs them; without it, ours alone is told.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.ccda import ccda, french
from bench.pack import packed_with
from gateway.pack import as_event, read_cda

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / ".venv" / "bench" / "bin" / "python"
PEERS = ("healthchain", "ccda-to-fhir")
SIZE, ROUNDS, BATCH = 100_000, 7, 50
GOAL = 3.0


def main() -> None:
    """Measure, taking turns, and print the medians."""
    document = french(packed_with(1_000).cda, SIZE)
    foreign = ccda(SIZE)
    rates: dict[str, list[float]] = {"ours": []}
    found: dict[str, Any] = {"bytes": {"ours": len(document), "peers": len(foreign.encode())}, "goal": GOAL}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ccda.xml"
        file.write_text(foreign, "utf-8")
        peers = {name: _started(name, file) for name in PEERS} if PYTHON.exists() else {}
        for name, peer in peers.items():
            found[name] = {"made": json.loads(_line(peer))}
        for _ in range(ROUNDS):
            rates["ours"].append(_rate(document))
            for name, peer in peers.items():
                rates.setdefault(name, []).append(_ask(peer))
        for peer in peers.values():
            assert peer.stdin is not None
            peer.stdin.close()
            peer.wait()
    ours = median(rates.pop("ours"))
    found["ours per second"] = round(ours, 1)
    for name, told in rates.items():
        found[name] |= {"per second": round(median(told), 1), "ratio": round(ours / median(told), 1)}
    if not peers:
        found["peers"] = "not installed: make bench"
    print(json.dumps({"read": found}))


def _rate(document: bytes) -> float:
    began = time.perf_counter()
    for _ in range(BATCH):
        as_event(read_cda(document))
    return BATCH / (time.perf_counter() - began)


def _started(name: str, file: Path) -> subprocess.Popen[str]:
    command = [str(PYTHON), str(HERE / "peers.py"), name, str(file), "5"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, text=True, cwd=HERE.parent.parent, **pipes)  # type: ignore[call-overload, no-any-return]


def _ask(peer: subprocess.Popen[str]) -> float:
    assert peer.stdin is not None
    peer.stdin.write("\n")
    peer.stdin.flush()
    return float(_line(peer))


def _line(peer: subprocess.Popen[str]) -> str:
    assert peer.stdout is not None
    return peer.stdout.readline()


if __name__ == "__main__":
    main()
