"""One MSSanté operator: takes mail from its own mailboxes and from its neighbours, stores it, or passes it on.

A recipient elsewhere is asked for while the sender waits (see `relay`): there is no queue, so what the sender is told
is what the other operator said. One recipient a transaction: a second one is answered 452, as RFC 5321 §4.5.3.1.10 lets
a server do.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from gateway.model.identity import MailAddress
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.dialogue import Dialogue
from gateway.sandbox.maildirs import Maildirs
from gateway.sandbox.relay import Relay, Reply
from gateway.sandbox.replies import MAGIC, Received, Secretary
from gateway.sandbox.submission import SubmissionLine

log = logging.getLogger(__name__)

MAX_BYTES = 25_000_000  # no limit is national; Mon espace santé takes 25 MB
TRIES = 3


class Carrier:
    """One operator of the sandbox.

    domain      its own name; every mailbox below it is its own
    answers     mailbox → outcome of the receipt it sends (`displayed`, `processed`, `902`); absent: it never answers
    magic       whether the magic local parts live here
    neighbours  other operators' domain → SMTP port
    token_of    the access token that opens a personal mailbox now, or None
    slow_s      how long `slow` takes, seconds
    """

    def __init__(
        self,
        *,
        domain: str,
        certificates: Certificates,
        maildirs: Maildirs,
        answers: dict[str, str],
        magic: bool,
        neighbours: dict[str, int],
        token_of: Callable[[str], str | None],
        slow_s: float,
        now: Callable[[], datetime],
    ) -> None:
        self.domain, self.neighbours = domain, neighbours
        self.listening = certificates.listening(domain)
        self._calling = certificates.calling(certificates.server(domain))
        self._maildirs, self._answers, self._magic = maildirs, answers, magic
        self._token_of, self._slow_s, self._now = token_of, slow_s, now
        self._secretary = Secretary(domain, now, self.post)
        self._desk = ThreadPoolExecutor(4, thread_name_prefix=f"answers-{domain}")
        # Two pools: storing never waits for anyone, so operators that wait for each other always get on.
        self.local = ThreadPoolExecutor(8, thread_name_prefix=f"local-{domain}")
        self.remote = ThreadPoolExecutor(16, thread_name_prefix=f"remote-{domain}")
        self._greylisted: set[tuple[str, str, str]] = set()
        self._greylist_lock = threading.Lock()

    def line(self) -> SubmissionLine:
        """A new SMTP connection of this operator, for the event loop's server."""
        return SubmissionLine(
            Dialogue(self),
            hostname=self.domain,
            ident="MSSante sandbox",
            data_size_limit=MAX_BYTES,
            tls_context=self.listening,
            require_starttls=True,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            loop=asyncio.get_running_loop(),
        )

    def token_of(self, address: str) -> str | None:
        """The token that opens that mailbox now; only mailboxes of this operator have one here."""
        return self._token_of(address) if self.mine(address) else None

    def mine(self, address: str) -> bool:
        """True for an address of this operator's domains, whether the mailbox exists or not."""
        domain = address.rpartition("@")[2].lower()
        return domain == self.domain or domain.endswith(f".{self.domain}")

    def _magic_of(self, address: str) -> str | None:
        local, _, domain = address.lower().rpartition("@")
        return local if self._magic and domain == self.domain and local in MAGIC else None

    def may_send(self, line: SubmissionLine, sender: str) -> Reply | None:
        """None when that connection may use that envelope sender, else the refusal."""
        mailboxes, servers = line.shown()
        signed_in = line.session.auth_data if line.session is not None and line.session.authenticated else None
        own = mailboxes | ({signed_in} if isinstance(signed_in, str) else frozenset())
        if not own and not servers & (self.neighbours.keys() | {self.domain}):
            return "530 5.7.0 Authentication required"
        if sender in ("", "<>"):
            return None
        # a neighbour never speaks for our mailboxes
        fine = sender.lower() in own and self.mine(sender) if own else not self.mine(sender)
        return None if fine else "553 5.7.1 Sender address is not yours"

    def relays_for(self, line: SubmissionLine) -> bool:
        """True for our own mailboxes; a neighbour may only write to them."""
        return bool(line.shown()[0]) or bool(line.session is not None and line.session.authenticated)

    def admits(self, sender: str, recipient: str, envelope_id: str | None) -> Reply:
        """The answer to RCPT for one of our own addresses."""
        match self._magic_of(recipient):
            case "full":
                return "452 4.2.2 Mailbox full"
            case "greylist":
                key = (sender.lower(), recipient.lower(), envelope_id or "")
                with self._greylist_lock:
                    first = key not in self._greylisted
                    self._greylisted.add(key)
                return "451 4.7.1 Greylisted, try again later" if first else "250 2.1.5 Ok"
        return "250 2.1.5 Ok" if self._maildirs.holds(recipient) else "550 5.1.1 No such mailbox here"

    def keep(self, mail: Received, helo: str) -> Reply:
        """The answer to the mail itself at its last stop; what follows from it is done after the answer."""
        magic = self._magic_of(mail.recipient.text)
        if magic == "slow":
            time.sleep(self._slow_s)
        if magic == "bounce":
            self._later(lambda: self._secretary.report(mail, "failed", "5.1.1", "550 5.1.1 No such mailbox here"))
            return "250 2.0.0 Ok"
        stored = self._trace(mail, helo) + mail.content
        try:
            self._maildirs.deposit(mail.recipient.text, stored)
        except OSError:
            return "452 4.3.1 Cannot store the mail now"
        self._later(lambda: self._secretary.report(mail, "delivered", "2.0.0"))
        outcome = self._answers.get(mail.recipient.key)
        if outcome is not None:
            self._later(lambda: self._secretary.read(stored, mail.recipient, outcome))
        return "250 2.0.0 Ok"

    def _trace(self, mail: Received, helo: str) -> bytes:
        sender = "" if mail.sender == "<>" else mail.sender
        return (
            f"Return-Path: <{sender}>\r\nDelivered-To: {mail.recipient.text}\r\n"
            f"Original-Recipient: rfc822;{mail.recipient.text}\r\n"
        ).encode("ascii") + self.received_by(helo)

    def received_by(self, helo: str) -> bytes:
        """The trace of one hop (RFC 5321 §4.4)."""
        host = "".join(c for c in helo if c.isalnum() or c in ".-")[:100] or "unknown"
        return f"Received: from {host} by {self.domain} with ESMTPS;\r\n {format_datetime(self._now())}\r\n".encode()

    def open_relay(self, recipient: str) -> Relay | None:
        """A line to the operator of that address; None when no neighbour has it."""
        domain = recipient.rpartition("@")[2].lower()
        port = next((port for name, port in self.neighbours.items() if f".{domain}".endswith(f".{name}")), None)
        return None if port is None else Relay(port, self.domain, self._calling)

    def post(self, sender: str, recipient: str, content: bytes) -> None:
        """Send a mail of this operator. Three tries a second apart; then it is lost, and said so in the log."""
        for attempt in range(TRIES):
            try:
                if self._posted(sender, recipient, content):
                    return
            except (OSError, smtplib.SMTPException) as trouble:
                log.info("answer not sent", extra={"facts": {"attempt": attempt, "trouble": type(trouble).__name__}})
            time.sleep(1.0)
        log.warning("answer lost", extra={"facts": {"operator": self.domain}})

    def _posted(self, sender: str, recipient: str, content: bytes) -> bool:
        if self.mine(recipient):
            if self._maildirs.holds(recipient):
                self.keep(Received(sender=sender, recipient=MailAddress(recipient), content=content), self.domain)
            return True
        relay = self.open_relay(recipient)
        if relay is None:
            return True
        try:
            if not relay.recipient(sender, recipient, [], []).startswith("2"):
                return False
            return relay.mail(content).startswith("2")
        finally:
            relay.close()

    def _later(self, work: Callable[[], None]) -> None:
        try:
            self._desk.submit(work).add_done_callback(_said)
        except RuntimeError:
            log.warning("answer not sent: the sandbox is stopping")

    def finish(self) -> None:
        """Let the answers under way leave; every operator must still be listening."""
        self._desk.shutdown(wait=True)

    def close(self) -> None:
        """Give the threads back, once nobody is listening any more."""
        self.remote.shutdown(wait=True)
        self.local.shutdown(wait=True)


def _said(done: Any) -> None:
    if done.exception() is not None:
        log.error("answer failed", exc_info=done.exception())
