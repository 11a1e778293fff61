"""transact: a FHIR transaction becomes an exchange as an event does, in one commit.

It was validated before. Which event it tells may depend on what is known of the team: when that changes between the
reading and the commit, it is read again.
"""

from __future__ import annotations

from typing import Any

from gateway import translate
from gateway.journey.accept import Accepted, Moved, Telling, answered, record_rejection, take
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.recall import aliases
from gateway.model.errors import Rejected
from gateway.model.known import Known

DIALECT = "fhir"
"""What an exchange that came as a transaction says of its words."""
_TRIES = 5

Transacted = tuple[Accepted, tuple[tuple[str, str], ...]]


def transact(gateway: Gateway, caller: Caller, bundle: Any, body: bytes, *, key: str | None = None) -> Transacted:
    """Take one transaction in: `bundle` is the tree of `body`, which conforms to its profile.

    Gives what was accepted, and the type and logical id of each entry. Without an identifier of its own, the event's id
    is the digest of the Bundle: the same one again gets the first answer again.

    Raises Rejected with every fault, Duplicate, or Moved when others keep changing the team meanwhile.
    """
    try:
        mentioned = translate.speaks_of(bundle, gateway.terms)
        fingerprint = translate.fingerprint(body)
        id = mentioned.event or f"sha256-{fingerprint}"
        ids = translate.logical_ids(bundle, gateway.terms, issuer=_issuer(caller), id=id)
        if again := answered(gateway, caller, id, key, fingerprint):  # before it is compared with what it changed
            return again, ids
        for _ in range(_TRIES):
            try:
                understood = _read(gateway, caller, bundle, mentioned, id)
                told = Telling(
                    understood.event,
                    body,
                    fingerprint,
                    DIALECT,
                    understood.point,
                    understood.notices,
                    understood.against,
                )
                return take(gateway, caller, told, key), ids
            except Moved:
                continue
        raise Moved
    except Rejected as rejected:
        record_rejection(gateway, caller, body, rejected.faults)
        raise


def _read(
    gateway: Gateway, caller: Caller, bundle: Any, mentioned: translate.Mentioned, id: str
) -> translate.Understood:
    """The event, with as much of the memory as the transaction may speak of."""
    with gateway.store.glance() as unit:
        memory = unit.memory.of(caller.tenant, caller.client)
        handle = None
        if mentioned.patient is not None:
            handle = unit.patients.known(caller.tenant, aliases(mentioned.patient, caller.client))
        teams = (team for id in mentioned.ids if (team := memory.team(id)))
        plans = (plan for id in mentioned.ids if (plan := memory.plan(id)))
        known = Known(team=next(teams, None), plan=next(plans, None))
        reports = memory.reports_of(handle) if handle else ()
    client = gateway.clients.get(caller.tenant, {}).get(caller.client)
    return translate.read_transaction(
        bundle,
        known,
        gateway.terms,
        issuer=_issuer(caller),
        now=gateway.clock(),
        id=id,
        reports=reports,
        sender=client.sender if client else None,
    )


def _issuer(caller: Caller) -> str:
    return f"{caller.tenant}/{caller.client}"
