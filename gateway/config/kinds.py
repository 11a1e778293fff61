"""How values are written in the settings: durations, addresses, host:port, references to secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.model.errors import BadIdentifier
from gateway.model.identity import MailAddress

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    if isinstance(value, str):
        if value in ("1y", "2y", "3y"):
            return timedelta(days=365 * int(value[0]))
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|d)", value):
            return timedelta(**{_UNITS[match[2]]: float(match[1])})
    raise ValueError("a duration is a number and a unit: 30s, 5m, 72h, 7d, 1y")


def _address(value: str) -> str:
    try:
        return MailAddress(value).text
    except BadIdentifier:
        raise ValueError("not a mail address") from None


def _host_port(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+:\d{1,5}", value):
        raise ValueError("write host:port")
    return value


def _network(value: object) -> object:
    if isinstance(value, str):
        try:
            return ip_network(value)
        except ValueError:
            pass
    raise ValueError("a network is an address and a length: 10.20.0.0/16, 127.0.0.1/32")


def _line(value: str) -> str:
    if len(value) > 200 or not value.isprintable():
        raise ValueError("one line of at most 200 printable characters")
    return value.strip()


def _many(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


def _not_none(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("say at least one")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, AfterValidator(_address)]
Line = Annotated[str, AfterValidator(_line)]
"""Words that stand in a header or on a page."""
HostPort = Annotated[str, AfterValidator(_host_port)]
SecretRef = Annotated[str, Field(pattern=r"^(file|env):.+$")]
SecretRefs = Annotated[tuple[SecretRef, ...], BeforeValidator(_many), AfterValidator(_not_none)]
"""One reference, or several: the newest first, each signs, so that a secret can be changed without losing a call."""
HttpsUrl = Annotated[str, Field(pattern="^https://")]
Registry = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
"""Of FHIR packages. `http://` is for one of your own network: what it serves is checked by checksum."""
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
NationalId = Annotated[str, Field(pattern=r"^(RPPS|ADELI|FINESS|SIREN|SIRET|RPPS-RANG|ADELI-RANG):[0-9A-Za-z]{5,20}$")]
"""Whom exchanges show: `FINESS:750000002`, `RPPS:10100054328`."""
