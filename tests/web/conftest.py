"""The pages in front of a whole gateway, on a real port; people sign in with their keys."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Thread

import httpx
import pytest

from gateway.api import Limits, listen
from gateway.web import create_site
from tests.api.conftest import CLIENT, OURS, House, build, house, template, words
from tests.web import story

__all__ = ["build", "house", "template", "words"]

_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]+)"')


@dataclass
class Browser:
    """A browser without JavaScript: it follows forms and keeps cookies."""

    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        """A page, wherever it leads."""
        return self.http.get(path, follow_redirects=True)

    def token(self, path: str) -> str:
        """What the forms of that page carry."""
        found = _TOKEN.search(self.get(path).text)
        assert found is not None, path
        return found[1]

    def post(
        self, path: str, fields: dict[str, str] | None = None, *, page: str = "", follow: bool = True
    ) -> httpx.Response:
        """A form of a page, sent; `page` is where it stands when it is not at `path`."""
        data = {**(fields or {}), "jeton": self.token(page or path)}
        return self.http.post(path, data=data, follow_redirects=follow)

    def sign_in(self, key: str) -> httpx.Response:
        """In, with a key."""
        return self.post("/connexion", {"cle": key, "suite": "/"})


Enter = Callable[..., Browser]
"""(role, tenant, client) → someone signed in."""


@contextmanager
def pages(house: House, *, secure: bool = False, limits: Limits | None = None) -> Iterator[str]:
    """The address of a real server of the site."""
    site = create_site(house.gateway, limits=limits or Limits(refusals_every=0.05), secure=secure)
    server = listen(site, host="127.0.0.1", port=0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def browser(address: str) -> Iterator[Browser]:
    """Someone with a browser, not signed in."""
    with httpx.Client(base_url=address, verify=False) as http:
        yield Browser(http)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The site of a house."""
    with pages(house) as at:
        yield at


@pytest.fixture
def stranger(address: str) -> Iterator[Browser]:
    """Someone with a browser, not signed in."""
    with browser(address) as one:
        yield one


@pytest.fixture
def told(house: House) -> dict[str, str]:
    """The story of our tenant: ids of exchanges by a word."""
    return story.tell(house)


@pytest.fixture
def enter(address: str, house: House) -> Iterator[Enter]:
    """Signs people of a role in, each with a browser of their own."""
    with ExitStack() as opened:

        def sign_in(role: str, tenant: str = OURS, client: str = CLIENT) -> Browser:
            one = opened.enter_context(browser(address))
            assert one.sign_in(house.key(role, tenant, client)).status_code == 200
            return one

        yield sign_in


@pytest.fixture
def admin(enter: Enter, told: dict[str, str]) -> Browser:
    """The admin of our tenant, where something has happened."""
    return enter("admin")
