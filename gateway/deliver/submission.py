"""SMTP submission to an operator (RFC 5321, 3207, 3461, 4954): one mail, one recipient, and what became of it.

Our own dialogue and not smtplib's: smtplib cannot bound a whole attempt, reads reply lines without end, and does not
tell whether the last byte had left when the line dropped: the difference between "nothing can have arrived" and
"it may have".
"""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from gateway.deliver import DeliveryReport, Outcome, Parcel
from gateway.deliver.line import CertificateRefused, Line, LineDropped, NotSecure
from gateway.deliver.mailboxes import Mailbox
from gateway.deliver.sign_in import xoauth2
from gateway.deliver.wording import one_line
from gateway.model.errors import BadIdentifier, Broken
from gateway.model.identity import MailAddress

_ALLOWANCE = 256 * 1024  # bytes a server may say in one attempt
_LONGEST_LINE, _MOST_LINES = 4096, 100  # RFC 5321 §4.5.3.1.5 says 512; EHLO answers have about 15 lines
_COMMAND = 510  # RFC 5321 §4.5.3.1.4, without CRLF
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 §6
_ENHANCED = re.compile(rb"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
_ENVID_LONGEST = 100  # RFC 3461 §4.4


class Answered(Exception):
    """The attempt is over, and this is its report."""

    def __init__(self, report: DeliveryReport) -> None:
        super().__init__(report.code)
        self.report = report


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    lines: tuple[bytes, ...]

    @property
    def ok(self) -> bool:
        return 200 <= self.code <= 299

    @property
    def enhanced(self) -> str:
        found = _ENHANCED.match(self.lines[-1])
        return found[1].decode() if found else ""

    def report(self, outcome: Outcome, tls: str, code: str = "") -> DeliveryReport:
        words = f"{self.code} ".encode() + b" ".join(self.lines)
        return DeliveryReport(outcome, code or f"{self.code} {self.enhanced}".rstrip(), one_line(words), tls)


class Submission:
    """A signed-in connection to the submission port of one mailbox's operator; carries one parcel after another."""

    def __init__(self, line: Line, mailbox: Mailbox) -> None:
        self._line, self._mailbox = line, mailbox
        self._offers: dict[str, str] = {}
        self.carried = 0

    @classmethod
    def open(cls, mailbox: Mailbox, context: ssl.SSLContext, token: str | None, *, until: float) -> Submission:
        """Connect, go over to TLS, sign in. Raises LineDropped, or Answered with the report of a refusal."""
        operator = mailbox.operator
        line = Line.open(
            operator.smtp_host, operator.smtp_port, connect_s=operator.connect_s, until=until, allowance=_ALLOWANCE
        )
        session = cls(line, mailbox)
        try:
            session._begin(context, token)
        except BaseException:
            line.close()
            raise
        return session

    def _begin(self, context: ssl.SSLContext, token: str | None) -> None:
        greeting = self._reply()
        if not greeting.ok:
            self._refused(greeting)
        self._greet()
        if "STARTTLS" not in self._offers:
            raise Answered(_not_secure("it offers no STARTTLS"))
        answer = self._ask(b"STARTTLS")
        if not answer.ok:
            if 400 <= answer.code <= 499:
                self._refused(answer)
            raise Answered(answer.report(Outcome.TRY_LATER, "", "channel-not-secure"))
        try:
            self._line.secure(context, self._mailbox.operator.smtp_host)
            self._greet()  # under TLS 1.3 a refusal of our certificate only comes with the next answer
            if self._mailbox.by_token:
                self._show_token(token)
        except NotSecure as fault:
            raise Answered(_not_secure(str(fault))) from None
        except CertificateRefused as fault:
            report = DeliveryReport(Outcome.TRY_LATER, "sign-in-refused", one_line(str(fault)), self._line.tls)
            raise Answered(report) from None

    def _greet(self) -> None:
        answer = self._ask(b"EHLO " + self._mailbox.address.domain.encode("ascii"))
        if not answer.ok:
            self._refused(answer)
        words = (line.decode("ascii", "replace").upper().partition(" ") for line in answer.lines[1:])
        self._offers = {name: rest for name, _, rest in words}

    def _show_token(self, token: str | None) -> None:
        if token is None:
            report = DeliveryReport(Outcome.TRY_LATER, "sign-in-needed", "no token for this mailbox", self._line.tls)
            raise Answered(report)
        if "XOAUTH2" not in self._offers.get("AUTH", "").split():
            report = DeliveryReport(Outcome.TRY_LATER, "sign-in-refused", "XOAUTH2 is not offered", self._line.tls)
            raise Answered(report)
        shown = base64.b64encode(xoauth2(self._mailbox.address.text, token))
        answer = self._ask(b"AUTH XOAUTH2 " + shown) if len(shown) + 13 <= _COMMAND else self._ask(b"AUTH XOAUTH2")
        if answer.code == 334 and len(shown) + 13 > _COMMAND:
            answer = self._ask(shown)
        if answer.code == 334:  # the refusal comes as a challenge first: an empty answer ends it
            answer = self._ask(b"")
        if not answer.ok:
            if 500 <= answer.code <= 599:
                raise Answered(answer.report(Outcome.TRY_LATER, self._line.tls, "sign-in-refused"))
            self._refused(answer)

    def again(self, *, within: float, until: float) -> bool:
        """True when the connection answers by `within` and so can carry another parcel by `until`."""
        self._line.until, self._line.allowance = within, _ALLOWANCE
        try:
            answers = self._ask(b"RSET").ok
        except (LineDropped, NotSecure, CertificateRefused):
            return False
        self._line.until = until
        return answers

    def carry(self, parcel: Parcel) -> DeliveryReport:
        """One parcel, one attempt. Raises LineDropped as long as nothing can have arrived, Answered for a refusal."""
        try:
            for command, answer in self._answers(*self._envelope(parcel), b"DATA"):
                if not (answer.code == 354 if command == b"DATA" else answer.ok):
                    self._refused(answer)
            self._line.write(_stuffed(parcel.body))
        except CertificateRefused as fault:
            report = DeliveryReport(Outcome.TRY_LATER, "sign-in-refused", one_line(str(fault)), self._line.tls)
            raise Answered(report) from None
        except NotSecure:
            raise LineDropped("the connection broke") from None
        return self._end()

    def _end(self) -> DeliveryReport:
        """Say that this was all, and hear what they make of it. From here on silence proves nothing."""
        tls = self._line.tls
        try:
            self._line.write(b".\r\n")
            answer = self._reply()
            if not answer.ok:
                self._refused(answer)
        except (LineDropped, NotSecure, CertificateRefused) as fault:
            return DeliveryReport(Outcome.UNKNOWN, "outcome-unknown", one_line(f"after the last byte: {fault}"), tls)
        self.carried += 1
        return answer.report(Outcome.HANDED_OVER, tls)

    def _envelope(self, parcel: Parcel) -> tuple[bytes, bytes]:
        """MAIL and RCPT. DSN words only where the server knows them; an ENVID over its limit is left out."""
        from_ = f"MAIL FROM:<{parcel.origin if parcel.returns else ''}>"
        to = f"RCPT TO:<{parcel.destination}>"
        if "SIZE" in self._offers:
            from_ += f" SIZE={len(parcel.body)}"
            limit = self._offers["SIZE"]
            if limit.isdecimal() and 0 < int(limit) < len(parcel.body):
                raise Answered(_too_large(int(limit), self._line.tls))
        if not parcel.body.isascii():
            if "8BITMIME" not in self._offers:
                report = DeliveryReport(Outcome.NEVER, "8bit-not-taken", "8BITMIME is not offered", self._line.tls)
                raise Answered(report)
            from_ += " BODY=8BITMIME"
        if parcel.returns and self._mailbox.operator.dsn and "DSN" in self._offers:
            from_ += " RET=HDRS"
            if len(envid := _xtext(parcel.message_id)) <= _ENVID_LONGEST:
                from_ += f" ENVID={envid}"
            to += f" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{_xtext(parcel.destination)}"
        return from_.encode("ascii"), to.encode("ascii")

    def close(self) -> None:
        """Take leave without waiting for the answer."""
        try:
            self._line.write(b"QUIT\r\n")
        except (LineDropped, NotSecure, CertificateRefused):
            pass
        finally:
            self._line.close()

    def _answers(self, *commands: bytes) -> Iterator[tuple[bytes, _Reply]]:
        """Each command with its answer, one after another; all are said at once where the server takes that.

        Who stops at a refusal has to hang up: to a `DATA` that was said already no byte of a mail may follow.
        """
        together = "PIPELINING" in self._offers  # RFC 2920 §3.1
        if together:
            self._line.write(b"".join(command + b"\r\n" for command in commands))
        for command in commands:
            yield command, self._reply() if together else self._ask(command)

    def _ask(self, command: bytes) -> _Reply:
        self._line.write(command + b"\r\n")
        return self._reply()

    def _reply(self) -> _Reply:
        lines: list[bytes] = []
        first = b""
        while len(lines) < _MOST_LINES:
            line = self._line.read_line(_LONGEST_LINE).rstrip(b"\r\n")
            code, mark = line[:3], line[3:4]
            if not code.isdigit() or mark not in (b"", b" ", b"-") or (lines and code != first):
                raise LineDropped("an answer that is not SMTP")
            first = code
            lines.append(line[4:])
            if mark != b"-":
                return _Reply(int(code), tuple(lines))
        raise LineDropped("an endless answer")

    def _refused(self, answer: _Reply) -> NoReturn:
        """The report of an answer that is not a yes, at any stage."""
        words = b" ".join(answer.lines).lower()
        about_certificate = answer.enhanced[1:4] == ".7." and b"certificate" in words
        if answer.code in _SIGN_IN_CODES or about_certificate:
            raise Answered(answer.report(Outcome.TRY_LATER, self._line.tls, "sign-in-refused"))
        if 400 <= answer.code <= 499:
            raise Answered(answer.report(Outcome.TRY_LATER, self._line.tls))
        if 500 <= answer.code <= 599:
            raise Answered(answer.report(Outcome.NEVER, self._line.tls))
        raise LineDropped("an answer out of turn")


def check_parcel(parcel: Parcel) -> None:
    """Raise Broken unless these bytes may go onto an SMTP line as they are.

    Lines end in CRLF and only there (RFC 5321 §2.3.8: a bare CR or LF is how mails are smuggled), none is longer
    than 998 bytes (RFC 5322 §2.1.1), there is no NUL, both addresses are plain ones.
    """
    body = parcel.body
    if not body.endswith(b"\r\n"):
        raise Broken("A parcel does not end with a line end", advice="Report it: this is a defect of the gateway")
    pairs = body.count(b"\r\n")
    if body.count(b"\r") != pairs or body.count(b"\n") != pairs or b"\0" in body:
        raise Broken("A parcel holds a bare CR, LF or NUL", advice="Report it: this is a defect of the gateway")
    if max(map(len, body.split(b"\r\n"))) > 998:
        raise Broken("A parcel holds a line over 998 bytes", advice="Report it: this is a defect of the gateway")
    try:
        MailAddress(parcel.origin), MailAddress(parcel.destination)
    except BadIdentifier:
        raise Broken("A parcel's address is not a mail address", advice="Check the route and the mailbox") from None


def too_large(parcel: Parcel, limit: int) -> DeliveryReport | None:
    """The report for a parcel over the operator's limit, known before anything is said."""
    return _too_large(limit, "") if len(parcel.body) > limit else None


def _too_large(limit: int, tls: str) -> DeliveryReport:
    return DeliveryReport(Outcome.NEVER, "too-large", f"the operator takes {limit} bytes", tls)


def _not_secure(why: str) -> DeliveryReport:
    return DeliveryReport(Outcome.TRY_LATER, "channel-not-secure", one_line(why))


def _stuffed(body: bytes) -> bytes:
    """Leading dots doubled (RFC 5321 §4.5.2); the server takes them off again."""
    stuffed = body.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed[:1] == b"." else stuffed


def _xtext(text: str) -> str:
    """RFC 3461 §4: printable ASCII as it is, save `+` and `=`; the rest as +XX."""
    return "".join(
        chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}" for byte in text.encode("utf-8")
    )
