"""The FHIR package registry protocol: npm's, read only. `GET {registry}/{id}` lists versions, `…/{version}` a .tgz."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.model.errors import GatewayError, Unreachable
from gateway.validate.packages.wanted import can_be_named

LARGEST_LIST = 30_000_000  # bytes
LARGEST = 1_000_000_000  # bytes of one archive
_CONNECTING_S = 10.0
_TRIES = 3  # of one archive, each going on where the last was cut


class NotThere(GatewayError):
    """The registry has no such package, or not that version."""

    code = "package-not-found"


class NotOffered(Unreachable):
    """The registry answered, and with something else than what was asked."""

    code = "registry-faulty"


@dataclass(frozen=True, slots=True)
class Offer:
    """One version a registry has: where its archive is, and the SHA-1 it tells of it ("" when none)."""

    id: str
    version: str
    url: str
    sha1: str


class Registry:
    """One registry. `client` is closed by who made it (see `registry_client`)."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url, self._client = url.rstrip("/"), client

    def offers(self, id: str) -> dict[str, Offer]:
        """Every version of a package it has, and `latest` where it says which that is.

        Raises NotThere; Unreachable when it cannot be asked or answers nonsense.
        """
        with self._asked(f"{self.url}/{id}", {}) as answer:
            told = self._list(answer)
        versions = told.get("versions")
        if not isinstance(versions, dict):
            raise NotOffered(f"{self.url} lists no versions of {id}", advice="Is it a FHIR package registry")
        named = {version: one for version, one in versions.items() if can_be_named(id, version)}
        offers = {version: self._offer(id, version, one) for version, one in named.items()}
        tags = told.get("dist-tags")
        latest = tags.get("latest") if isinstance(tags, dict) else None
        return offers | ({"latest": offers[latest]} if isinstance(latest, str) and latest in offers else {})

    def fetch(self, offer: Offer, part: Path, told: Callable[[int, int | None], None]) -> None:
        """The archive of an offer into a file, going on where an earlier try was cut (RFC 9110 §14).

        told  bytes so far, and how many there are when the registry says so

        Raises Unreachable after a few tries; what has come is kept. NotThere when it is gone.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return self._fetch_once(offer, part, told)
            except Unreachable as cut:
                if isinstance(cut, NotOffered) or attempt == _TRIES:
                    raise
        raise AssertionError

    def _fetch_once(self, offer: Offer, part: Path, told: Callable[[int, int | None], None]) -> None:
        mark = part.with_name(part.name + ".etag")
        have = part.stat().st_size if part.is_file() else 0
        etag = mark.read_text("utf-8") if have and mark.is_file() else ""
        if have and not (etag or offer.sha1):  # nothing would tell that the rest is of another file
            have = 0
        headers = {"Range": f"bytes={have}-"} | ({"If-Range": etag} if etag else {}) if have else {}
        with self._asked(offer.url, headers | {"Accept-Encoding": "identity"}) as answer:
            if answer.status_code == 416:
                part.unlink()
                raise Unreachable(f"{self.url} does not go on with {offer.id}", advice="Try again")
            if answer.status_code != 206 or _begin(answer) != have:
                have = 0
            mark.write_text(_strong(answer.headers.get("ETag", "")), "utf-8")
            length = answer.headers.get("Content-Length", "")
            total = have + int(length) if length.isdecimal() else None
            with part.open("ab" if have else "wb") as out:
                for piece in answer.iter_raw():
                    have += len(piece)
                    if have > LARGEST:
                        raise NotOffered(f"The archive of {offer.id} has no end", advice="Fetch it by other means")
                    out.write(piece)
                    told(have, total)
        if total is not None and have < total:
            raise Unreachable(f"{self.url} was cut off", advice="Try again: what has come is kept")
        mark.unlink()

    @contextmanager
    def _asked(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        advice = "Check the connection and the proxy, or name another registry with --registry"
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code in (404, 410):
                    raise NotThere(f"{self.url} has no {urlsplit(url).path}", advice="Check the name and the version")
                if answer.status_code not in (200, 206, 416):
                    raise Unreachable(f"{self.url} answers HTTP {answer.status_code}", advice="Try again later")
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
            if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                raise
            raise Unreachable(f"{self.url} does not answer ({type(error).__name__})", advice=advice) from error

    def _list(self, answer: httpx.Response) -> Mapping[str, Any]:
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LARGEST_LIST:
                break
        try:
            told = json.loads(bytes(body)) if len(body) <= LARGEST_LIST else None
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise NotOffered(f"{self.url} does not answer as a registry", advice="Check its address")
        return told

    def _offer(self, id: str, version: str, told: Any) -> Offer:
        dist = told.get("dist") if isinstance(told, dict) else None
        dist = dist if isinstance(dist, dict) else {}
        url, sha1 = dist.get("tarball"), dist.get("shasum")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            url = f"{self.url}/{id}/{version}"  # some registries tell no `dist`
        return Offer(id, version, url, sha1.lower() if isinstance(sha1, str) else "")


@contextmanager
def registry_client(url: str, patience_s: float) -> Iterator[httpx.Client]:
    """A client that follows a few redirections, never from https to http; proxies are those of the environment.

    patience_s  seconds without a byte; a slow line is no fault
    """

    def watch(request: httpx.Request) -> None:
        if url.startswith("https:") and request.url.scheme != "https":
            raise httpx.UnsupportedProtocol("from https to http")

    hooks = {"request": [watch]}
    timeout = httpx.Timeout(patience_s, connect=min(patience_s, _CONNECTING_S))
    with httpx.Client(
        verify=_trust(), timeout=timeout, follow_redirects=True, max_redirects=5, event_hooks=hooks
    ) as client:
        yield client


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The authorities every registry's certificate is checked by; slow to read."""
    return httpx.create_ssl_context()


def _begin(answer: httpx.Response) -> int:
    """The first byte of a partial answer; -1 when it does not say."""
    unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else -1


def _strong(etag: str) -> str:
    return etag if etag.startswith('"') and etag.isascii() and etag.isprintable() else ""
