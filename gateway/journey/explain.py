"""explain: what would happen to an event, and why; nothing is stored and nothing leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gateway.journey.gateway import Origin
from gateway.journey.legs import Planned
from gateway.journey.parcels import outgrown
from gateway.journey.view import reason

if TYPE_CHECKING:
    from gateway.route import Choices


def explained(
    planned: Iterable[Planned], choices: Choices, document: int = 0, origin: Origin | None = None
) -> dict[str, Any]:
    """Each leg with the rule that chose it and the gate's word, who is not addressed, which routes did not match.

    document, origin  bytes of the event's document, and the mailbox it leaves from: what a leg cannot carry is told
    """
    return {
        "legs": [
            {
                "recipient": {
                    "kind": leg.choice.addressee.kind,
                    "id": leg.choice.addressee.id,
                    "name": leg.choice.addressee.name,
                },
                "address": leg.address,
                "address_because": leg.found.because if leg.found else None,
                "endpoint": leg.endpoint.name if leg.endpoint else None,
                "chosen_because": leg.choice.chosen_because,
                "route": leg.choice.route,
                "transport": leg.choice.transport,
                "mode": leg.choice.mode,
                "too_large": _too_large(leg, document, origin),
                "gate": {
                    "verdict": leg.decision.verdict.value,
                    "rule": leg.decision.rule,
                    "reason": reason(leg.decision.reason),
                    "checked": [{"rule": rule, "ok": ok} for rule, ok in leg.decision.checked],
                },
            }
            for leg in planned
        ],
        "not_addressed": [
            {"name": person.name, "id": person.who, "reason": reason(person.reason)} for person in choices.not_addressed
        ],
        "not_matched": [{"route": name, "because": because} for name, because in choices.not_matched],
    }


def _too_large(leg: Planned, document: int, origin: Origin | None) -> Mapping[str, str] | None:
    limit = outgrown(leg, origin, document) if origin and leg.destination else None
    return reason("too-large", limit) if limit else None
