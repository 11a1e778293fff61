"""What one field of the settings says of another."""

from __future__ import annotations

from gateway.config.sections import Settings


def crossed(settings: Settings) -> list[tuple[tuple[str | int, ...], str]]:
    """What one field says of another."""
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    for index, mailbox in enumerate(settings.mailboxes):
        if mailbox.operator not in settings.operators:
            wrong.append((("mailboxes", index, "operator"), "no such operator"))
        if mailbox.tenant is not None and mailbox.tenant not in settings.tenants:
            wrong.append((("mailboxes", index, "tenant"), "no such tenant"))
        if mailbox.type == "APP" and mailbox.certificate is None:
            wrong.append((("mailboxes", index, "certificate"), "an APP mailbox opens with its certificate"))
        if mailbox.type != "APP" and mailbox.token is None:
            wrong.append((("mailboxes", index, "token"), "a PER or ORG mailbox opens with its owner's token"))
    for name, operator in settings.operators.items():
        if operator.attempt >= settings.work.lease:
            wrong.append((("operators", name, "attempt"), "must be shorter than work.lease"))
    server = settings.server
    if not _is_loopback(server.host) and not server.behind_proxy and not (server.tls_certificate and server.tls_key):
        wrong.append((("server", "host"), "another address than loopback needs TLS or behind_proxy: true"))
    return wrong


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
