"""The white list kept fresh: fetched over https, the last good copy on disk.

Its server's certificate is of IGC-Santé, which no public root store holds: the chain comes from the settings.
"""

from __future__ import annotations

import os
import ssl
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from gateway.model.errors import Unreachable
from gateway.route.directory.whitelist import DEFAULT_AGE, SIZE_LIMIT, BadWhiteList, WhiteList

OFFICIAL = "https://espacedeconfiance.mssante.fr/listeblanchemssante.xml"
TIMEOUT = httpx.Timeout(10.0, connect=5.0)  # seconds; the caller tries again later, nothing waits for this


@dataclass(slots=True)
class FetchedWhiteList:
    """Where the list comes from (`url`, https only; `ca` PEM file) and where its last good copy is kept (`copy`)."""

    url: str
    ca: Path | None
    copy: Path
    max_age: timedelta = DEFAULT_AGE
    _held: WhiteList | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise BadWhiteList("its address is not https")

    def current(self) -> WhiteList | None:
        """The list in hand, from disk at first; None when there is no good copy. Its age is for `usable` to judge."""
        with self._lock:
            if self._held is None:
                try:
                    self._held = WhiteList.load(self.copy, self.max_age)
                except BadWhiteList:
                    return None
            return self._held

    def refresh(self, now: datetime) -> WhiteList:
        """Fetch it once; keep it if it is good and not older than the one in hand.

        Raises Unreachable (no answer, or not 200) or BadWhiteList (not a list, not of these days, older than ours, or
        good but impossible to write down).
        The last good copy stays in use either way.
        """
        body = self._fetched()
        new = WhiteList.load(body, self.max_age)
        if not new.usable(now):
            raise BadWhiteList("it was not made lately")
        held = self.current()
        if held is not None and new.generated_at < held.generated_at:
            raise BadWhiteList("it is older than the one in hand")
        with self._lock:
            self._held = new
            try:
                self._keep(body)
            except OSError:
                raise BadWhiteList("its copy cannot be written; it is used until the next start") from None
        return new

    def _keep(self, body: bytes) -> None:
        self.copy.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=self.copy.name, suffix=".part", dir=self.copy.parent)
        with os.fdopen(handle, "wb") as part:
            part.write(body)
        Path(name).replace(self.copy)

    def _fetched(self) -> bytes:
        context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        body = bytearray()
        try:
            with (
                httpx.Client(verify=context, timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", self.url, headers={"Accept-Encoding": "identity"}) as answer,
            ):
                if answer.status_code != 200:
                    raise Unreachable("The white list was not given", advice="Try again later")
                for chunk in answer.iter_raw():
                    body += chunk
                    if len(body) > SIZE_LIMIT:
                        raise BadWhiteList("it is larger than 64 MB")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise Unreachable("The white list's server did not answer", advice="Check the line and the CA") from error
        return bytes(body)
