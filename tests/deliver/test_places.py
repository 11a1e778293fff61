"""The real servers the other tests lean on start anywhere and leave nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.places import operator


def test_an_operator_that_is_closed_is_gone() -> None:
    why = operator.missing()
    if why:
        pytest.skip(why)
    with operator.open_operator("gone.mssante.test", ["app"]) as place:
        home = place.postfix.home.parent
        ports = [place.postfix.smtp_port, place.postfix.token_port, place.dovecot.imap_port]
        masters = [
            int((home / "postfix/queue/pid/master.pid").read_text()),
            int((home / "dovecot/run/master.pid").read_text()),
        ]
    assert not home.exists()
    for port in ports:
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
    for pid in masters:
        status = Path(f"/proc/{pid}/status")
        assert not status.exists() or "State:\tZ" in status.read_text()  # a zombie is init's to bury
