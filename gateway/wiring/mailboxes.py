"""Our mailboxes: which speaks for whom, and how each is opened."""

from __future__ import annotations

from functools import lru_cache

from gateway.config import MailboxSettings, Settings
from gateway.deliver.mailboxes import Mailbox
from gateway.journey.gateway import Origin
from gateway.model.identity import MailAddress
from gateway.model.people import Sender
from gateway.wiring.keys import secret_text


class Mailboxes:
    """Which of our mailboxes speaks for a sender (see journey.gateway.Origins)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known = lru_cache(maxsize=1024)(self._of)  # the same people speak again and again

    def of(self, tenant: str, sender: Sender) -> Origin | None:
        """The sender's own mailbox when we hold it, else the tenant's APP mailbox, else one every tenant uses."""
        entity = sender.organization.name if sender.organization else None
        rpps = sender.rpps.number if sender.rpps else ""
        return self._known(tenant, rpps, sender.given or "", sender.family or "", entity or "")

    def _of(self, tenant: str, rpps: str, given: str, family: str, entity: str) -> Origin | None:
        ours = [box for box in self._settings.mailboxes if box.tenant in (None, tenant)]
        own = [box for box in ours if box.owner and box.owner == rpps]
        general = sorted(
            (box for box in ours if box.owner is None), key=lambda box: (box.tenant is None, box.type != "APP")
        )
        box = next(iter([*own, *general]), None)
        if box is None:
            return None
        operator = self._settings.operators[box.operator]
        return Origin(
            address=MailAddress(box.address),
            name=self._name(box, tenant, given, family, entity),
            answers_to_author=box.reply_to == "author",
            max_bytes=operator.max_size,
            answers_to=MailAddress(box.reply_to) if "@" in box.reply_to else None,
            return_receipt=operator.return_receipt_to,
            server=box.operator,
        )

    def _name(self, box: MailboxSettings, tenant: str, given: str, family: str, entity: str) -> str:
        """ECO.2.2.7: as the settings say; else who owns a personal mailbox, or whose the others are."""
        from gateway.pack.names import person_name

        if box.name:
            return box.name
        if box.type == "PER" and family:
            return person_name(given, family, title=box.title, entity=entity)
        known = self._settings.tenants.get(tenant)
        return known.name if known else ""

    def tenant_of(self, mailbox: str) -> str:
        """Whose mail arrives there: the mailbox's tenant, or the only one there is; else an empty word."""
        box = self._named(mailbox)
        if box and box.tenant:
            return box.tenant
        return next(iter(self._settings.tenants)) if len(self._settings.tenants) == 1 else ""

    def client_of(self, mailbox: str) -> str | None:
        """The one software its documents are for; None: every one of the tenant."""
        box = self._named(mailbox)
        return box.client if box else None

    def answers(self, mailbox: str) -> bool:
        """As the settings say; False for what is no mailbox of ours."""
        box = self._named(mailbox)
        return box is not None and box.answers

    def _named(self, mailbox: str) -> MailboxSettings | None:
        return next((box for box in self._settings.mailboxes if box.address.lower() == mailbox.lower()), None)


def mailbox_of(settings: Settings, box: MailboxSettings) -> Mailbox:
    """A mailbox of the settings as the transport wants it."""
    from gateway.deliver.mailboxes import Mailbox, Operator

    operator = settings.operators[box.operator]
    smtp_host, _, smtp_port = operator.smtp.rpartition(":")
    imap_host, _, imap_port = operator.imap.rpartition(":")
    return Mailbox(
        address=MailAddress(box.address),
        type=box.type,
        operator=Operator(
            name=box.operator,
            smtp_host=smtp_host,
            smtp_port=int(smtp_port),
            imap_host=imap_host,
            imap_port=int(imap_port),
            ca=operator.ca,
            crl=operator.crl,
            attempt_s=operator.attempt.total_seconds(),
            dsn=operator.dsn,
            max_bytes=operator.max_size,
        ),
        certificate=box.certificate,
        certificate_password=secret_text(box.certificate_password),
        imap_sign_in=box.imap_sign_in,
        password=secret_text(box.password),
        collect=box.collect,
    )
