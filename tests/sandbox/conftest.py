"""A running sandbox, and real clients to talk to it."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from gateway.model.identity import MailAddress
from gateway.pack import read_receipt, write_mail
from gateway.pack.receipt import Receipt
from gateway.sandbox import Person, Sandbox
from tests.pack.test_mail import ENVELOPE, PACKED

APP = "app@cpts.a.mssante.test"
LUC = "luc.durand@b.mssante.test"
JEANNE = "jeanne.martin@a.mssante.test"
PEOPLE = (
    Person(address=MailAddress(APP), type="APP", finess="750000127", name="CPTS Exemple"),
    Person(address=MailAddress(JEANNE), rpps="10100012342", family="MARTIN", given="Jeanne", profession="10"),
    Person(address=MailAddress(LUC), rpps="10100054328", family="DURAND", given="Luc", profession="60"),
    Person(address=MailAddress("claire.petit@b.mssante.test"), rpps="10100067890", family="PETIT", given="Claire"),
    Person(address=MailAddress("accueil@hopital.b.mssante.test"), type="ORG", finess="750000002", name="Hôpital"),
)


@dataclass
class Visitor:
    """A client of the running sandbox that knows only what `sandbox.json` says."""

    sandbox: Sandbox

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.sandbox.root / "sandbox.json").read_text())
        return facts

    def box(self, address: str) -> dict[str, str]:
        return next(box for box in self.facts["mailboxes"] if box["address"] == address)

    def context(self, certificate: str | Path | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.facts["operators"]["a.mssante.test"]["ca"])
        if certificate is not None:
            context.load_cert_chain(certificate)
        return context

    def of(self, address: str) -> ssl.SSLContext:
        return self.context(self.box(address)["certificate_pem"])

    def smtp(self, context: ssl.SSLContext | None, operator: str = "a.mssante.test") -> smtplib.SMTP:
        host, _, port = self.facts["operators"][operator]["smtp"].partition(":")
        line = smtplib.SMTP(host, int(port), local_hostname="client.test", timeout=10)
        assert line.sock is not None
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            line.starttls(context=context)
        line.ehlo()
        return line

    def imap(self, context: ssl.SSLContext | None, operator: str = "a.mssante.test") -> IMAPClient:
        host, _, port = self.facts["operators"][operator]["imap"].partition(":")
        client = IMAPClient(host, int(port), ssl=False, timeout=10)
        if context is not None:
            client.starttls(context)
        return client

    def mail(self, recipient: str, message_id: str, *, sender: str = APP) -> bytes:
        return write_mail(
            PACKED,
            replace(ENVELOPE, message_id=message_id, sender=MailAddress(sender), recipient=MailAddress(recipient)),
        )

    def send(self, recipient: str, message_id: str, *, notify: str | None = None, sender: str = APP) -> tuple[int, str]:
        """Submit one mail as the application mailbox; the first refusal, or the answer to DATA."""
        with self.smtp(self.of(sender)) as line:
            line.mail(sender, ["RET=HDRS", f"ENVID={message_id}"])
            options = [f"NOTIFY={notify}", f"ORCPT=rfc822;{recipient}"] if notify else []
            code, words = line.rcpt(recipient, options)
            if code < 300:
                code, words = line.data(self.mail(recipient, message_id, sender=sender))
            return code, words.decode()

    def arrived(self, message_id: str) -> list[str]:
        return [one.recipient for one in self.sandbox.arrivals() if one.message_id == message_id]

    def receipts(self, message_id: str, count: int, *, within_s: float = 3.0) -> list[tuple[Receipt, bytes]]:
        """What came back to the application mailbox about that message, once there are `count` of them."""
        until = time.monotonic() + within_s
        while True:
            raws = [one.path.read_bytes() for one in self.sandbox.arrivals() if one.recipient == APP]
            found = [(receipt, raw) for raw in raws if (receipt := read_receipt(raw)) is not None]
            mine = [pair for pair in found if pair[0].original_message_id == message_id]
            if len(mine) >= count or time.monotonic() > until:
                return mine
            time.sleep(0.02)


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with Sandbox(tmp_path_factory.mktemp("sandbox"), PEOPLE, slow_s=0.4) as sandbox:
        yield Visitor(sandbox)


@pytest.fixture
def fresh() -> Callable[[], str]:
    """Message-IDs nobody used before."""
    count = iter(range(1_000))
    base = f"{time.time_ns():x}"
    return lambda: f"{base}{next(count)}@cpts.a.mssante.test"
