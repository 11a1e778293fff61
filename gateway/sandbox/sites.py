"""Software of the sandbox that is spoken to over https: a FHIR server, a partner's software, the practice's own ear.

fhir      takes transactions
partner   takes events, signed with its own secret
practice  is told what becomes of what the practice software sent, signed with another
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.sandbox.certificates import Certificates
from gateway.sandbox.fhir_server import FhirBox
from gateway.sandbox.listener import Listener
from gateway.sandbox.maildirs import write_whole
from gateway.sandbox.people import Person

LISTENERS = ("partner", "practice")


class Sites:
    """The three of them, below one directory, on the ports of last time when there was one. It must be closed.

    people  whose software it is: the FHIR server belongs to the structures, the partner's software to the professionals
    known   what `facts` said last time

    Raises Broken when a port of last time is taken.
    """

    def __init__(
        self, root: Path, certificates: Certificates, people: Sequence[Person], known: Mapping[str, Any]
    ) -> None:
        self._open = ExitStack()
        self.facts: dict[str, dict[str, Any]] = {}
        with ExitStack() as started:
            folder = root / "fhir"
            self.fhir = started.enter_context(FhirBox(folder, certificates, port=_port(known, "fhir")))
            self.facts["fhir"] = {"url": self.fhir.url, "ca": str(certificates.ca), "folder": str(folder)}
            for name in LISTENERS:
                self._listen(started, root, name, certificates, _port(known, name))
            self._open = started.pop_all()
        self.facts["fhir"]["for"] = [f"FINESS:{one.finess}" for one in people if one.type == "ORG"]
        self.facts["partner"]["for"] = [f"RPPS:{one.rpps}" for one in people if one.rpps]

    def _listen(self, started: ExitStack, root: Path, name: str, certificates: Certificates, port: int) -> None:
        folder, file = root / name, root / "secrets" / name
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            write_whole(file, b"whsec_" + base64.b64encode(secrets.token_bytes(32)), mode=0o600)
        listener = started.enter_context(Listener(folder, certificates, [file.read_text()], port=port))
        self.facts[name] = {
            "url": listener.url,
            "ca": str(certificates.ca),
            "folder": str(folder),
            "secret": str(file),
        }

    def close(self) -> None:
        """Nobody listens any more; what was received stays on disk."""
        self._open.close()


def _port(known: Mapping[str, Any], name: str) -> int:
    """The port of last time; 0, a free one, when there was none."""
    try:
        return urlsplit(known[name]["url"]).port or 0
    except (KeyError, TypeError, ValueError):
        return 0
