"""Health and metrics: is it alive, is it ready, how much of what stands where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import APIRouter
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from gateway.api.callers import Admitted
from gateway.api.door import Door, TheDoor
from gateway.journey.alarms import IN_THE_WAY, alarms
from gateway.model.errors import GatewayError

router = APIRouter(tags=["operations"])


class Live(BaseModel):
    """The process answers."""

    model_config = ConfigDict(extra="forbid")

    live: bool


class Ready(BaseModel):
    """Whether work can be taken; `reasons` names what stands in the way."""

    model_config = ConfigDict(extra="forbid")

    ready: bool
    reasons: list[str] = Field(
        description="database-unavailable, database-not-upgraded, white-list-missing, disk-full, disk-low, overloaded"
    )
    degraded: list[str] = Field(
        description="books-differ: work is taken all the same, but a person must look at the gateway"
    )


@router.get("/health/live", operation_id="live", summary="The process answers", response_model=Live)
def live() -> dict[str, bool]:
    """Needs no key and looks at nothing."""
    return {"live": True}


@router.get(
    "/health/ready",
    operation_id="ready",
    summary="Work can be taken",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready, and why"}},
)
def ready(door: TheDoor) -> Response:
    """Looks at the database and its tables, at the MSSanté white list when there is an MSSanté transport, and at the
    room that was left when it was last looked at.
    """
    reasons = list(_obstacles(door))
    degraded = [code for code in alarms(door.gateway) if code not in IN_THE_WAY]
    return JSONResponse({"ready": not reasons, "reasons": reasons, "degraded": degraded}, 503 if reasons else 200)


def _obstacles(door: Door) -> Iterable[str]:
    gateway = door.gateway
    try:
        if not gateway.store.current():
            yield "database-not-upgraded"
    except GatewayError:
        yield "database-unavailable"
    if "mssante" in gateway.transports and gateway.white_list() is None:
        yield "white-list-missing"
    yield from (code for code in alarms(gateway) if code in IN_THE_WAY)


@router.get(
    "/metrics",
    operation_id="read-metrics",
    summary="Counts for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Exposition format"}},
)
def read_metrics(door: TheDoor, visitor: Admitted) -> Response:
    """Exchanges and legs by state, requests by what was answered: of the caller's tenant, and of nobody else."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Measured(list(measure(door, visitor.tenant))))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def measure(door: Door, tenant: str) -> Iterable[Metric]:
    """The figures as they stand in the store now. Labels: tenant, transport, state, and no other."""
    with door.gateway.store.glance() as unit:
        exchanges, legs = unit.exchanges.tally(), unit.legs.tally()
        notices, mails, items = unit.notices.tally(), unit.mail.tally(), unit.inbox.tally()
        replies = unit.replies.tally()
        told, differing = unit.totals.sums(tenant), unit.totals.verdicts()
        closed = sum(silence.closed_until is not None for silence in unit.servers.all().values())
    yield _by_state("passerelle_exchanges", "Exchanges by state", exchanges, tenant)
    by_channel = GaugeMetricFamily("passerelle_legs", "Legs by state", labels=["tenant", "transport", "state"])
    for (whose, transport, state), number in sorted(legs.items()):
        if whose == tenant:
            by_channel.add_metric([tenant, transport, state], number)
    yield by_channel
    yield _by_state("passerelle_notices", "Notifications to clients by state", notices, tenant)
    yield _by_state("passerelle_mails", "Mails collected, by what became of them", mails, tenant)
    yield _by_state("passerelle_replies", "Receipts and refusals to senders of mails, by state", replies, tenant)
    unread = GaugeMetricFamily("passerelle_inbox_unread", "Items of the inbox not acknowledged", labels=["tenant"])
    unread.add_metric([tenant], items.get(tenant, 0))
    yield unread
    yield from _room(door)
    yield GaugeMetricFamily(
        "passerelle_servers_closed", "Servers left alone for a while: they kept silent", value=closed
    )
    yield from _books(told, differing, tenant)
    asked = CounterMetricFamily(
        "passerelle_http_requests", "Requests this process answered, by status", labels=["tenant", "state"]
    )
    for status, number in sorted(door.counts.of(tenant).items()):
        asked.add_metric([tenant, str(status)], number)
    yield asked


def _room(door: Door) -> Iterable[Metric]:
    """What the whole gateway has left, as last looked at: no tenant's business in particular."""
    pressure = door.gateway.pressure
    for name, what, value in (
        ("passerelle_disk_free_bytes", "Room where things are recorded, the reserve not counted", pressure.free),
        ("passerelle_disk_full", "1 while the reserve is given back to a full disk", int(pressure.is_full)),
        ("passerelle_memory_bytes", "Memory this process holds", pressure.memory),
        ("passerelle_legs_unsent", "Legs of all that have not left yet, counted up to the limit", pressure.legs),
    ):
        yield GaugeMetricFamily(name, what, value=value)


def _books(told: Mapping[tuple[str, str], int], differing: Mapping[str, int], tenant: str) -> Iterable[Metric]:
    """What the audit log tells, added up by the worker every few minutes, and whether the tables said the same then."""
    for kind, name in (("exchange", "exchanges"), ("leg", "legs"), ("attempt", "attempts")):
        figures = {(tenant, state): number for (of, state), number in told.items() if of == kind}
        yield _by_state(f"passerelle_books_{name}", f"What the audit log tells of {name}, by state", figures, tenant)
    balanced = GaugeMetricFamily(
        "passerelle_books_balanced", "1 while the log and the tables say the same, 0 when not", labels=["tenant"]
    )
    balanced.add_metric([tenant], int(tenant not in differing))
    yield balanced


def _by_state(name: str, what: str, tally: Mapping[tuple[str, str], int], tenant: str) -> Metric:
    figures = GaugeMetricFamily(name, what, labels=["tenant", "state"])
    for (whose, state), number in sorted(tally.items()):
        if whose == tenant:
            figures.add_metric([tenant, state], number)
    return figures


class Measured(Collector):
    """Figures already read, in the form the library writes."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        return self._metrics
