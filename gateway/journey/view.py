"""An exchange as people see it: the one JSON form behind the HTTP answers, the CLI and the demo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import AWAITED, PROOF, PROOF_FR
from gateway.model.facts import places_in_french
from gateway.model.reasons import REASONS


def show(exchange: Exchange, legs: Iterable[Leg]) -> dict[str, Any]:
    """The contract's Exchange: state, legs, and for each leg why, until when, and what its state proves."""
    return {
        "id": exchange.id,
        "type": exchange.type,
        "event_id": exchange.event_id,
        "client": exchange.client,
        "state": exchange.state.value,
        "reason": reason(exchange.reason, exchange.detail),
        "accepted_at": stamp(exchange.accepted_at),
        "legs": [show_leg(leg) for leg in legs],
    }


def show_leg(leg: Leg) -> dict[str, Any]:
    """One leg of the contract's Exchange."""
    proves, not_ = PROOF[leg.state]
    fr, fr_not = PROOF_FR[leg.state]
    return {
        "n": leg.n,
        "recipient": {"kind": leg.recipient_kind, "id": leg.recipient_id, "name": leg.recipient_name},
        "address": leg.destination,
        "chosen_because": leg.chosen_because,
        "transport": leg.transport,
        "state": leg.state.value,
        "since": stamp(leg.since),
        "until": stamp(leg.give_up) if leg.state in AWAITED else None,
        "proves": {"en": proves, "fr": fr},
        "does_not_prove": {"en": not_, "fr": fr_not},
        "reason": reason(leg.reason, leg.detail),
        "code": leg.code,
        "message_id": leg.message_id,
        "stands_for": leg.stands_for,
        "settled": None
        if leg.settled is None
        else {"at": stamp(leg.settled.at), "by": leg.settled.by, "how": leg.settled.how},
        "receipt": None
        if leg.receipt is None
        else {
            "kind": leg.receipt.kind,
            "disposition": leg.receipt.disposition,
            "action": leg.receipt.action,
            "at": stamp(leg.receipt.at),
            "proves": proves,
            "does_not_prove": not_,
        },
        "attempts": [
            {
                "n": attempt.n,
                "at": stamp(attempt.at),
                "outcome": attempt.outcome,
                "code": attempt.code,
                "detail": attempt.detail,
            }
            for attempt in leg.attempts
        ],
        "next_at": stamp(leg.due),
    }


def reason(code: str | None, about: str | None = None) -> Mapping[str, str] | None:
    """A reason's code with its French and English text, the remedy and who can fix it.

    about  the word some texts have a place for: a limit, a dialect, the carrier's answer
    """
    if code is None:
        return None
    text = REASONS[code].about(about or "")
    in_french = places_in_french(about.split(", ")) if about and code == "incoherent" else about
    return {
        "code": code,
        "fr": REASONS[code].about(in_french or "").fr,
        "en": text.en,
        "remedy": text.remedy_fr,
        "remedy_en": text.remedy_en,
        "who_can_fix": text.who,
    }


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339, UTC, to the millisecond."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
