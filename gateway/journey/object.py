"""object: a patient's objection is recorded, or taken back. The gate asks before every attempt: it counts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.minting import mint_id
from gateway.journey.recall import aliases
from gateway.journey.steer import NotFound
from gateway.model.audit import Entry
from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.event import KINDS, RESERVED
from gateway.model.faults import Fault
from gateway.model.identity import Identifier, MailAddress, Rpps, Scheme
from gateway.model.objection import Objection
from gateway.model.people import Organization, Patient


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Objector(Patient):
    """A patient named by what identifies them. Without a status the INS counts as qualified: whoever records an
    objection has checked whose it is, and in doubt it must bar rather than not.
    """

    WHEN_KNOWN: ClassVar[tuple[str, ...]] = ()
    identity_status: Literal["qualified", "validated", "retrieved", "provisional"] = "qualified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Whom an objection bars: one key (`RPPS:10100054328`, `FINESS:…`, `LOCAL:system:value`, a mail address), or the
    same said as an event names a recipient.

    Raises Rejected `recipient-kind` unless exactly one way is used, or the fault of a malformed number.
    """

    SHORT: ClassVar[str] = "key"
    key: str | None = None
    rpps: Rpps | None = None
    finess: str | None = None
    siret: str | None = None
    ids: tuple[Identifier, ...] = ()
    mss: MailAddress | None = None

    def __post_init__(self) -> None:
        ways = (self.key, self.rpps, self.finess, self.siret, self.ids, self.mss)
        if sum(map(bool, ways)) != 1 or len(self.ids) > 1:
            raise Rejected([Fault("recipient-kind")])
        self.word()

    def word(self) -> str:
        """The key the gate compares with a recipient's own."""
        if self.rpps:
            return f"RPPS:{self.rpps.number}"
        if self.mss:
            return self.mss.key
        if self.key:
            return _checked(self.key)
        (one,) = Organization(ids=self.ids, finess=self.finess, siret=self.siret).identifiers
        return _key(one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is said to be refused; what is left out narrows nothing. `client` is the software that `local_id` belongs
    to, when it is not the caller's own.

    Raises Rejected `unknown-type` for an event type no event has or begins with.
    """

    patient: Objector
    recipient: Barred | None = None
    category: Literal["1", "2"] | None = None
    event_type: str | None = None
    client: str | None = None

    def __post_init__(self) -> None:
        if self.event_type is None:
            return
        stem = self.event_type.removesuffix("*").removesuffix(".")
        if not any(kind == stem or kind.startswith(f"{stem}.") for kind in RESERVED.union(KINDS)):
            raise Rejected([Fault("unknown-type", ("event_type",))])


def record_objection(gateway: Gateway, caller: Caller, statement: Statement) -> str:
    """Keep it; gives its id. From the commit on the gate bars what it covers, parcels that wait included."""
    now = gateway.clock()
    recipient = statement.recipient.word() if statement.recipient else None
    with gateway.store.unit() as unit:
        handle = unit.patients.handle(caller.tenant, aliases(statement.patient, statement.client or caller.client))
        objection = Objection(
            id=mint_id(now, gateway.draw),
            tenant=caller.tenant,
            patient=handle,
            recipient=recipient,
            category=statement.category,
            event_type=statement.event_type,
            at=now,
        )
        unit.objections.add(objection)
        unit.audit(
            Entry(
                kind="objection-recorded",
                at=now,
                tenant=caller.tenant,
                actor=caller.actor,
                patient=handle,
                facts={
                    "objection": objection.id,
                    "recipient": recipient or "",
                    "category": statement.category or "",
                    "event_type": statement.event_type or "",
                },
            )
        )
    return objection.id


def withdraw_objection(gateway: Gateway, caller: Caller, id: str) -> None:
    """The patient takes it back; harmless when that was done before. Raises NotFound."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        objection = unit.objections.get(caller.tenant, id)
        if objection is None:
            raise NotFound
        if objection.withdrawn_at is not None:
            return
        unit.objections.withdraw(caller.tenant, id, now)
        unit.audit(
            Entry(
                kind="objection-withdrawn",
                at=now,
                tenant=caller.tenant,
                actor=caller.actor,
                patient=objection.patient,
                facts={"objection": id},
            )
        )


def _checked(key: str) -> str:
    """The same key, if it is one. A key of nobody would bar nobody, in silence."""
    if "@" in key:
        return MailAddress(key).key
    scheme, _, value = key.partition(":")
    if scheme == "RPPS":
        return f"RPPS:{Rpps(value).number}"
    if scheme not in set(Scheme):
        raise BadIdentifier("recipient-kind")
    system, _, local = value.rpartition(":") if scheme == Scheme.LOCAL else (None, "", value)
    return _key(Identifier(Scheme(scheme), local, system or None))


def _key(identifier: Identifier) -> str:
    return ":".join(part for part in (identifier.scheme.value, identifier.system, identifier.value) if part)
