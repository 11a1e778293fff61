"""Notifications: what a practice software could not be told of its own exchanges, and what the sender of a mail could
not be told of it, for the admin who can help.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.record import Reply
from gateway.web.sentences import says
from gateway.web.visit import Here

router = APIRouter()

MOST_SHOWN = 200
PATIENTS = "patient.mssante.fr"  # Référentiel socle MSSanté #2, ECO.2.2.8

ABOUT: dict[str, str] = {
    "leg.state-changed": "Changement d'état d'un pli",
    "exchange.settled": "Échange terminé",
    "inbox.received": "Événement reçu",
}
"""What a software is told of, by the type of its notification."""


@router.get("/notifications", name="list-notices")
def show(visit: Here) -> Response:
    """Those given up, the newest first, and how many wait."""
    with visit.gateway.store.glance() as unit:
        failed = unit.notices.find(visit.tenant, state="failed", limit=MOST_SHOWN)
        pending = unit.notices.find(visit.tenant, state="pending", limit=MOST_SHOWN)
        replies = unit.replies.find(visit.tenant, state="failed", limit=MOST_SHOWN)
    return visit.show(
        "notices.html",
        failed=failed,
        pending=len(pending),
        replies=replies,
        most=MOST_SHOWN,
        about=ABOUT,
        says=says,
        address_of=address_of,
    )


def address_of(reply: Reply) -> str:
    """Whom it is for; a patient's address holds the matricule, of no use to an admin."""
    address = reply.destination or ""
    return "un patient" if address.endswith(f"@{PATIENTS}") else address
