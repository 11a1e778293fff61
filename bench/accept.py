"""How fast events are accepted: 16 clients post 4 KB events to a real server, beside `bare.py`, on both engines.

    python -m bench.accept [--engine sqlite|postgresql] [--seconds 5] [--rounds 3] [--clients 16]

The two take turns, so that what else the machine does weighs on both; the ratio is of the medians.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from load import Measured, load, post, request, running, serve  # noqa: E402 (beside this file)

EXAMPLES = HERE.parent / "examples"


def ins(client: int) -> str:
    """A test matricule of its own for each client, its key right (97 - number mod 97)."""
    number = 2790351215189 + client
    return f"{number}{97 - number % 97:02}"


def event(type: str, client: int, id: str) -> dict[str, Any]:
    """An example event about that client's own patient and team."""
    tree: dict[str, Any] = json.loads((EXAMPLES / f"{type}.json").read_text("utf-8"))
    tree["id"] = id
    tree["patient"]["ins"]["number"] = ins(client)
    tree["patient"]["local_id"]["value"] = f"P-{client}"
    tree["team"]["id"] = f"T-{client}"
    return tree


def body(client: int, n: int) -> bytes:
    """The n-th event of a client: someone joins its team."""
    tree = _joined(client)
    tree["id"] = f"{client}-{n}"
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def _joined(client: int, made: dict[int, dict[str, Any]] = {}) -> dict[str, Any]:  # noqa: B006 (one process's memory)
    if client not in made:
        tree = event("team.member-joined", client, "")
        tree["legal"] = {"informed": {"at": "2026-11-20", "nature": ["x" * 400] * 6}}  # 4 KB, as events are
        made[client] = tree
    return made[client]


def message(key: str, client: int, n: int) -> bytes:
    """The same as a request."""
    return request("/v1/events", body(client, n), key)


def serve_gateway(folder: Path) -> None:
    """The gateway of a folder's settings, on a free port."""
    from gateway.api import create_app, listen
    from gateway.config import load as load_settings
    from gateway.wiring import open_gateway

    serve(listen(create_app(open_gateway(load_settings(folder / "passerelle.yaml"))), host="127.0.0.1", port=0))


def furnish(folder: Path, database: str = "") -> str:
    """Settings, secrets and the tables, in a file of the folder when no database is given; gives a vendor's key."""
    from gateway.config import load as load_settings
    from gateway.model.audit import Entry
    from gateway.record import upgrade
    from gateway.wiring import open_gateway, wall_clock

    (folder / "kek").write_bytes(b"k" * 32)
    (folder / "audit").write_bytes(b"a" * 32)
    (folder / "routes.yaml").write_text((EXAMPLES / "routes.yaml").read_text("utf-8"), "utf-8")
    (folder / "passerelle.yaml").write_text(
        f"database: {database or f'sqlite:///{folder}/passerelle.db'}\n"
        "audit: {origin: passerelle/bench, key: file:audit, checkpoints: checkpoints}\n"
        "vault: {key: file:kek}\nnil: DEV935997\n"
        "operators: {a: {smtp: 127.0.0.1:587, imap: 127.0.0.1:143}}\n"
        "mailboxes: [{address: app@cpts.a.mssante.test, operator: a, type: PER, token: file:kek}]\n"
        "tenants: {cpts: {name: CPTS}}\n",
        "utf-8",
    )
    settings = load_settings(folder / "passerelle.yaml")
    upgrade(settings.database)
    gateway = open_gateway(settings)
    with gateway.store.unit() as unit:
        _, key = unit.keys.add("cpts", "logimed", "vendor")
        unit.audit(Entry(kind="key-created", at=wall_clock(), tenant="cpts", actor="bench"))
    gateway.store.close()
    return key


def announce(port: int, key: str, clients: int) -> None:
    """Each client's team is made known."""
    import socket

    with socket.create_connection(("127.0.0.1", port)) as line:
        for client in range(clients):
            team = json.dumps(event("team.created", client, f"team-{client}")).encode()
            if (status := post(line, request("/v1/events", team, key))) != 202:
                raise SystemExit(f"a team was answered {status}")


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[Callable[[], str]]:
    """Gives empty ones, each of them once."""
    if engine == "sqlite":
        yield lambda: f"sqlite:///{folder}/{len(list(folder.iterdir()))}.db"
        return
    sys.path.insert(0, str(HERE.parent))
    from tests.places.postgresql import PostgreSQL, binaries

    if (programs := binaries()) is None:
        raise SystemExit("PostgreSQL is not installed")
    with PostgreSQL(programs) as server:
        yield lambda: server.url(server.create())


def once(what: str, database: str, clients: int, seconds: float) -> Measured:
    """One run of one of the two."""
    if what == "bare":
        with running(HERE / "bare.py", database) as server:
            return load(server, partial(message, "-"), clients=clients, seconds=seconds)
    with tempfile.TemporaryDirectory() as name:
        key = furnish(Path(name), database)
        with running(HERE / "accept.py", "--serve", name) as server:
            announce(server.port, key, clients)
            return load(server, partial(message, key), clients=clients, seconds=seconds)


def measure(engine: str, *, clients: int = 16, seconds: float = 5.0, rounds: int = 3) -> dict[str, Any]:
    """Both take turns; rates are answers a second, the ratio is of their medians."""
    runs: dict[str, list[Measured]] = {"bare": [], "accept": []}
    with tempfile.TemporaryDirectory() as name, databases(engine, Path(name)) as empty:
        for _ in range(rounds):
            for what, done in runs.items():
                done.append(once(what, empty(), clients, seconds))
    rates = {what: median(run.rate for run in done) for what, done in runs.items()}
    return {
        "clients": clients,
        "event_bytes": len(body(0, 0)),
        "bare": [asdict(run) for run in runs["bare"]],
        "accept": [asdict(run) for run in runs["accept"]],
        "rate": rates,
        "ratio": round(rates["accept"] / rates["bare"], 3),
        "p99_ms": median(run.p99_ms for run in runs["accept"]),
    }


def main() -> None:
    """Measure and tell, or serve for the one who measures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", choices=["sqlite", "postgresql"])
    asked.add_argument("--seconds", type=float, default=5.0)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--clients", type=int, default=16)
    asked.add_argument("--serve", type=Path)
    options = asked.parse_args()
    if options.serve:
        serve_gateway(options.serve)
    else:
        engines = [options.engine] if options.engine else ["sqlite", "postgresql"]
        how = {"clients": options.clients, "seconds": options.seconds, "rounds": options.rounds}
        print(json.dumps({engine: measure(engine, **how) for engine in engines}, indent=2))


if __name__ == "__main__":
    main()
