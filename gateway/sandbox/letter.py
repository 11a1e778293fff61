"""A report that somebody of the sandbox sends to one of our mailboxes, as their software would write it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateway import pack
from gateway.model.codes import Terms
from gateway.model.event import Event
from gateway.model.identity import MailAddress
from gateway.model.known import Known
from gateway.sandbox.people import Person

SOFTWARE = pack.Software(name="Bac à sable", version="1", vendor="Passerelle", nil="DEV000000")


def write_letter(event: Event, sender: Person, recipient: MailAddress, terms: Terms, seed: UUID, at: datetime) -> bytes:
    """The mail around the documents of `event`, from the mailbox of `sender`. No Bundle: their software knows none."""
    packed = pack.pack(event, Known(), terms, pack.Minted(seed, at), SOFTWARE)
    return pack.write_mail(
        packed,
        pack.Envelope(
            message_id=f"{seed.hex}@{sender.address.domain}",
            at=at,
            sender=sender.address,
            sender_name=f"{sender.given}_{sender.family}",
            recipient=recipient,
            recipient_name="",
            text="Bonjour,\n\nVeuillez trouver un document pour notre patiente commune.\n",
            nil=SOFTWARE.nil,
        ),
    )
