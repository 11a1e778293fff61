"""Whose exchanges a command is about, and the gateway they are kept by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import Misused

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.gateway import Gateway

Tenant = Annotated[str | None, typer.Option("--tenant", help="Needed when the settings have several.")]


def open_tenant(settings: Settings, tenant: str | None) -> tuple[Gateway, str]:
    """The gateway and the tenant named, or the only one. Raises Misused when it is not clear, Broken, Unreachable."""
    from gateway.wiring import open_gateway

    if tenant is None and len(settings.tenants) > 1:
        raise Misused("Several tenants", advice=f"Name one with --tenant: {', '.join(settings.tenants)}")
    named = tenants_of(settings, tenant)
    return open_gateway(settings), named[0]


def tenants_of(settings: Settings, tenant: str | None) -> list[str]:
    """The tenant named, or all of the settings. Raises Misused when there is none of that name."""
    if tenant is not None and tenant not in settings.tenants:
        raise Misused("No such tenant", advice=f"One of: {', '.join(settings.tenants)}")
    return [tenant] if tenant else list(settings.tenants)
