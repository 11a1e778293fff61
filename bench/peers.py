"""The peers of `bench.read`, in their own environment: for each line on stdin, one batch; prints documents a second.

    PYTHON bench/peers.py (healthchain | ccda-to-fhir) FILE BATCH

The first line it prints is what it made of the document: resource types and how many of each.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path


def healthchain() -> Callable[[str], Iterable[str]]:
    """HealthChain (Apache-2.0): its own CDA sections to FHIR resources."""
    from healthchain.interop import FormatType, create_interop

    engine = create_interop()
    return lambda text: [type(one).__name__ for one in engine.to_fhir(text, src_format=FormatType.CDA)]


def ccda_to_fhir() -> Callable[[str], Iterable[str]]:
    """ccda-to-fhir (MIT): a whole C-CDA document to a Bundle."""
    from ccda_to_fhir import convert_document

    return lambda text: [entry["resource"]["resourceType"] for entry in convert_document(text)["bundle"]["entry"]]


def main() -> None:
    """Answer every line with a rate."""
    name, file, batch = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    logging.disable(logging.CRITICAL)
    read = {"healthchain": healthchain, "ccda-to-fhir": ccda_to_fhir}[name]()
    text = file.read_text("utf-8")
    print(json.dumps(Counter(read(text))), flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        for _ in range(batch):
            read(text)
        print(batch / (time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    main()
