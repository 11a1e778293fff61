"""One operator calling another, while the sender is still on the line.

The other side's answers are passed on as they are, so the sender learns at once what a queue would tell hours later:
`greylist`, `full` and `slow` are seen by the gateway itself.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress

Reply = str
"""An SMTP answer, `250 2.1.5 Ok`."""

CALL_S = 30.0  # longer than `slow` ever takes


class Relay:
    """One transaction with the neighbour: the recipient first, then the mail. It must be closed."""

    def __init__(self, port: int, name: str, context: ssl.SSLContext) -> None:
        """Raises OSError or smtplib.SMTPException when the neighbour does not answer."""
        self._handing_over = threading.Lock()
        self._line = smtplib.SMTP("127.0.0.1", port, local_hostname=name, timeout=CALL_S)
        try:
            if self._line.sock is not None:  # without it each step waits 40 ms for a delayed acknowledgement
                self._line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line.starttls(context=context)
            self._line.ehlo(name)
        except BaseException:
            self._line.close()
            raise

    def recipient(self, sender: str, recipient: str, mail_options: list[str], rcpt_options: list[str]) -> Reply:
        """The neighbour's answer to MAIL, if it is a refusal, else its answer to RCPT."""
        code, words = self._line.mail(sender, mail_options)
        if code < 300:
            code, words = self._line.rcpt(recipient, rcpt_options)
        return f"{code} {words.decode('ascii', 'replace')}".replace("\n", " ")

    def mail(self, content: bytes) -> Reply:
        """Its answer to the mail itself."""
        try:
            with self._handing_over:
                code, words = self._line.data(content)
        except smtplib.SMTPDataError as refused:
            code, words = refused.smtp_code, refused.smtp_error if isinstance(refused.smtp_error, bytes) else b""
        return f"{code} {words.decode('ascii', 'replace')}".replace("\n", " ")

    def close(self) -> None:
        """Say goodbye, whatever state the line is in; in the middle of a mail hang up: a word would be part of it."""
        if self._handing_over.locked():
            if self._line.sock is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._line.sock, socket.SHUT_RDWR)  # wakes whoever writes; TLS is not asked
            return
        try:
            self._line.quit()
        except (OSError, smtplib.SMTPException):
            self._line.close()
