"""The MSSanté white list: the mail domains of the trust space, and no other.

A domain is in the trust space because it stands here, whole: never because of its suffix.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import idna
from lxml import etree

from gateway.model.errors import Broken

NAMESPACE = "https://listeblanche.mssante.fr/schema"
SIZE_LIMIT = 64 << 20  # bytes; the list of 2026 holds 8,655 domains in about 5 MB
DEFAULT_AGE = timedelta(hours=72)
SKEW = timedelta(hours=24)  # a list from further in the future was not made by a clock

_DATE, _DOMAIN, _NAME = (f"{{{NAMESPACE}}}{tag}" for tag in ("DateDeGeneration", "Domaine", "Nom"))


class BadWhiteList(Broken):
    """The bytes are not a white list that can be relied on."""

    code = "bad-white-list"

    def __init__(self, what: str) -> None:
        super().__init__(f"The white list cannot be used: {what}", advice="Keep the last good one and fetch it again")


@dataclass(frozen=True, slots=True)
class WhiteList:
    """The domains allowed (lower case, A-labels), and when the list was made.

    max_age  older than this, it is not `usable`: legs are held rather than judged on it
    sha256   of the file it came from, for the audit log
    """

    domains: frozenset[str] = field(repr=False)
    generated_at: datetime
    max_age: timedelta = DEFAULT_AGE
    sha256: str = ""

    @classmethod
    def load(cls, source: Path | bytes, max_age: timedelta = DEFAULT_AGE) -> WhiteList:
        """Read the national XML. Raises BadWhiteList: not XML, a DTD, another schema, no date, no domain, too large."""
        body = source if isinstance(source, bytes) else _bytes(source)
        if len(body) > SIZE_LIMIT:
            raise BadWhiteList("it is larger than 64 MB")
        root = _parsed(body)
        if not isinstance(root.tag, str) or not root.tag.startswith(f"{{{NAMESPACE}}}"):
            raise BadWhiteList("it is of another schema")
        names = (ascii_domain(name.text or "") for one in root.iter(_DOMAIN) for name in one.findall(_NAME))
        domains = frozenset(name for name in names if name is not None)
        if not domains:
            raise BadWhiteList("it holds no domain")
        return cls(domains, _generated(root), max_age, hashlib.sha256(body).hexdigest())

    def allows(self, domain: str) -> bool:
        """True when that very domain is listed; case and Unicode form do not matter, subdomains are not implied."""
        name = ascii_domain(domain)
        return name is not None and name in self.domains

    def usable(self, now: datetime) -> bool:
        """True while it is young enough to be relied on."""
        return now - self.max_age <= self.generated_at <= now + SKEW


def ascii_domain(name: str) -> str | None:
    """A domain as mail carries it (IDNA 2008 A-labels, lower case); None when it is not one."""
    name = name.strip().lower()
    if not 0 < len(name) <= 253:
        return None
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError:
        raise BadWhiteList("the file cannot be read") from None


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise BadWhiteList("it is not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadWhiteList("it has a DTD")
    return root


def _generated(root: etree._Element) -> datetime:
    text = (root.findtext(_DATE) or "").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadWhiteList("its date of generation cannot be read") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Paris"))
