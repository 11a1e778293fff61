"""directory: from a choice to a mailbox or an endpoint, and the list of domains that belong to the trust space.

The list kept fresh over https is `fetched.py`, which only the wiring opens.
"""

from __future__ import annotations

from gateway.route.directory.endpoints import BY_ENDPOINT, Endpoint, EndpointKind, Endpoints
from gateway.route.directory.extraction import Extraction
from gateway.route.directory.found import Directory, Found, Unlisted
from gateway.route.directory.rows import BadExtraction
from gateway.route.directory.whitelist import BadWhiteList, WhiteList

__all__ = [
    "BY_ENDPOINT",
    "BadExtraction",
    "BadWhiteList",
    "Directory",
    "Endpoint",
    "EndpointKind",
    "Endpoints",
    "Extraction",
    "Found",
    "Unlisted",
    "WhiteList",
]
