"""A software that takes parcels over https, as the settings name it: where it is, and what we allow it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gateway.deliver.address import Network, Target, read_url
from gateway.deliver.mailboxes import MEGABYTE
from gateway.deliver.signature import keys_of
from gateway.model.errors import Broken

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)  # b64token, RFC 6750 §2.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One place to post to. Its address comes from the settings and from nowhere else.

    url             https, and nothing a browser would guess at; a redirection is never followed.
    ca              PEM file of the authorities its certificate must come from, and no other; None: the machine's own.
    certificate     PKCS#12 file we show, with its password if it has one; read again when it is renewed.
    token           shown as `Authorization: Bearer`.
    secrets         of a callback, at least one, the newest first: each signs (Standard Webhooks).
    allow_networks  networks its name may lead to besides public ones.
    max_bytes       largest parcel it takes; larger ones are refused here.
    connect_s       for one try of the connection, seconds; the tries take ten seconds at most.
    attempt_s       for the whole of one attempt, from the name to the last byte of the answer, seconds.

    Raises Broken when these do not fit together.
    """

    name: str
    kind: Literal["fhir_server", "callback"]
    url: str = field(repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    certificate_password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    allow_networks: tuple[Network, ...] = ()
    max_bytes: int = 20 * MEGABYTE
    connect_s: float = 5.0
    attempt_s: float = 60.0

    def __post_init__(self) -> None:
        read_url(self.url)
        for secret in self.secrets:
            keys_of(secret)
        if self.kind == "callback" and not self.secrets:
            raise Broken(f"Callback {self.name} has no secret", advice="Name its secret in the settings")
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise Broken(f"The token of {self.name} is none", advice="Put nothing but the token where the settings say")

    @property
    def target(self) -> Target:
        """Where the url leads."""
        return read_url(self.url)
