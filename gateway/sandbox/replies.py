"""What a mailbox does with a mail: the people of operator b read and answer, the magic ones do as their name says."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.model.errors import Rejected
from gateway.model.identity import MailAddress
from gateway.pack import Action, receipt_wanted, write_dsn, write_mdn
from gateway.sandbox.letter import SOFTWARE

MAGIC = frozenset({"bounce", "slow", "full", "greylist", "refuse-902", "silent"})
"""Local parts with a life of their own, on operator b."""

Post = Callable[[str, str, bytes], None]
"""Sends a mail of this operator: (envelope sender, recipient, content)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One mail at its last stop, with what its sender asked of carriers (RFC 3461)."""

    sender: str
    recipient: MailAddress
    content: bytes
    envelope_id: str | None = None
    notify: str | None = None
    whole: bool = False

    def wants(self, event: str) -> bool:
        """True when the sender asked to be told of SUCCESS, FAILURE or DELAY; failures are told unless excluded."""
        asked = {word.strip().upper() for word in (self.notify or "FAILURE,DELAY").split(",")}
        return event in asked and self.sender not in ("", "<>")


@dataclass(frozen=True, slots=True)
class Secretary:
    """Writes the reports of one operator and the receipts of its mailboxes.

    now    the wall clock, aware
    post   how an answer leaves; it is always sent with an empty envelope sender
    """

    domain: str
    now: Callable[[], datetime]
    post: Post

    def report(self, mail: Received, action: Action, status: str, diagnostic: str = "") -> None:
        """A DSN to the envelope sender, when it may be told."""
        if not mail.wants("SUCCESS" if action == "delivered" else "FAILURE"):
            return
        content = write_dsn(
            mail.content,
            reporter=MailAddress(f"MAILER-DAEMON@{self.domain}"),
            to=MailAddress(mail.sender),
            final_recipient=mail.recipient,
            action=action,
            status=status,
            message_id=self._message_id(self.domain),
            at=self.now(),
            diagnostic=diagnostic,
            envelope_id=mail.envelope_id,
            headers_only=not mail.whole,
        )
        self.post("", mail.sender, content)

    def read(self, stored: bytes, mailbox: MailAddress, outcome: str) -> None:
        """An MDN for a stored mail, when one is asked for and may be sent."""
        try:
            to = receipt_wanted(stored)
            if to is None:
                return
            content = write_mdn(
                stored,
                reporter=mailbox,
                final_recipient=mailbox,
                message_id=self._message_id(mailbox.domain),
                at=self.now(),
                outcome=outcome,
                nil=SOFTWARE.nil,
            )
        except Rejected:
            return  # a mail nobody here can read gets no answer, as from any mailbox
        self.post("", to.text, content)

    def _message_id(self, domain: str) -> str:
        return f"{secrets.token_hex(16)}@{domain}"
