"""The drop folders the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config import Settings

if TYPE_CHECKING:
    from gateway.journey.gateway import Drop


def open_drops(settings: Settings) -> tuple[Drop, ...]:
    """One for each client that has a folder; a file may be as large as a body of the HTTP door."""
    from gateway.deliver.drop import DropFolder
    from gateway.journey.gateway import Drop

    return tuple(
        Drop(tenant, name, client.dialect, DropFolder(client.folder, max_bytes=settings.server.body_limit))
        for tenant, known in settings.tenants.items()
        for name, client in known.clients.items()
        if client.folder
    )
