"""Whose exchanges a command is about, and the gateway they are kept by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import Misused, refuse

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.gateway import Gateway

Tenant = Annotated[str | None, typer.Option("--tenant", help="Needed when the settings have several.")]


def open_tenant(settings: Settings, tenant: str | None) -> tuple[Gateway, str]:
    """The gateway and the tenant named, or the only one. Ends the command with exit code 2 when it is not clear."""
    from gateway.wiring import open_gateway

    if tenant is None and len(settings.tenants) > 1:
        refuse(
            Misused("Several tenants", advice=f"Name one with --tenant: {', '.join(settings.tenants)}"), as_json=False
        )
    if tenant is not None and tenant not in settings.tenants:
        refuse(Misused("No such tenant", advice=f"One of: {', '.join(settings.tenants)}"), as_json=False)
    return open_gateway(settings), tenant or next(iter(settings.tenants))
