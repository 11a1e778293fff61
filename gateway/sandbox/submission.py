"""The SMTP side of an operator: STARTTLS, who may send as whom, DSN parameters kept as they were written.

aiosmtpd knows no DSN parameters and folds all others to upper case, which would change an ENVID; they are taken out
before it looks (RFC 3461 §4).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

AUTH_BYTES = 12_288

_PARAMETERS = {"MAIL": frozenset({"RET", "ENVID"}), "RCPT": frozenset({"NOTIFY", "ORCPT"})}
_XOAUTH2 = re.compile(rb"user=([^\x01]{1,320})\x01auth=bearer ([^\x01]{1,16000})\x01\x01", re.IGNORECASE)


class SubmissionLine(SMTP):
    """One connection. `dsn_options` are this transaction's DSN parameters, `NAME=value` as written."""

    line_length_limit = AUTH_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # the reader takes its limit from the class
        self.line_length_limit = 1_001  # of the mail's own lines: RFC 5321 §4.5.3.1.6
        # aiosmtpd shares one table between all connections; RFC 4954 §4: a token is longer than a command
        self.command_size_limits = defaultdict(lambda: 1_024, {"AUTH": AUTH_BYTES})
        self.dsn_options: dict[str, list[str]] = {"MAIL": [], "RCPT": []}

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM, its DSN parameters set aside."""
        await super().smtp_MAIL(self._set_aside("MAIL", arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO, its DSN parameters set aside."""
        await super().smtp_RCPT(self._set_aside("RCPT", arg))

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone: whatever its transaction held open elsewhere is let go."""
        super().connection_lost(error)
        close = getattr(self.event_handler, "close", None)
        if close is not None:
            self.loop.run_in_executor(None, close)

    def _set_aside(self, command: str, arg: str | None) -> str | None:
        self.dsn_options[command] = []
        if arg is None:
            return None
        kept = []
        for word in arg.split(" "):
            if word.partition("=")[0].upper() in _PARAMETERS[command]:
                self.dsn_options[command].append(word)
            else:
                kept.append(word)
        return " ".join(kept)

    def dsn(self, name: str) -> str | None:
        """The value of a DSN parameter of this transaction, xtext decoded; None when it was not given."""
        words = [word for words in self.dsn_options.values() for word in words]
        found = next((word for word in words if word.upper().startswith(f"{name}=")), None)
        if found is None:
            return None
        return re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), found.partition("=")[2])

    def shown(self) -> tuple[frozenset[str], frozenset[str]]:
        """(mail addresses, DNS names) of the client certificate, verified; empty sets without one."""
        ssl = (self.session.ssl if self.session is not None else None) or {}
        return names_in(ssl.get("peercert") or {})


def names_in(certificate: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """(mail addresses, DNS names) of a certificate as Python's ssl gives it."""
    names = certificate.get("subjectAltName", ())
    return (
        frozenset(value.lower() for kind, value in names if kind == "email"),
        frozenset(value.lower() for kind, value in names if kind == "DNS"),
    )


async def xoauth2(line: SMTP, args: list[str], token_of: Any) -> AuthResult:
    """The XOAUTH2 exchange; `token_of(address)` gives the only token that opens that mailbox, or None."""
    given: Any = args[1].encode("ascii", "replace") if len(args) > 1 else None
    if given is None:
        given = await line.challenge_auth("")
        blob = given if isinstance(given, bytes) else b""
    else:
        try:
            blob = base64.b64decode(given)
        except binascii.Error:
            blob = b""
    said = _XOAUTH2.fullmatch(blob)
    if said is not None:
        address = said[1].decode("ascii", "replace").lower()
        token = token_of(address)
        if token is not None and token == said[2].decode("ascii", "replace"):
            return AuthResult(success=True, auth_data=address)
    # the refusal is a second challenge, to be answered with nothing (Google's XOAUTH2, RFC 7628 §3.2.3)
    await line.challenge_auth('{"status":"invalid_token"}')
    return AuthResult(success=False, handled=False)
