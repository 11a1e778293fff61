"""api: the HTTP door. `create_app(gateway, limits=…)` gives the ASGI application; it decides nothing by itself;
`listen` puts it on a port.
"""

from __future__ import annotations

from gateway.api.app import create_app
from gateway.api.door import Limits
from gateway.api.listen import listen

__all__ = ["Limits", "create_app", "listen"]
