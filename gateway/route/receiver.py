"""Those who received a report: each as their leg kept them, with the channel it went by.

A newer version, or the news that it is taken back, can then go to the very same (RGPD, article 19).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from gateway.model.identity import Identifier, MailAddress, Scheme
from gateway.route.addressee import Addressee
from gateway.route.choice import Choice
from gateway.route.grammar import Transport

if TYPE_CHECKING:
    from gateway.route.case import Case


@dataclass(frozen=True, slots=True)
class Receiver:
    """One addressee, and the channel by which the report went to them."""

    whom: Addressee
    transport: Transport


def receiver_of(case: Case, name: str, mailbox: str | None) -> Receiver:
    """The recipient of a case as it was kept with its leg; `mailbox` is the address it went to, if it was one."""
    address = MailAddress(mailbox) if mailbox else None
    sites = (key for key in case.organization_ids if key not in case.recipient_ids)
    whom = Addressee(
        kind=case.recipient_kind,
        id=case.recipient_id,
        ids=case.recipient_ids or (case.recipient_id,),
        name=name,
        category=case.category,
        organizations=tuple(map(_identifier, sites)),
        address=address,
    )
    return Receiver(whom, cast("Transport", case.transport))


def choice_of(case: Case, name: str, because: str) -> Choice:
    """The choice a leg was made by, as far as its case keeps it; without the FHIR Bundle beside a mail."""
    receiver = receiver_of(case, name, None)
    whom = receiver.whom
    if whom.kind == "structure":
        whom = replace(whom, organizations=tuple(map(_identifier, whom.ids)))
    return Choice(
        addressee=whom,
        transport=receiver.transport,
        mode="exchange",
        prefer=(),
        attach_fhir="never",
        route="",
        reasons=(because,),
        named=case.named,
        in_team=case.in_team,
        received=case.received,
    )


def _identifier(key: str) -> Identifier:
    """The identifier `key_of` wrote; a local one keeps its system, which may hold colons itself."""
    scheme, _, rest = key.partition(":")
    system, _, value = rest.rpartition(":") if scheme == Scheme.LOCAL else (None, "", rest)
    return Identifier(Scheme(scheme), value, system)
