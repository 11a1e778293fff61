"""One SMTP conversation with an operator, command by command, as aiosmtpd hands them over."""

from __future__ import annotations

import asyncio
import smtplib
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import AuthResult

from gateway.model.errors import Rejected
from gateway.model.identity import MailAddress
from gateway.sandbox.relay import Relay, Reply
from gateway.sandbox.replies import Received
from gateway.sandbox.submission import SubmissionLine, xoauth2

if TYPE_CHECKING:
    from gateway.sandbox.carrier import Carrier


class Dialogue:
    """What aiosmtpd asks of its handler, one instance a connection."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._relay: Relay | None = None

    async def handle_EHLO(self, line: Any, session: Any, envelope: Any, host: str, replies: list[str]) -> list[str]:
        """Offer DSN and enhanced status codes (RFC 3461, RFC 2034) beside what aiosmtpd offers."""
        session.host_name = host
        return [*replies[:-1], "250-DSN", "250-ENHANCEDSTATUSCODES", replies[-1]]

    async def auth_XOAUTH2(self, line: SubmissionLine, args: list[str]) -> AuthResult:
        """A personal mailbox signs in with its token."""
        return await xoauth2(line, args, self._carrier.token_of)

    async def handle_MAIL(self, line: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take an envelope sender only from the one it belongs to."""
        refusal = self._carrier.may_send(line, address)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 Ok"

    async def handle_RCPT(self, line: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take one recipient: ours, or one the neighbour takes now."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient a message"
        try:
            MailAddress(address)
        except Rejected:
            return "553 5.1.3 Bad address"
        if self._carrier.mine(address):
            reply = self._carrier.admits(envelope.mail_from, address, line.dsn("ENVID"))
        elif not self._carrier.relays_for(line):
            reply = "550 5.7.1 Relaying denied"
        else:
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self._carrier.remote, self._ask, line, envelope.mail_from, address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    def _ask(self, line: SubmissionLine, sender: str, address: str) -> Reply:
        self.close()
        try:
            self._relay = self._carrier.open_relay(address)
            if self._relay is None:
                return "550 5.7.1 Domain is not in the trust space"
            plain = "" if sender == "<>" else sender
            options = line.dsn_options
            reply = self._relay.recipient(plain, address, options["MAIL"], options["RCPT"])
        except (OSError, smtplib.SMTPException):
            reply = "451 4.4.1 The other operator does not answer"
        if not reply.startswith("2"):
            self.close()
        return reply

    async def handle_DATA(self, line: Any, session: Any, envelope: Any) -> str:
        """Keep the mail, or hand it to the neighbour and give its answer."""
        pool = self._carrier.local if self._relay is None else self._carrier.remote
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, self._take, line, session.host_name or "", envelope)

    def _take(self, line: SubmissionLine, helo: str, envelope: Any) -> Reply:
        recipient, content = envelope.rcpt_tos[0], bytes(envelope.content)
        if self._relay is not None:
            try:
                return self._relay.mail(self._carrier.received_by(helo) + content)
            except (OSError, smtplib.SMTPException):
                return "451 4.4.2 The other operator hung up"
            finally:
                self.close()
        mail = Received(
            sender="" if envelope.mail_from == "<>" else envelope.mail_from,
            recipient=MailAddress(recipient),
            content=content,
            envelope_id=line.dsn("ENVID"),
            notify=line.dsn("NOTIFY"),
            whole=(line.dsn("RET") or "").upper() == "FULL",
        )
        return self._carrier.keep(mail, helo)

    async def handle_RSET(self, line: Any, session: Any, envelope: Any) -> str:
        """Forget the transaction, and let go of the neighbour's line."""
        self.close()
        return "250 2.0.0 Ok"

    def close(self) -> None:
        """Let go of the neighbour's line, if one is held."""
        if self._relay is not None:
            self._relay.close()
            self._relay = None
