"""How fast a report with a 100 KB PDF is packed, beside the bare work nobody can avoid, in one run; prints JSON.

bare     base64 + SHA-1 + a deflated ZIP of the same parts, by zipfile's defaults
huffman  the same with the faster deflate strategy that packing itself chose
ratio    pack per second / bare per second; `pack` also checks nothing away: draft, CDA, metadata, read-back of facts
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gateway.model.codes import Terms  # noqa: E402
from gateway.model.event import ReportShared, read_event  # noqa: E402
from gateway.model.known import Known  # noqa: E402
from gateway.model.report import Document  # noqa: E402
from gateway.pack import Minted, Packed, Software, pack  # noqa: E402
from gateway.pack.zips import Part, write_zip  # noqa: E402

ROUNDS, BATCH = 15, 20
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
MINTED, SOFTWARE = Minted(UUID(int=1), AT), Software("Passerelle", "0.1.0", "Passerelle", "DEV0")


def rate(work: Callable[[], object]) -> float:
    """Times per second, in one batch."""
    before = time.perf_counter()
    for _ in range(BATCH):
        work()
    return BATCH / (time.perf_counter() - before)


def report_with(size: int) -> ReportShared:
    """The example's report with a PDF of so many bytes."""
    event = read_event(json.loads((ROOT / "examples/report.shared.json").read_text("utf-8")))
    assert isinstance(event, ReportShared)
    document = Document(content_type="application/pdf", data=b"%PDF-1.4\n" + random.Random(7).randbytes(size))
    return replace(event, report=replace(event.report, document=document))


def packed_with(size: int) -> Packed:
    """The same, packed."""
    return pack(report_with(size), Known(), Terms.load(ROOT / "mappings/tables"), MINTED, SOFTWARE)


def main() -> None:
    """Measure, alternating, and print the medians."""
    event = report_with(100_000)
    assert event.report.document is not None
    document = event.report.document.data or b""  # as dense as the compressed streams of a real one
    terms = Terms.load(ROOT / "mappings/tables")

    def ours() -> bytes:
        return pack(event, Known(), terms, MINTED, SOFTWARE).archive

    with zipfile.ZipFile(io.BytesIO(ours())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cda = parts["IHE_XDM/SUBSET01/DOC0001.XML"]
    cover = cda.replace(base64.b64encode(document), b"%s")

    def document_again() -> dict[str, bytes]:
        again = cover.replace(b"%s", base64.b64encode(document))
        hashlib.sha1(again, usedforsecurity=False).hexdigest()
        return parts | {"IHE_XDM/SUBSET01/DOC0001.XML": again}

    def bare() -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in document_again().items():
                archive.writestr(name, content)
        return out.getvalue()

    def huffman() -> bytes:
        return write_zip((Part(name, data, len(data) > 50_000) for name, data in document_again().items()), AT)

    measured: dict[str, list[float]] = {"pack": [], "bare": [], "huffman": []}
    for _ in range(ROUNDS):
        for name, work in (("pack", ours), ("bare", bare), ("huffman", huffman)):
            measured[name].append(rate(work))
    per_second = {name: round(median(rates), 1) for name, rates in measured.items()}
    print(
        json.dumps(
            {
                "pack": {
                    "pdf_bytes": len(document),
                    "per_second": per_second["pack"],
                    "bare_per_second": per_second["bare"],
                    "bare_huffman_per_second": per_second["huffman"],
                    "ratio": round(per_second["pack"] / per_second["bare"], 2),
                    "ratio_huffman": round(per_second["pack"] / per_second["huffman"], 2),
                    "archive_bytes": len(ours()),
                    "bare_archive_bytes": len(bare()),
                    "goal": 0.8,
                }
            }
        )
    )


if __name__ == "__main__":
    main()
