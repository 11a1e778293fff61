"""What every store names as waiting for a person: of one tenant, what is held and what leads to nobody, no more."""

from __future__ import annotations

from gateway.model.dossier import Exchange
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Cause, Store
from tests.record.rows import entry, exchange, leg

E = ExchangeState


def keep(store: Store, state: ExchangeState, reason: str | None, *held: str, tenant: str = "cpts") -> Exchange:
    one = exchange(state=state, reason=reason, tenant=tenant)
    with store.unit() as unit:
        unit.exchanges.open(one)
        unit.legs.add([leg(one, n, state=LegState.HELD, reason=why) for n, why in enumerate(held, 1)])
        unit.audit(entry(one))
    return one


def test_what_waits_for_a_person_is_named_by_its_cause_the_most_frequent_first(store: Store) -> None:
    keep(store, E.ACCEPTED, None)
    keep(store, E.CANCELLED, "superseded")
    keep(store, E.PREPARED, "poison")
    oldest = keep(store, E.PREPARED, None, "no-address", "no-address")
    poisoned, lost = keep(store, E.HELD, "poison", "bounced"), keep(store, E.UNROUTED, "no-route")
    for state, reason in ((E.HELD, "poison"), (E.UNROUTED, "no-route"), (E.ACCEPTED, None)):
        keep(store, state, reason, "no-address", tenant="another")
    with store.glance() as unit:
        assert unit.causes.of("cpts") == (
            Cause("leg", "held", "no-address", None, 2, oldest.id),
            Cause("exchange", "unrouted", "no-route", None, 1, lost.id),
            Cause("exchange", "held", "poison", None, 1, poisoned.id),
            Cause("leg", "held", "bounced", None, 1, poisoned.id),
        )
