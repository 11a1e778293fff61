"""The whole sandbox: two operators and some software on loopback, started, written down in `sandbox.json`, stopped,
started again.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from gateway.model.errors import Broken, Rejected
from gateway.model.identity import MailAddress
from gateway.sandbox.carrier import Carrier
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.imap import Imap
from gateway.sandbox.maildirs import Arrival, Maildirs, arrivals, write_whole
from gateway.sandbox.people import DEMO_PEOPLE, Person, directory, white_list
from gateway.sandbox.replies import MAGIC
from gateway.sandbox.sites import Sites

DOMAINS = ("a.mssante.test", "b.mssante.test")
READING = DOMAINS[1]  # the operator whose mailboxes read and answer
FACTS = "sandbox.json"
START_S = 20.0

_MAGIC_ADDRESSES = tuple(f"{local}@{READING}" for local in sorted(MAGIC))


class Sandbox:
    """MSSanté in a box, under one directory. A context manager; `start` and `stop` may also be called.

    root    everything is below it; a second start there finds the same ports, certificates, tokens and mails
    people  whose mailboxes exist; `.a.mssante.test` and `.b.mssante.test` are the only domains
    slow_s  how long the magic mailbox `slow` takes, seconds
    now     the wall clock, aware

    Only one process may run it on one root. Raises Broken when a port it used before is taken,
    or a mailbox is in no domain of its operators.
    """

    def __init__(
        self,
        root: Path,
        people: Sequence[Person] = DEMO_PEOPLE,
        *,
        slow_s: float = 4.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.root, self.people = root.resolve(), tuple(people)
        self._slow_s, self._now = slow_s, now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closing: asyncio.Event | None = None
        self._carriers: list[Carrier] = []
        self._sites: Sites | None = None

    def start(self) -> dict[str, Any]:
        """Make what is missing, listen, write `sandbox.json`, and return what it says."""
        if self._thread is not None:
            raise Broken("The sandbox is already running", advice="Stop it first")
        for person in self.people:
            _operator_of(person)
        maildirs, certificates = Maildirs(self.root / "mail"), Certificates(self.root / "certificates")
        for address in (*(person.address.text for person in self.people), *_MAGIC_ADDRESSES):
            maildirs.open(address)
        sockets = self._bound()
        ports = {key: sock.getsockname()[1] for key, sock in sockets.items()}
        self._sites = self._opened(certificates, sockets)
        facts = self._facts(certificates, ports) | {"sites": self._sites.facts}
        self._write_files(facts)
        self._carriers = [self._carrier(domain, certificates, maildirs, ports) for domain in DOMAINS]
        listening = threading.Event()
        serve = partial(self._serve, sockets, maildirs, listening)
        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), name="sandbox", daemon=True)
        self._thread.start()
        if not listening.wait(START_S):
            raise Broken("The sandbox does not start", advice="Look at its log")
        return facts

    def stop(self) -> None:
        """Let the answers under way leave, then close every port. Mails stay on disk."""
        if self._thread is None or self._loop is None or self._closing is None:
            return
        for carrier in self._carriers:
            carrier.finish()
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()
        for carrier in self._carriers:
            carrier.close()
        if self._sites is not None:
            self._sites.close()
        self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def arrivals(self) -> list[Arrival]:
        """Every mail now in a mailbox, oldest first; `arrivals(root)` says the same from another process."""
        return arrivals(self.root)

    def post(self, sender: str, recipient: str, content: bytes) -> None:
        """A person of the reading operator writes to somebody, us for instance."""
        next(carrier for carrier in self._carriers if carrier.domain == READING).post(sender, recipient, content)

    def token_of(self, address: str) -> str | None:
        """The token that opens a personal or organisation mailbox now; read from its file at every sign-in."""
        try:
            return (self.root / "tokens" / MailAddress(address).key).read_text().strip() or None
        except (OSError, Rejected):
            return None

    async def _serve(self, sockets: dict[str, socket.socket], maildirs: Maildirs, listening: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._closing = loop, asyncio.Event()
        servers = []
        for carrier in self._carriers:
            imap = Imap(
                domain=carrier.domain, maildirs=maildirs, listening=carrier.listening, token_of=carrier.token_of
            )
            servers.append(await loop.create_server(carrier.line, sock=sockets[f"smtp {carrier.domain}"]))
            servers.append(await asyncio.start_server(imap, sock=sockets[f"imap {carrier.domain}"]))
        listening.set()
        await self._closing.wait()
        for server in servers:
            server.close()

    def _carrier(self, domain: str, certificates: Certificates, maildirs: Maildirs, ports: dict[str, int]) -> Carrier:
        return Carrier(
            domain=domain,
            certificates=certificates,
            maildirs=maildirs,
            answers=self._answers() if domain == READING else {},
            magic=domain == READING,
            neighbours={name: ports[f"smtp {name}"] for name in DOMAINS if name != domain},
            token_of=self.token_of,
            slow_s=self._slow_s,
            now=self._now,
        )

    def _answers(self) -> dict[str, str]:
        answers = dict.fromkeys(_MAGIC_ADDRESSES, "displayed")
        answers |= {one.address.key: "processed" if one.type == "APP" else "displayed" for one in self.people}
        answers[f"refuse-902@{READING}"] = "902"
        silent = {f"silent@{READING}", f"bounce@{READING}"}
        return {address: outcome for address, outcome in answers.items() if address not in silent}

    def _bound(self) -> dict[str, socket.socket]:
        """The four listening sockets, on the ports of last time when there was one."""
        known = self._known_ports()
        sockets: dict[str, socket.socket] = {}
        for key in [f"{service} {domain}" for domain in DOMAINS for service in ("smtp", "imap")]:
            # asyncio turns Nagle's delay off only where the protocol is said
            sock = sockets[key] = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", known.get(key, 0)))
            except OSError:
                for each in sockets.values():
                    each.close()
                raise Broken(
                    f"Port {known.get(key)} of the sandbox is taken", advice=f"Stop what uses it, or remove {FACTS}"
                ) from None
        return sockets

    def _opened(self, certificates: Certificates, sockets: dict[str, socket.socket]) -> Sites:
        try:
            return Sites(self.root, certificates, self.people, self._known().get("sites", {}))
        except Broken:
            for each in sockets.values():
                each.close()
            raise

    def _known(self) -> dict[str, Any]:
        """What `sandbox.json` said last time."""
        try:
            known: dict[str, Any] = json.loads((self.root / FACTS).read_text())
            return known
        except (OSError, ValueError):
            return {}

    def _known_ports(self) -> dict[str, int]:
        try:
            operators = self._known()["operators"]
            return {
                f"{service} {domain}": int(operators[domain][service].rpartition(":")[2])
                for domain in DOMAINS
                for service in ("smtp", "imap")
            }
        except (ValueError, KeyError):
            return {}

    def _facts(self, certificates: Certificates, ports: dict[str, int]) -> dict[str, Any]:
        mailboxes = []
        for person in self.people:
            box = {"address": person.address.text, "type": person.type, "operator": _operator_of(person)}
            if person.type == "APP":
                p12, pem = certificates.mailbox(person.address.key)
                box |= {"certificate": str(p12), "certificate_pem": str(pem)}
            else:
                box["token"] = str(self.root / "tokens" / person.address.key)
            mailboxes.append(box)
        operators = {
            domain: {
                "smtp": f"127.0.0.1:{ports[f'smtp {domain}']}",
                "imap": f"127.0.0.1:{ports[f'imap {domain}']}",
                "ca": str(certificates.ca),
            }
            for domain in DOMAINS
        }
        return {
            "root": str(self.root),
            "pid": os.getpid(),
            "operators": operators,
            "mailboxes": mailboxes,
            "white_list": str(self.root / "liste-blanche.xml"),
            "directory": str(self.root / "Extraction_Correspondance_MSSante.txt"),
            "mail": str(self.root / "mail"),
        }

    def _write_files(self, facts: dict[str, Any]) -> None:
        tokens = self.root / "tokens"
        tokens.mkdir(exist_ok=True)
        for box in facts["mailboxes"]:
            if "token" in box and not Path(box["token"]).exists():
                write_whole(Path(box["token"]), secrets.token_urlsafe(32).encode(), mode=0o600)
        write_whole(Path(facts["white_list"]), white_list(self.people, self._now()).encode())
        write_whole(Path(facts["directory"]), directory(self.people).encode())
        write_whole(self.root / FACTS, json.dumps(facts, indent=2, ensure_ascii=False).encode())


def _operator_of(person: Person) -> str:
    """The operator whose domain that mailbox is in. Raises Broken when it is in none."""
    for name in DOMAINS:
        if f".{person.address.domain}".endswith(f".{name}"):
            return name
    raise Broken("A mailbox of the sandbox is at no operator of it", advice=f"Use {' or '.join(DOMAINS)}")
