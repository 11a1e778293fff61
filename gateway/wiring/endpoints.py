"""The software of recipients and of our own clients that is reached over https."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.config import Settings
from gateway.journey.gateway import Client
from gateway.wiring.keys import secret_text

if TYPE_CHECKING:
    from gateway.deliver.endpoint import Endpoint
    from gateway.route import Endpoints


def endpoints_of(settings: Settings | None) -> Endpoints:
    """Whom each endpoint of the settings stands for, as routes and the gate ask."""
    from gateway.route import Endpoint, Endpoints

    return Endpoints(
        tuple(
            Endpoint(
                name=name,
                kind=one.kind,
                url=one.url,
                stands_for=frozenset(one.stands_for),
                dialect=one.dialect,
                max_bytes=one.max_size,
            )
            for name, one in (settings.endpoints.items() if settings else ())
        )
    )


def lines_to(settings: Settings, kind: str) -> list[Endpoint]:
    """How each endpoint of that kind is reached. Raises BadSettings or Broken."""
    from gateway.deliver.endpoint import Endpoint

    return [
        Endpoint(
            name=name,
            kind=one.kind,
            url=one.url,
            ca=one.ca,
            certificate=one.certificate,
            certificate_password=secret_text(one.certificate_password),
            token=secret_text(one.token),
            secrets=tuple(filter(None, map(secret_text, one.secret or ()))),
            allow_networks=one.allow_networks,
            max_bytes=one.max_size,
            attempt_s=one.attempt.total_seconds(),
        )
        for name, one in settings.endpoints.items()
        if one.kind == kind
    ]


def lines_to_clients(settings: Settings) -> list[Endpoint]:
    """How our own clients' callbacks are reached, each under `tenant/client`. Raises BadSettings or Broken."""
    from gateway.deliver.endpoint import Endpoint

    return [
        Endpoint(
            name=f"{tenant}/{name}",
            kind="callback",
            url=client.callback,
            ca=client.ca,
            secrets=tuple(filter(None, map(secret_text, client.secret or ()))),
            allow_networks=client.allow_networks,
            attempt_s=min(60.0, settings.work.lease.total_seconds() / 2),
        )
        for tenant, known in settings.tenants.items()
        for name, client in known.clients.items()
        if client.callback
    ]


def clients_of(settings: Settings) -> dict[str, dict[str, Client]]:
    """Every software of every tenant, as the journey needs to know it."""
    return {
        tenant: {
            name: Client(client.dialect, client.callback is not None, _sender(client.sender))
            for name, client in known.clients.items()
        }
        for tenant, known in settings.tenants.items()
    }


def _sender(number: str | None) -> dict[str, Any] | None:
    """Whom a number of the settings names, as an event has it."""
    if number is None:
        return None
    scheme, _, value = number.partition(":")
    if scheme == "RPPS":
        return {"rpps": value}
    ids = {"ids": [{"scheme": scheme, "value": value}]}
    return ids if scheme == "ADELI" else {"organization": ids}
