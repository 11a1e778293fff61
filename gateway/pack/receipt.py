"""What comes back to our mailbox about a mail we sent, and what it proves.

Three kinds: `mdn` (the recipient's software answered), `dsn` (a carrier answered), `ko-mail` (their software wrote an
ordinary mail because no MDN had been asked for). A receipt is only a claim: `belongs` says whether it may move a leg,
`verdict` what it then proves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from gateway.model.errors import Rejected
from gateway.model.exchange import LegState
from gateway.model.identity import MailAddress
from gateway.pack.bounce_cause import Cause
from gateway.pack.delivery_status import message_id_of_returned, read_delivery_status, return_path_empty
from gateway.pack.disposition import read_disposition
from gateway.pack.ko_mail import read_ko_mail
from gateway.pack.mail_field import addresses, only_address
from gateway.pack.mime import Part, open_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A claim about one mail of ours. Addresses are lower-cased, ids without brackets; None: not said, or unclear.

    final_recipient    the mailbox the claim is about
    reporter           the one address of From
    addressees         the addresses of To
    return_path_empty  True when the operator that gave us the mail recorded `Return-Path: <>` above everything else
    disposition        MDN: `displayed`, `processed`, `processed/error`, `deleted`…
    action             MDN: `manual` or `automatic`; DSN: `failed`, `delayed`, `delivered`, `relayed`, `expanded`
    code               an error code 900 to 999 (MDN, ko-mail); an enhanced or SMTP status (DSN)
    cause              why a carrier did not deliver, where it says so (see `delivery_status`)
    at                 the Date of the receipt, UTC
    """

    kind: Literal["mdn", "dsn", "ko-mail"]
    original_message_id: str | None
    final_recipient: str | None
    reporter: str | None
    addressees: tuple[str, ...] = ()
    return_path_empty: bool = False
    disposition: str | None = None
    action: str | None = None
    code: str | None = None
    cause: Cause | None = None
    at: datetime | None = None


def read_receipt(raw: bytes) -> Receipt | None:
    """The receipt a received mail holds; None when it is an ordinary mail, or passes the limits of `mime`.

    `raw` starts with what our operator recorded on delivery (Return-Path). Raises nothing, whatever the bytes.
    """
    try:
        message = open_message(raw)
        return _mdn(message) or _dsn(message) or _ko_mail(message)
    except Rejected:
        return None


def _mdn(message: Part) -> Receipt | None:
    said = read_disposition(message)
    if said is None:
        return None
    return Receipt(
        kind="mdn",
        original_message_id=said.original_message_id or message_id_of_returned(message),
        final_recipient=said.final_recipient,
        reporter=only_address(message.all("from")),
        addressees=_addressees(message),
        return_path_empty=return_path_empty(message),
        disposition=said.disposition + ("/error" if said.error else ""),
        action=None if said.automatic is None else ("automatic" if said.automatic else "manual"),
        code=said.code,
        at=_date(message),
    )


def _dsn(message: Part) -> Receipt | None:
    said = read_delivery_status(message)
    if said is None:
        return None
    return Receipt(
        kind="dsn",
        original_message_id=said.original_message_id,
        final_recipient=said.final_recipient,
        reporter=only_address(message.all("from")),
        addressees=_addressees(message),
        return_path_empty=return_path_empty(message),
        action=said.action,
        code=said.code,
        cause=said.cause,
        at=_date(message),
    )


def _ko_mail(message: Part) -> Receipt | None:
    said = read_ko_mail(message)
    if said is None:
        return None
    return Receipt(
        kind="ko-mail",
        original_message_id=said.original_message_id,
        final_recipient=said.final_recipient,
        reporter=only_address(message.all("from")),
        addressees=_addressees(message),
        return_path_empty=return_path_empty(message),
        code=said.code,
        at=_date(message),
    )


def belongs(receipt: Receipt, *, message_id: str, destination: MailAddress, origin: MailAddress) -> bool:
    """True when the receipt may move the leg that sent `message_id` from `origin` to `destination`.

    Its Message-ID is the leg's, its Final-Recipient the leg's destination, it was written to the leg's mailbox, and
    it comes from the recipient's mailbox or domain (MDN, ko-mail), or through our operator with an empty Return-Path
    (DSN). Anything else is kept as `unmatched`: a forged receipt must never make a mail look read.
    """
    if receipt.original_message_id != message_id or receipt.final_recipient != destination.key:
        return False
    if receipt.addressees and origin.key not in receipt.addressees:
        return False
    if receipt.kind == "dsn":
        return receipt.return_path_empty
    return receipt.reporter is not None and receipt.reporter.rpartition("@")[2] == destination.domain


def verdict(receipt: Receipt) -> LegState | None:
    """The state a receipt that belongs to a leg proves, or None when it proves nothing new.

    `read` for displayed or processed, `refused` for an error of their software, `delivered` and `failed` from
    carriers. None for deleted, dispatched and denied (nobody was shown it), delayed, relayed and expanded.
    """
    if receipt.kind == "ko-mail":
        return LegState.REFUSED
    if receipt.kind == "dsn":
        return {"delivered": LegState.DELIVERED, "failed": LegState.FAILED}.get(receipt.action or "")
    disposition, _, error = (receipt.disposition or "").partition("/")
    if error:
        return LegState.REFUSED
    return LegState.READ if disposition in ("displayed", "processed") else None


def _addressees(message: Part) -> tuple[str, ...]:
    return tuple(address for value in message.all("to") for address in addresses(value))


def _date(message: Part) -> datetime | None:
    try:
        at = parsedate_to_datetime(message.first("date")[:60])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
