"""An operator of the trust space and the mailboxes we hold there, as settings name them (ECO.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gateway.model.errors import Broken
from gateway.model.identity import MailAddress

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One MSSanté operator: where it listens and what we allow it.

    ca           PEM file of the authorities its servers' certificates must come from, and no other; None: the
                 machine's own store. STARTTLS (1.2 or better) is demanded on both ports, there is no clear text.
    crl          PEM file of these authorities' revocation lists, the last good ones (whoever fetches them keeps it
                 fresh): a server whose certificate is revoked, or whose list has run out, is told nothing. None: not
                 checked.
    connect_s    for one try of the connection, seconds; three tries take ten seconds at most.
    attempt_s    for the whole of one attempt, from the first packet to the last answer, seconds; also for each
                 command of a collection.
    dsn          ask for delivery reports where the server offers them (RFC 3461).
    max_bytes    largest parcel it takes; larger ones are refused here.
    collect_max_bytes  largest message brought back; larger ones are left behind and reported.
    """

    name: str
    smtp_host: str
    imap_host: str
    smtp_port: int = 587
    imap_port: int = 143
    ca: Path | None = None
    crl: Path | None = None
    connect_s: float = 5.0
    attempt_s: float = 60.0
    dsn: bool = True
    max_bytes: int = 25 * MEGABYTE
    collect_max_bytes: int = 30 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One of our mailboxes.

    type          `APP` signs in with a client certificate, `PER` and `ORG` with their owner's token (XOAUTH2).
    certificate   PKCS#12 file, with its password if it has one; demanded for APP.
    imap_sign_in  of an APP mailbox: `external` (the certificate alone), `plain` (`password`, inside TLS), `none` (it
                  is not read over IMAP). PER and ORG always use their token.
    collect       bring back what arrives in it.

    Raises Broken when these do not fit together.
    """

    address: MailAddress
    type: Literal["APP", "PER", "ORG"]
    operator: Operator
    certificate: Path | None = None
    certificate_password: str | None = field(default=None, repr=False)
    imap_sign_in: Literal["external", "plain", "none"] = "external"
    password: str | None = field(default=None, repr=False)
    collect: bool = False

    def __post_init__(self) -> None:
        if self.type == "APP" and self.certificate is None:
            raise Broken("An application mailbox has no certificate", advice="Name its PKCS#12 file in the settings")
        if self.type != "APP" or not self.collect:
            return
        if self.imap_sign_in == "none":
            raise Broken(
                "A mailbox to collect has no IMAP sign-in", advice="Choose external or plain, or do not collect"
            )
        if self.imap_sign_in == "plain" and not self.password:
            raise Broken("A mailbox with plain sign-in has no password", advice="Give its password in the settings")

    @property
    def by_token(self) -> bool:
        """True when its owner must have signed in."""
        return self.type != "APP"
