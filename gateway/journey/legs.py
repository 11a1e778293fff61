"""Which legs an event makes, and why: the one reasoning behind `prepare`, `explain` and the dry run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway import route
from gateway.model.event import Event
from gateway.model.identity import MailAddress
from gateway.model.known import Known
from gateway.model.objection import Objection

if TYPE_CHECKING:
    from gateway.route import (
        Case,
        Choice,
        Choices,
        Decision,
        Directory,
        Endpoint,
        Endpoints,
        Found,
        Receiver,
        Routes,
        WhiteList,
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """One leg to be: who, found where, judged how. `found` is None when no mailbox is known, `endpoint` when the
    channel leads to none or none stands for the recipient.
    """

    choice: Choice
    found: Found | None
    case: Case
    decision: Decision
    endpoint: Endpoint | None = None

    @property
    def address(self) -> str | None:
        """The mailbox it would go to, when one was found."""
        return self.found.address.text if self.found else None

    @property
    def destination(self) -> str | None:
        """Where the parcel would go: an endpoint, a mailbox; into a folder, whoever it is for needs none."""
        if self.endpoint:
            return self.endpoint.name
        return self.address or (self.choice.addressee.id if self.choice.transport == "folder" else None)


def plan_legs(
    event: Event,
    known: Known,
    *,
    tenant: str,
    client: str,
    patient: str,
    routes: Routes,
    directory: Directory,
    white_list: WhiteList | None,
    objections: Sequence[Objection],
    origin: MailAddress | None,
    now: datetime,
    endpoints: Endpoints = route.NO_ENDPOINTS,
    received: Sequence[Receiver] = (),
) -> tuple[tuple[Planned, ...], Choices]:
    """The legs of an event, each with the gate's decision, and the routes' whole reasoning."""
    choices = routes.choose(event, known, now, tenant=tenant, client=client, received=received)
    planned = []
    team = known.team.team.id if known.team else None
    for choice in choices.chosen:
        by_endpoint = choice.transport in route.BY_ENDPOINT
        endpoint = endpoints.find(choice) if by_endpoint else None
        found = None if by_endpoint else next(iter(directory.find(choice)), None)
        case = route.case_of(
            event,
            choice,
            found,
            tenant=tenant,
            client=client,
            patient=patient,
            team=team,
            origin=origin,
            endpoint=endpoint,
        )
        decision = route.judge(case, objections=objections, white_list=white_list, now=now, endpoints=endpoints)
        planned.append(Planned(found.names(choice) if found else choice, found, case, decision, endpoint))
    return tuple(planned), choices
