"""wiring: the only room that knows every concrete class. Settings → Gateway.

Nothing else opens a database, a certificate or a connection; tests replace a part by building another Gateway.
"""

from __future__ import annotations

from gateway.wiring.checks import (
    check_certificates,
    check_connections,
    check_converter,
    check_dialects,
    check_endpoints,
    check_white_list,
)
from gateway.wiring.documents import pdf_rules_of
from gateway.wiring.endpoints import endpoints_of
from gateway.wiring.keys import database_url, key_of_32, wall_clock
from gateway.wiring.lists import open_directory, open_routes, white_list_of
from gateway.wiring.mailboxes import Mailboxes
from gateway.wiring.opened import open_gateway, prepare_if_empty, shift_of
from gateway.wiring.packages import check_packages, install_packages, installed, packages_place, registries_of
from gateway.wiring.software import software_of
from gateway.wiring.transports import open_transports
from gateway.wiring.words import Words, data, open_terms, open_words

__all__ = [
    "Mailboxes",
    "Words",
    "check_certificates",
    "check_connections",
    "check_converter",
    "check_dialects",
    "check_endpoints",
    "check_packages",
    "check_white_list",
    "data",
    "database_url",
    "endpoints_of",
    "install_packages",
    "installed",
    "key_of_32",
    "open_directory",
    "open_gateway",
    "open_routes",
    "open_terms",
    "open_transports",
    "open_words",
    "packages_place",
    "pdf_rules_of",
    "prepare_if_empty",
    "registries_of",
    "shift_of",
    "software_of",
    "wall_clock",
    "white_list_of",
]
