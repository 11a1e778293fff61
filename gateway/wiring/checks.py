"""What `passerelle check` looks at beyond the settings themselves."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from gateway.config import BadSettings, EndpointSettings, MailboxSettings, Settings
from gateway.model.errors import GatewayError
from gateway.wiring.documents import converter_of
from gateway.wiring.endpoints import lines_to, lines_to_clients
from gateway.wiring.keys import secret_text, wall_clock
from gateway.wiring.words import Words

LOOK_S = 5.0


def check_dialects(settings: Settings, words: Words) -> None:
    """Raises BadSettings for each client or endpoint whose dialect no table tells."""
    spoken = {
        f"tenants.{tenant}.clients.{name}": client.dialect
        for tenant, known in settings.tenants.items()
        for name, client in known.clients.items()
    } | {f"endpoints.{name}": endpoint.dialect for name, endpoint in settings.endpoints.items()}
    problems = [
        f"{place}.dialect: no table tells {dialect}"
        for place, dialect in spoken.items()
        if dialect not in words.dialects.names
    ]
    if problems:
        raise BadSettings(problems)


def check_white_list(settings: Settings) -> None:
    """Raises Broken when the white list named cannot be read or is too old to be trusted."""
    from gateway.route import WhiteList

    if settings.white_list is None:
        return
    if not WhiteList.load(settings.white_list.file, settings.white_list.max_age).usable(wall_clock()):
        raise BadSettings([f"{settings.white_list.file}: older than white_list.max_age: every MSSanté leg is held"])


def check_certificates(settings: Settings) -> None:
    """Raises BadSettings for each client certificate that is unreadable, over, or over within 30 days."""
    problems = []
    showing: list[MailboxSettings | EndpointSettings] = [*settings.mailboxes, *settings.endpoints.values()]
    for shown in showing:
        if shown.certificate is None:
            continue
        try:
            password = secret_text(shown.certificate_password)
            held = load_pkcs12(shown.certificate.read_bytes(), password.encode() if password else None)
        except (OSError, ValueError):
            problems.append(f"{shown.certificate}: not a PKCS#12 file this password opens")
            continue
        if held.cert is None:
            problems.append(f"{shown.certificate}: holds no certificate")
        elif held.cert.certificate.not_valid_after_utc < wall_clock() + timedelta(days=30):
            problems.append(f"{shown.certificate}: ends on {held.cert.certificate.not_valid_after_utc:%Y-%m-%d}")
    if problems:
        raise BadSettings(problems)


def check_converter(settings: Settings) -> None:
    """Raises BadSettings when PDFs are to be converted and the program that does it is not there."""
    converter = converter_of(settings)
    if converter is not None and not converter.is_installed:
        raise BadSettings(["documents.converter: not installed here: PDFs leave as they came (Debian: ghostscript)"])


def check_connections(settings: Settings) -> None:
    """Raises BadSettings for each operator's server that takes no connection within 3 seconds."""
    problems = []
    for name, operator in settings.operators.items():
        for server in (operator.smtp, operator.imap):
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host, int(port)), timeout=3).close()
            except OSError as error:
                problems.append(f"operators.{name}: {server} does not answer ({type(error).__name__})")
    if problems:
        raise BadSettings(problems)


def check_endpoints(settings: Settings) -> None:
    """Raises BadSettings for each endpoint or callback that takes no connection within 5 seconds, or does not prove its
    name. Nothing is posted.
    """
    from gateway.deliver.address import AddressRefused, resolve
    from gateway.deliver.https import Https
    from gateway.deliver.line import CertificateRefused, LineDropped, NotSecure

    problems, https = [], Https(resolve)
    named = [
        *(
            (f"endpoints.{line.name}", line)
            for kind in ("fhir_server", "callback")
            for line in lines_to(settings, kind)
        ),
        *((f"tenants.{line.name}: callback", line) for line in lines_to_clients(settings)),
    ]
    for name, line in named:
        try:
            https.look(replace(line, attempt_s=LOOK_S))
        except (AddressRefused, NotSecure, CertificateRefused, LineDropped, GatewayError) as wrong:
            problems.append(f"{name}: {wrong}")
    if problems:
        raise BadSettings(problems)
