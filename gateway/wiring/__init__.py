"""wiring: the only room that knows every concrete class. Settings → Gateway.

Nothing else opens a database, a certificate or a connection; tests replace a part by building another Gateway.
Its parts are imported when something of them is first asked for: who validates a file waits for no mailbox.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_PARTS = {
    "checks": (
        "check_certificates",
        "check_connections",
        "check_converter",
        "check_dialects",
        "check_endpoints",
        "check_white_list",
    ),
    "documents": ("pdf_rules_of",),
    "endpoints": ("endpoints_of",),
    "keys": ("database_url", "key_of_32", "wall_clock"),
    "lists": ("open_directory", "open_routes", "white_list_of"),
    "mailboxes": ("Mailboxes",),
    "opened": ("open_gateway", "prepare_if_empty", "shift_of"),
    "packages": ("check_packages", "install_packages", "installed", "packages_place", "registries_of"),
    "software": ("software_of",),
    "transports": ("open_transports",),
    "words": ("Words", "data", "open_terms", "open_words"),
}
_PART_OF = {name: part for part, names in _PARTS.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """What `__all__` names, from its part."""
        part = _PART_OF.get(name)
        if part is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{part}"), name)
