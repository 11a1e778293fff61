"""api: the HTTP door. `create_app(gateway, limits=…)` gives the ASGI application; it decides nothing by itself;
`listen` puts it on a port.

The pages stand on the same threshold: who asks (`Visitor`), what a role may do (`MATRIX`), what is refused and how that
is written down (`Refused`, `Kind`), how bodies come in (`Intake`) and what every answer carries (`Edge`).
"""

from __future__ import annotations

from gateway.api.app import create_app
from gateway.api.callers import ANYONE, MATRIX, Visitor
from gateway.api.door import Door, Limits
from gateway.api.edge import Edge
from gateway.api.exchanges import read_exchange, shown_to
from gateway.api.intake import Intake
from gateway.api.listen import listen
from gateway.api.problem import Refused, text_of
from gateway.api.refusals import Kind

__all__ = [
    "ANYONE",
    "MATRIX",
    "Door",
    "Edge",
    "Intake",
    "Kind",
    "Limits",
    "Refused",
    "Visitor",
    "create_app",
    "listen",
    "read_exchange",
    "shown_to",
    "text_of",
]
