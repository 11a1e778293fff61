"""Which addresses we may connect to: an https URL read strictly, its name resolved once, every address checked.

What is checked is what is connected to: the name is not asked again, so a server of names that answers differently
the second time gains nothing (OWASP API7, SSRF).
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue

import idna

from gateway.deliver.line import LineDropped
from gateway.model.errors import Broken

Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Iterable[str]]
"""A host's addresses, in the order to try them. Raises OSError when it has none."""

_URL = re.compile(r"https://(\[[0-9A-Fa-f:.]+\]|[^][@:/?#\\%]+)(?::([0-9]{1,5}))?(/[!-~]*)?", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}#]")  # never in an URL (RFC 3986 §2); a fragment never leaves
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)

# IANA special-purpose registry; 168.63.129.16 answers for the platform of a public cloud.
_NOT_PUBLIC: tuple[Network, ...] = (
    *map(IPv4Network, ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"]),
    *map(IPv4Network, ["168.63.129.16/32", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"]),
    *map(IPv4Network, ["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"]),
    *map(IPv6Network, ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]),
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # outside it: loopback, mapped, NAT64, unique local, link-local, multicast


class AddressRefused(Exception):
    """The name leads to a network that the settings do not allow. Its text is ours and names no address."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an https URL leads: `host` in ASCII, without brackets; `path` begins with `/` and keeps its query."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


@lru_cache(maxsize=1024)
def read_url(url: str) -> Target:
    """Read an https URL as the settings give it, more strictly than a browser would.

    No user or password, no fragment, no percent sign in the host, no number that only looks like an address
    (`2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`). A name in other letters than ASCII is read by IDNA 2008.

    Raises Broken, without repeating the URL.
    """
    found = None if _UNFIT.search(url) else _URL.fullmatch(url)
    if found is None:
        raise Broken("An endpoint's url is not a plain https address", advice="Write https://host[:port]/path")
    port = int(found[2] or 443)
    if not 1 <= port <= 65535:
        raise Broken("An endpoint's port does not exist", advice="Write a port from 1 to 65535")
    path = found[3] or "/"
    return Target(_host(found[1]), port, path)


def _host(written: str) -> str:
    try:
        if written.startswith("["):
            return str(IPv6Address(written[1:-1]))
        name = written.lower() if written.isascii() else idna.encode(written, strict=True).decode("ascii")
        name = name.removesuffix(".")
        labels = name.split(".")
        if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
            raise ValueError
        return str(IPv4Address(name)) if _NUMBER.fullmatch(labels[-1]) else name
    except ValueError:  # idna.IDNAError and AddressValueError are ones
        raise Broken(
            "An endpoint's host is neither a name nor an address", advice="Write its name, or four decimal numbers"
        ) from None


def resolve(host: str) -> list[str]:
    """What the system says of a host, in the order it prefers (RFC 6724)."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def addresses(host: str, allowed: Sequence[Network], resolve: Resolve, *, until: float) -> list[str]:
    """Where that host may be connected to now: every address it has, in order, each checked.

    One forbidden address is enough to refuse them all: nobody honest mixes them.

    until  a point on the monotonic clock; a server of names that stays silent longer is not waited for.

    Raises AddressRefused, or LineDropped when there is no answer or none in time.
    """
    try:
        found = [ip_address(each) for each in _within(host, resolve, until)]
    except (OSError, ValueError):  # ValueError: a name that cannot be asked for, an answer that is no address
        raise LineDropped("its name is not known") from None
    if not found:
        raise LineDropped("its name is not known")
    if not all(is_permitted(each, allowed) for each in found):
        raise AddressRefused("its name leads to a network that is not allowed")
    return [str(each) for each in found]


def is_permitted(address: IPv4Address | IPv6Address, allowed: Sequence[Network]) -> bool:
    """Whether one address is public, or in a network the settings allow.

    IPv6 addresses that stand for an IPv4 one (mapped, NAT64, 6to4, Teredo) are never public: only their own range
    in `allowed` lets them pass.
    """
    if any(address in network for network in allowed):
        return True
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _GLOBAL_UNICAST):
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def _within(host: str, resolve: Resolve, until: float) -> Iterable[str]:
    """Ask in a thread of its own: the system's resolver knows no deadline."""
    said: SimpleQueue[Iterable[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            said.put(list(resolve(host)))
        except Exception as fault:
            said.put(fault)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = said.get(timeout=max(0.0, until - time.monotonic()))
    except Empty:
        raise LineDropped("its name is not known in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
