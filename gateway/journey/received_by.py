"""Who received a report: the recipients of the exchanges that carried it, as their legs show them.

Received is whatever may have left. A line that dropped after the last byte, a silence, an error code of their software:
in each of these somebody may hold the document, and must hear that it is replaced or taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from gateway import pack, route
from gateway.model.dossier import Exchange, Leg
from gateway.model.event import Event, ReportCancelled
from gateway.model.exchange import LegState
from gateway.model.known import Known, KnownReport
from gateway.record import Erased, Missing

if TYPE_CHECKING:
    from gateway.pack import Earlier
    from gateway.record import Unit
    from gateway.route import Receiver

MAY_HAVE_LEFT = frozenset({
    LegState.ATTEMPTED, LegState.UNKNOWN, LegState.HANDED_OVER, LegState.DELIVERED, LegState.UNREAD, LegState.READ,
    LegState.REFUSED, LegState.ARRIVED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """`receivers`: who has the report, where it last went first; `carried`: the exchanges it went by, oldest first;
    `servers`: the FHIR servers that may hold a version of it, by their endpoint's name.
    """

    receivers: tuple[Receiver, ...] = ()
    carried: tuple[Earlier, ...] = ()
    servers: frozenset[str] = frozenset()


NOBODY = Received()


def received_by(unit: Unit, tenant: str, client: str, event: Event, known: Known) -> Received:
    """Who received the report that an event of this software replaces or takes back; nobody for any other event.

    known  before or after the event: what it says of the older report is the same
    """
    report = known.report if isinstance(event, ReportCancelled) else known.replaced
    if report is None:
        return NOBODY
    receivers: list[Receiver] = []
    carried: list[Earlier] = []
    servers: set[str] = set()
    for exchange in carriers(unit, tenant, client, report):
        left = [leg for leg in unit.legs.of(tenant, exchange.id) if may_have_left(leg)]
        if left:
            carried.append(pack.carried_by(UUID(exchange.id), exchange.accepted_at, _document(unit, exchange)))
            receivers[:0] = [_receiver(leg) for leg in left]
            servers |= {leg.destination for leg in left if leg.transport == "fhir_server" and leg.destination}
    return Received(tuple(receivers), tuple(carried), frozenset(servers))


def _document(unit: Unit, exchange: Exchange) -> bytes | None:
    """The document that left, as long as it is kept: a software's own CDA has numbers of its own."""
    try:
        return unit.contents.get(exchange.tenant, exchange.id, "cda")
    except (Missing, Erased):
        return None


def carriers(unit: Unit, tenant: str, client: str, report: KnownReport) -> tuple[Exchange, ...]:
    """The exchanges of the events that carried a report, oldest first."""
    found = (unit.exchanges.by_event(tenant, client, id) for id in report.told_by)
    return tuple(exchange for exchange in found if exchange is not None)


def may_have_left(leg: Leg) -> bool:
    """True unless it is sure that nothing of it reached anyone: one attempt of unknown outcome is enough."""
    return leg.state in MAY_HAVE_LEFT or any(attempt.outcome == "unknown" for attempt in leg.attempts)


def _receiver(leg: Leg) -> Receiver:
    mailbox = leg.destination if leg.transport == "mssante" else None
    return route.receiver_of(route.case_from(leg.case), leg.recipient_name, mailbox)
