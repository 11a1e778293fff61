"""What one field of the settings says of another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.config.sections import Settings
from gateway.journey.claims import LONGEST as LONGEST_STEP

TOO_LONG = "must be shorter than 15 minutes: no claim is renewed for longer"

Wrong = tuple[tuple[str | int, ...], str]
"""The place of a field, and what is wrong with it."""


def crossed(settings: Settings) -> list[Wrong]:
    """What one field says of another."""
    wrong = [*_mailboxes(settings), *_endpoints(settings), *_clients(settings)]
    for name, operator in settings.operators.items():
        if operator.attempt >= LONGEST_STEP:
            wrong.append((("operators", name, "attempt"), TOO_LONG))
    if settings.documents.pdf == "convert" and settings.documents.convert_within >= LONGEST_STEP:
        wrong.append((("documents", "convert_within"), TOO_LONG))
    if settings.database_password and not re.match(r"postgresql://[^:@/]+@", settings.database):
        wrong.append((("database_password",), "goes with postgresql://USER@HOST/NAME, without a password in it"))
    server = settings.server
    if not _is_loopback(server.host) and not server.behind_proxy and not (server.tls_certificate and server.tls_key):
        wrong.append((("server", "host"), "another address than loopback needs TLS or behind_proxy: true"))
    return wrong


def _mailboxes(settings: Settings) -> Iterator[Wrong]:
    for index, mailbox in enumerate(settings.mailboxes):
        place = ("mailboxes", index)
        if mailbox.operator not in settings.operators:
            yield (*place, "operator"), "no such operator"
        if mailbox.tenant is not None and mailbox.tenant not in settings.tenants:
            yield (*place, "tenant"), "no such tenant"
        if mailbox.type == "APP" and mailbox.certificate is None:
            yield (*place, "certificate"), "an APP mailbox opens with its certificate"
        if mailbox.type != "APP" and mailbox.token is None:
            yield (*place, "token"), "a PER or ORG mailbox opens with its owner's token"
        if mailbox.client is not None:
            whose = [mailbox.tenant] if mailbox.tenant else list(settings.tenants)
            clients = settings.tenants[whose[0]].clients if len(whose) == 1 and whose[0] in settings.tenants else {}
            if mailbox.client not in clients:
                yield (*place, "client"), "no such client of the mailbox's tenant"


def _endpoints(settings: Settings) -> Iterator[Wrong]:
    taken: dict[tuple[str, str], str] = {}
    for name, endpoint in settings.endpoints.items():
        place = ("endpoints", name)
        if endpoint.attempt >= LONGEST_STEP:
            yield (*place, "attempt"), TOO_LONG
        if endpoint.kind == "callback" and endpoint.secret is None:
            yield (*place, "secret"), "a callback signs with a secret"
        for field in ("secret", "dialect") if endpoint.kind == "fhir_server" else ():
            if field in endpoint.model_fields_set:
                yield (*place, field), "goes with kind: callback only"
        for who in endpoint.stands_for:
            other = taken.setdefault((endpoint.kind, who), name)
            if other != name:
                yield (*place, "for"), f"{who} is already under endpoint {other} of the same kind"


def _clients(settings: Settings) -> Iterator[Wrong]:
    folders: set[str] = {str(settings.folder)} if settings.folder else set()
    for tenant, known in settings.tenants.items():
        for name, client in known.clients.items():
            place = ("tenants", tenant, "clients", name)
            if client.callback and client.secret is None:
                yield (*place, "secret"), "a callback signs with a secret"
            if client.callback is None:
                for field in ("secret", "ca", "allow_networks"):
                    if field in client.model_fields_set:
                        yield (*place, field), "goes with a callback only"
            if client.folder is not None:
                if str(client.folder) in folders:
                    yield (*place, "folder"), "this folder is somebody else's already"
                folders.add(str(client.folder))


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
