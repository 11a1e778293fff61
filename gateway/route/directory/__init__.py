"""directory: from a choice to a mailbox, and the list of domains that belong to the trust space."""

from __future__ import annotations

from gateway.route.directory.extraction import Extraction
from gateway.route.directory.fetched import FetchedWhiteList
from gateway.route.directory.found import Directory, Found, Unlisted
from gateway.route.directory.rows import BadExtraction
from gateway.route.directory.whitelist import BadWhiteList, WhiteList

__all__ = [
    "BadExtraction",
    "BadWhiteList",
    "Directory",
    "Extraction",
    "FetchedWhiteList",
    "Found",
    "Unlisted",
    "WhiteList",
]
