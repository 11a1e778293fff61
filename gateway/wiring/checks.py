"""What `passerelle check` looks at beyond the settings themselves."""

from __future__ import annotations

import socket
from datetime import timedelta

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from gateway.config import BadSettings, Settings
from gateway.wiring.keys import secret_text, wall_clock


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
    for box in settings.mailboxes:
        if box.certificate is None:
            continue
        try:
            password = secret_text(box.certificate_password)
            held = load_pkcs12(box.certificate.read_bytes(), password.encode() if password else None)
        except (OSError, ValueError):
            problems.append(f"{box.certificate}: not a PKCS#12 file this password opens")
            continue
        if held.cert is None:
            problems.append(f"{box.certificate}: holds no certificate")
        elif held.cert.certificate.not_valid_after_utc < wall_clock() + timedelta(days=30):
            problems.append(f"{box.certificate}: ends on {held.cert.certificate.not_valid_after_utc:%Y-%m-%d}")
    if problems:
        raise BadSettings(problems)


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
