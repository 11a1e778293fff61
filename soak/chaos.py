"""One hostile operator among twenty: what the parcels of the other nineteen notice of it.

python -m soak.chaos prints one JSON line: the 95th percentile of the time from due to arrival at the other nineteen,
with all twenty behaving and with one of them hostile, in seconds, and the ratio of the two.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from gateway.config import load
from gateway.journey.accept import accept
from gateway.journey.departure import moved
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.prepare import prepare
from gateway.model.dossier import Leg
from gateway.model.exchange import LegState
from gateway.sandbox.certificates import Certificates
from gateway.wiring import open_gateway, prepare_if_empty
from soak.place import ORIGIN, SETTINGS, write_settings
from soak.processes import Processes
from soak.shelf import Shelf, arrivals
from soak.sinks import MailSink, Moods
from soak.stream import NURSES, Stream
from tests.places.chaos_smtp import ChaosSmtp

SERVERS, HOSTILE = 20, 7
"""How many operators there are, and which of them is hostile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What the other nineteen noticed. Times are from due to arrival.

    delivered, of  their parcels that came, and all of them
    """

    good_p95_s: float
    hostile_p95_s: float
    ratio: float
    delivered: int
    of: int


def measure(folder: Path, *, each: int = 12, seconds: float = 12.0) -> Noticed:
    """Two runs of `each` parcels an operator, spread over so many seconds."""
    good = _times(folder / "good", each, seconds, hostile=False)
    hostile = _times(folder / "hostile", each, seconds, hostile=True)
    before, after = quantiles(good, n=20)[-1], quantiles(hostile, n=20)[-1]
    return Noticed(
        good_p95_s=round(before, 3),
        hostile_p95_s=round(after, 3),
        ratio=round(after / before, 2),
        delivered=len(hostile),
        of=(SERVERS - 1) * each,
    )


def _times(folder: Path, each: int, seconds: float, *, hostile: bool) -> list[float]:
    """From due to arrival of every parcel of the others that came."""
    folder.mkdir(parents=True)
    certificates, shelf = Certificates(folder / "certificates"), Shelf(folder / "sinks")
    with ExitStack() as open_:
        open_.callback(shelf.close)
        ports = [open_.enter_context(_sink(certificates, shelf)) for _ in range(SERVERS)]
        if hostile:
            pem = certificates.server("b.mssante.test")
            chaos = ChaosSmtp((pem, pem))
            open_.callback(chaos.close)
            ports[HOSTILE] = chaos.port
        due = _queue(folder, ports, each, seconds)
        workers = Processes(folder / SETTINGS)
        open_.callback(workers.stop)
        workers.start_ready("work")
        end = max(due.values()) + 5 * seconds + 60
        while len({one.id for one in arrivals(folder / "sinks")} & due.keys()) < len(due) and time.time() < end:
            time.sleep(0.5)
    came = {one.id: one.at for one in reversed(list(arrivals(folder / "sinks")))}
    return [came[id] - at for id, at in due.items() if id in came]


@contextmanager
def _sink(certificates: Certificates, shelf: Shelf) -> Iterator[int]:
    server = MailSink(certificates.listening("b.mssante.test"), shelf, Moods(None))
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _queue(folder: Path, ports: list[int], each: int, seconds: float) -> dict[str, float]:
    """Prepare every parcel, due one after another; gives when those of the others are due, by Message-ID.

    Nothing leaves before all are made and a worker is up: they are given their moments last.
    """
    _write(folder, ports)
    gateway = open_gateway(load(folder / SETTINGS))
    legs = [_prepared(gateway, f"t{n % len(ports)}", n) for n in range(len(ports) * each)]
    start, step = gateway.clock() + timedelta(seconds=8), timedelta(seconds=seconds / len(legs))
    due: dict[str, float] = {}
    with gateway.store.unit() as unit:
        for n, leg in enumerate(legs):
            at = start + n * step
            unit.legs.hasten(leg, at)
            unit.audit(moved(leg, leg.state, "", at, "chaos"))
            if n % len(ports) != HOSTILE:
                due[leg.message_id or ""] = at.timestamp()
    gateway.store.close()
    return due


def _prepared(gateway: Gateway, tenant: str, n: int) -> Leg:
    """One report to one mailbox, which waits."""
    tree: dict[str, Any] = json.loads(Stream(8).body((n, 1)))
    tree |= {"recipients": [{"rpps": NURSES[n % len(NURSES)]}]}
    del tree["team"]
    exchange = accept(gateway, Caller(tenant, "logiciel", "client:chaos"), json.dumps(tree).encode(), "canonical")
    prepare(gateway, "chaos")
    with gateway.store.glance() as unit:
        (leg,) = unit.legs.of(tenant, exchange.exchange)
    if leg.message_id is None or leg.state is not LegState.WAITING:
        raise RuntimeError(f"a parcel cannot be sent: {leg.reason}")
    return leg


def _write(folder: Path, ports: list[int]) -> None:
    """Settings with an operator, a mailbox and a tenant for each port."""
    addresses = [f"app@s{n}.a.mssante.test" for n in range(len(ports))]
    own = [ORIGIN, *addresses]
    prepare_if_empty(write_settings(folder, database="sqlite:///passerelle.db", port=0, smtp=1, https=1, origins=own))
    certificates = Certificates(folder / "certificates")
    tree = json.loads((folder / SETTINGS).read_text("utf-8"))
    operator = tree["operators"]["b"]
    tree["operators"] = {f"o{n}": operator | {"smtp": f"localhost:{port}"} for n, port in enumerate(ports)}
    tree["mailboxes"] = [
        {
            "address": address,
            "operator": f"o{n}",
            "tenant": f"t{n}",
            "certificate": str(certificates.mailbox(address)[0]),
        }
        for n, address in enumerate(addresses)
    ]
    tree["tenants"] = {f"t{n}": {"name": f"Maison {n}", "clients": {"logiciel": {}}} for n in range(len(ports))}
    tree["work"] = {"lease": "40s"}
    (folder / SETTINGS).write_text(json.dumps(tree), "utf-8")


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        print(json.dumps(asdict(measure(Path(name)))), flush=True)


if __name__ == "__main__":
    main()
