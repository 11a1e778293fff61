"""A case: everything the gate needs to know about one leg, and nothing that names a person.

It is kept with the leg as a tree and judged again before each attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from gateway.model import form
from gateway.model.event import Event
from gateway.model.identity import MailAddress, Scheme
from gateway.model.known import team_wanted
from gateway.model.report import Report
from gateway.model.team import Team
from gateway.route.addressee import Addressee, Category, Kind, structure_keys
from gateway.route.choice import Choice
from gateway.route.directory.endpoints import Endpoint
from gateway.route.directory.found import Found
from gateway.route.scene import belongs

_SPEAKS = (Scheme.FINESS, Scheme.SIREN, Scheme.SIRET)  # law.md L02: a structure speaks by one of these
_PREFIX = {Scheme.ADELI_RANG: "0", Scheme.FINESS: "1", Scheme.SIREN: "2", Scheme.SIRET: "3", Scheme.RPPS_RANG: "4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One recipient by one channel, as the law looks at it.

    client, team      the software that sends, and the team the event is about: where membership is looked up again
    patient           the patient's handle, never an identifier
    sender_by         how the sender is identified: RPPS, FINESS, SIREN, SIRET; None: by none of these
    recipient_ids     identifiers of the recipient (`RPPS:…`), of the first way of naming them
    organization_ids  identifiers of the sites the recipient works at
    domain            of the mailbox it goes to; None: no mailbox was found
    origin_domain     of the mailbox it leaves from; None: not settled yet
    address_by        who gave the mailbox: the event (sender) or the directory
    endpoint          the name of the endpoint it goes to; None: by another channel, or none stands for the recipient
    received          True when they got the report this event replaces or takes back
    ins_leaves        True when any form of the parcel carries the matricule
    report            True when a report travels; masks, confidentiality and secret care are its own
    represented       False when nobody but the patient opens the patient's mailbox: an adult without guardian
    report_id         its id in the words of the client: whether it still stands is looked up again
    """

    tenant: str
    client: str | None = None
    patient: str
    team: str | None = None
    event_type: str
    mode: str
    transport: str
    sender_by: str | None = None
    recipient_kind: Kind
    recipient_id: str
    recipient_ids: tuple[str, ...] = ()
    organization_ids: tuple[str, ...] = ()
    category: Category | None = None
    domain: str | None = None
    origin_domain: str | None = None
    address_by: Literal["event", "directory"] | None = None
    endpoint: str | None = None
    in_team: bool = False
    named: bool = False
    received: bool = False
    identity_status: str
    ins_leaves: bool = False
    report: bool = False
    report_id: str | None = None
    masks: tuple[str, ...] = ()
    confidentiality: str | None = None
    secret_care: bool = False
    represented: bool = True


def case_of(
    event: Event,
    choice: Choice,
    found: Found | None,
    *,
    tenant: str,
    patient: str,
    client: str | None = None,
    team: str | None = None,
    origin: MailAddress | None = None,
    endpoint: Endpoint | None = None,
) -> Case:
    """The case of one choice, once its mailbox or endpoint is known, or none is needed (folder).

    team    where membership is looked up again later; without it, the team the event names
    origin  the mailbox it leaves from, when that is settled
    """
    whom, report = choice.addressee, getattr(event, "report", None)
    shared = report if isinstance(report, Report) else None
    return Case(
        tenant=tenant,
        client=client or None,
        patient=patient,
        team=team or team_wanted(event),
        event_type=event.type,
        mode=choice.mode,
        transport=choice.transport,
        sender_by=_sender_by(event),
        recipient_kind=whom.kind,
        recipient_id=whom.id,
        recipient_ids=whom.ids[: form.LIST_LIMIT],
        organization_ids=_sites(whom, found)[: form.LIST_LIMIT],
        category=whom.category,
        domain=found.address.domain if found else None,
        origin_domain=origin.domain if origin else None,
        address_by=_address_by(whom, found),
        endpoint=endpoint.name if endpoint else None,
        in_team=choice.in_team,
        named=choice.named,
        received=choice.received,
        identity_status=event.patient.identity_status,
        ins_leaves=event.patient.outgoing_ins is not None,
        report=shared is not None,
        report_id=shared.id if shared else None,
        masks=shared.masks if shared else (),
        confidentiality=shared.confidentiality if shared else None,
        secret_care=bool(shared and shared.secret_care),
        represented=_represented(event),
    )


def _represented(event: Event) -> bool:
    """Whether a legal representative may open the patient's mailbox: of a minor, of an adult under protection.

    A patient whose birth date is not known counts as one, and so does whoever may not be eighteen yet.
    """
    patient, now = event.patient, event.occurred_at.moment
    for one in patient.contacts:
        if (one.role == "GUARD" or one.measure) and not (one.until and one.until.over(now)):
            return True
    if patient.birth_date is None:
        return True
    said = patient.birth_date.text
    youngest = said + "-12-31"[len(said) - 4 :]
    return f"{int(youngest[:4]) + 18:04}{youngest[4:]}" > f"{now:%Y-%m-%d}"


def case_tree(case: Case) -> dict[str, Any]:
    """The case as JSON, to keep with its leg."""
    tree: dict[str, Any] = form.write(case)
    return tree


def case_from(tree: Mapping[str, Any]) -> Case:
    """A case as it was kept. Raises Rejected when the tree is not one."""
    return form.read(Case, dict(tree))


def takes_part(case: Case, team: Team | None, now: datetime) -> bool:
    """Membership as it stands now, of the case's recipient: someone may have left while the leg waited (L17)."""
    box = MailAddress(case.recipient_id) if case.recipient_kind == "mailbox" else None
    ids = (case.recipient_id, *case.recipient_ids)
    whom = Addressee(kind=case.recipient_kind, id=case.recipient_id, ids=ids, name="", address=box)
    return belongs(whom, team, case.event_type, now)


def _sites(whom: Addressee, found: Found | None) -> tuple[str, ...]:
    """The structure a mailbox was found at first: an objection to it counts wherever the recipient was meant."""
    at = found.organization if found else None
    scheme = next((one for one in Scheme if at and _PREFIX.get(one) == at[0]), None)
    here = (f"{scheme.value}:{at[1:]}",) if scheme and at else ()
    return tuple(dict.fromkeys(here + structure_keys(whom.organizations)))


def _sender_by(event: Event) -> str | None:
    sender = event.sender
    if sender.rpps:
        return "RPPS"
    schemes = [one.scheme for one in sender.organization.identifiers] if sender.organization else []
    return next((scheme.value for scheme in _SPEAKS if scheme in schemes), None)


def _address_by(whom: Addressee, found: Found | None) -> Literal["event", "directory"] | None:
    if found is None:
        return None
    return "event" if whom.address is not None and whom.address.key == found.address.key else "directory"
