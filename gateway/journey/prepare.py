"""prepare: an accepted event becomes its FHIR form, its documents and one parcel per recipient, kept for good.

Everything is made here once, with the exchange's own seed: a retry sends the same bytes under the same Message-ID.
A fault found here is ours, not the sender's: the exchange is held for a person, nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gateway import pack, route, translate
from gateway.journey.archival import with_archival
from gateway.journey.coherence import differing, gathered
from gateway.journey.conformance import Nonconformant, hold_to_profiles
from gateway.journey.gateway import Gateway, Origin
from gateway.journey.legs import Planned, plan_legs
from gateway.journey.minting import mint_message_id
from gateway.journey.parcels import Forms, is_mail, limit_of, outgrown, server_of, size_in_words, write_parcel
from gateway.journey.quarantine import POISON, hold, is_poison
from gateway.journey.received_by import NOBODY, Received, received_by
from gateway.journey.supersede import subject_of, supersede
from gateway.journey.uploaded import document_size, named_content, taken_upload, with_content
from gateway.model import form
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.errors import Unreachable
from gateway.model.event import Event, ReportCancelled, ReportReplaced, ReportShared, read_event
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.known import Known

if TYPE_CHECKING:
    from gateway.record import Job, Unit, Upload


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` made of one exchange, before it is written."""

    contents: Mapping[str, bytes]
    legs: tuple[Leg, ...]
    audit: tuple[Entry, ...]


NOTHING_KEPT: Mapping[str, bytes] = MappingProxyType({})

_SOON = timedelta(seconds=5)
_STATE = {
    route.Verdict.PERMIT: LegState.WAITING,
    route.Verdict.HOLD: LegState.HELD,
    route.Verdict.DENY: LegState.DENIED,
}


def prepare(gateway: Gateway, worker: str) -> bool:
    """Prepare the next exchange that waits, if any. True when there was one."""
    with gateway.store.unit() as unit:
        job = unit.jobs.claim("prepare", worker, gateway.clock(), gateway.pace.lease)
        if job is None:
            return False
        exchange = unit.exchanges.get(job.tenant, job.exchange)
        if exchange is None or exchange.state is not ExchangeState.ACCEPTED:
            unit.jobs.done(job)  # settled by a person, or by a worker whose lease ran out after its commit
            return True
        if is_poison(gateway, job):
            unit.jobs.done(job)
            hold(unit, exchange, POISON, exchange.type, gateway.clock(), f"worker:{worker}", died=str(job.lost))
            return True
        try:
            event = read_event(json.loads(unit.contents.get(job.tenant, job.exchange, "event")))
            known = form.read(Known, json.loads(unit.contents.get(job.tenant, job.exchange, "known")))
        except Unreachable:
            raise
        except Exception as defect:  # what cannot even be opened must not stay first in the queue
            unit.jobs.done(job)
            hold(unit, exchange, "broken", type(defect).__name__, gateway.clock(), f"worker:{worker}")
            return True
        objections = unit.objections.active(job.tenant, exchange.patient)
        received = received_by(unit, job.tenant, exchange.client, event, known)
    with gateway.claims.keeping(job):
        now = gateway.clock()
        try:
            origin = gateway.origins.of(exchange.tenant, event.sender)
            upload = taken_upload(gateway, exchange.tenant, exchange.id) if named_content(event) else None
            planned, _ = plan_legs(
                event,
                known,
                tenant=exchange.tenant,
                client=exchange.client,
                patient=exchange.patient,
                routes=gateway.routes,
                directory=gateway.directory,
                white_list=gateway.white_list(),
                objections=objections,
                origin=origin.address if origin else None,
                now=now,
                endpoints=gateway.endpoints,
                received=received.receivers,
            )
            made = make(gateway, exchange, event, known, planned, origin, now, worker, received, upload)
        except Unreachable as away:  # the database: it is not the event's fault
            with gateway.store.unit() as unit:
                unit.jobs.again(job, gateway.clock() + _SOON, away.code)
            return True
        except Exception as defect:  # whatever it is, it must not stop the others nor lose this one
            _hold(gateway, job, exchange, defect, worker)
            return True
        _commit(gateway, job, exchange, made, worker)
        return True


def make(
    gateway: Gateway,
    exchange: Exchange,
    event: Event,
    known: Known,
    planned: tuple[Planned, ...],
    origin: Origin | None,
    now: datetime,
    worker: str,
    received: Received = NOBODY,
    upload: Upload | None = None,
    kept: Mapping[str, bytes] = NOTHING_KEPT,
) -> Prepared:
    """The Bundle, the documents when a mail needs them, and one parcel per leg that may leave.

    upload  the document the event names; it is fetched when some leg can carry it, and not before
    kept    documents of the exchange made before, by their name: they travel again, byte for byte
    """
    size = document_size(event, upload)
    carriers = [plan for plan in planned if plan.destination and not (origin and outgrown(plan, origin, size))]
    if upload is not None and carriers:
        event = with_content(gateway, event, upload)  # nobody else could find it by its digest
    converted: tuple[Entry, ...] = ()
    if carriers and "archive" not in kept:
        event, converted = with_archival(gateway, exchange, event, now, worker)
        size = document_size(event, None)
    issuer = f"{exchange.tenant}/{exchange.client}"
    bundle = translate.to_bundle(event, known, gateway.terms, issuer=issuer)
    contents: dict[str, bytes] = {}
    packed = None
    page_stands = isinstance(event, ReportShared | ReportReplaced) and event.report.document is None
    if page_stands or any(is_mail(plan) for plan in carriers):
        minted = pack.Minted(UUID(exchange.id), now)
        packed = pack.pack(
            event, known, gateway.terms, minted, gateway.software, gateway.team_type, received.carried, issuer
        )
        packed = _as_kept(packed, kept)
        contents = {"cda": packed.cda, "pdf": packed.pdf, "archive": packed.archive}
        if page_stands:  # the page we made stands for the document
            bundle = translate.with_document(bundle, packed.pdf, "application/pdf", gateway.terms)
    hold_to_profiles(gateway, event, bundle)
    contents["bundle"] = kept.get("bundle") or _json(bundle)
    facts = gathered(event, bundle, packed, gateway.terms)
    source = gateway.source(exchange.tenant, exchange.client)
    alone = contents["bundle"]
    if isinstance(event, ReportReplaced):
        first = translate.without_older(bundle)
        hold_to_profiles(gateway, event, first)
        alone = _json(first)
    forms = Forms(
        event=event, bundle=contents["bundle"], alone=alone, servers=received.servers, packed=packed, source=source
    )
    legs, entries = [], [*converted]
    subject = subject_of(event, known, exchange.client)
    for n, plan in enumerate(planned, start=1):
        leg = replace(_leg(gateway, exchange, plan, n, now, origin), subject=subject)
        if leg.message_id is not None and origin is not None:
            leg, parcel = _with_parcel(gateway, forms, plan, leg, origin, now, size)
            if parcel is not None:
                contents[f"parcel/{n}"] = parcel
                leg = _coherent(leg, differing(gateway, event, plan, facts, parcel))
        legs.append(leg)
        entries.append(_decided(leg, plan, exchange, now, worker))
    return Prepared(contents, tuple(legs), tuple(entries))


def _as_kept(packed: pack.Packed, kept: Mapping[str, bytes]) -> pack.Packed:
    """The same documents as those that were made before, where there are some."""
    if "archive" not in kept:
        return packed
    pdf = kept["pdf"]
    also = tuple(replace(one, pdf=pdf) for one in packed.also)
    return replace(packed, cda=kept["cda"], pdf=pdf, archive=kept["archive"], also=also)


def _with_parcel(
    gateway: Gateway, forms: Forms, plan: Planned, leg: Leg, origin: Origin, now: datetime, document: int
) -> tuple[Leg, bytes | None]:
    """The leg and its parcel; held without one when there can be none, which only this recipient suffers from."""
    if limit_in_words := outgrown(plan, origin, document):
        return _unsendable(leg, "too-large", limit_in_words), None
    try:
        parcel = write_parcel(gateway, forms, plan, leg, origin, now)
    except translate.MappingFault:
        return _unsendable(leg, "not-in-dialect", plan.endpoint.dialect if plan.endpoint else ""), None
    limit = limit_of(plan, origin)
    if len(parcel) > limit:
        return _unsendable(leg, "too-large", size_in_words(limit)), None
    return leg, parcel


def _coherent(leg: Leg, places: tuple[str, ...]) -> Leg:
    """The leg, held when what it carries contradicts itself; its parcel is kept, for a person may release it."""
    if not places:
        return leg
    return replace(leg, state=LegState.HELD, reason="incoherent", detail=", ".join(places), due=None)


def _unsendable(leg: Leg, reason: str, about: str) -> Leg:
    return replace(leg, state=LegState.HELD, reason=reason, detail=about, message_id=None, due=None)


def _leg(gateway: Gateway, exchange: Exchange, plan: Planned, n: int, now: datetime, origin: Origin | None) -> Leg:
    choice, decision = plan.choice, plan.decision
    sender = origin.address.text if origin and choice.transport == "mssante" else choice.transport
    state = _STATE[decision.verdict]
    sendable = plan.destination is not None and state is not LegState.DENIED
    domain = origin.address.domain if origin else "passerelle.invalid"
    return Leg(
        tenant=exchange.tenant,
        exchange=exchange.id,
        n=n,
        lane="|".join((exchange.tenant, exchange.patient, choice.transport, plan.destination or choice.addressee.id)),
        transport=choice.transport,
        origin=sender,
        destination=plan.destination,
        recipient_kind=choice.addressee.kind,
        recipient_id=choice.addressee.id,
        recipient_name=choice.addressee.name,
        chosen_because=choice.chosen_because,
        case=route.case_tree(plan.case),
        server=server_of(plan, origin),
        state=state,
        since=now,
        message_id=mint_message_id(domain, gateway.draw) if sendable else None,
        reason=decision.reason,
        due=now if state is LegState.WAITING else None,
        give_up=now + sum(gateway.pace.schedule, timedelta()) if state is LegState.WAITING else None,
    )


def _decided(leg: Leg, plan: Planned, exchange: Exchange, now: datetime, worker: str) -> Entry:
    return Entry(
        kind="leg-created",
        at=now,
        tenant=leg.tenant,
        actor=f"worker:{worker}",
        exchange=leg.exchange,
        leg=leg.n,
        patient=exchange.patient,
        facts={
            "state": leg.state.value,
            "verdict": plan.decision.verdict.value,
            "rule": plan.decision.rule,
            "reason": leg.reason or "",
            "route": plan.choice.route or "",
            "transport": leg.transport,
            "recipient": leg.recipient_id,
            "partner": leg.partner,
            **({"places": leg.detail or ""} if leg.reason == "incoherent" else {}),
        },
    )


def _commit(gateway: Gateway, job: Job, exchange: Exchange, made: Prepared, worker: str) -> None:
    state, reason = ExchangeState.PREPARED, None
    if not made.legs and exchange.type == ReportCancelled.type:
        reason = "nobody-received"  # nothing is missing: there is nobody to tell
    elif not made.legs:
        state, reason = ExchangeState.UNROUTED, "no-route"
    with gateway.store.unit() as unit:
        current = unit.exchanges.get(exchange.tenant, exchange.id)
        if current is None or current.state is not ExchangeState.ACCEPTED:
            unit.jobs.done(job)
            return
        if made.legs:  # what is kept never changes: an unrouted exchange is made anew when a person retries it
            unit.contents.put_all(exchange.tenant, exchange.id, dict(made.contents))
        unit.legs.add(made.legs)
        supersede(unit, made.legs, gateway.clock(), worker)
        unit.exchanges.move(exchange.tenant, exchange.id, state, reason=reason)
        unit.jobs.done(job)
        for entry in made.audit:
            unit.audit(entry)
        _moved(unit, exchange, state, reason, gateway.clock(), worker)


def _hold(gateway: Gateway, job: Job, exchange: Exchange, defect: Exception, worker: str) -> None:
    reason, cause, said = "broken", type(defect).__name__, {}
    if isinstance(defect, Nonconformant):
        reason, cause, said = "nonconformant", defect.told, {"places": defect.told}
    gateway.notice("exchange held", exchange=exchange.id, reason=reason, defect=type(defect).__name__, **said)
    with gateway.store.unit() as unit:
        current = unit.exchanges.get(exchange.tenant, exchange.id)
        unit.jobs.done(job)
        if current is None or current.state is not ExchangeState.ACCEPTED:
            return  # cancelled meanwhile: there is nothing to hold
        hold(unit, current, reason, cause, gateway.clock(), f"worker:{worker}", **said)


def _moved(
    unit: Unit,
    exchange: Exchange,
    state: ExchangeState,
    reason: str | None,
    now: datetime,
    worker: str,
) -> None:
    unit.audit(
        Entry(
            kind="exchange-moved",
            at=now,
            tenant=exchange.tenant,
            actor=f"worker:{worker}",
            exchange=exchange.id,
            facts={"from": exchange.state.value, "state": state.value, "reason": reason or ""},
        )
    )


def _json(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
