"""Forms nobody's page sends are refused in milliseconds, with a page, and leave the site standing."""

from __future__ import annotations

import socket

import pytest

from tests.web.conftest import Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"jeton=x&" + b"a=" + b"b" * 20_000, 413),
        (b"&".join(b"f%d=1" % number for number in range(60)), 422),
        (b"jeton=%ff", 422),
        (b"jeton=\xff", 422),
        (b"jeton=1&jeton=2", 422),
        (b"jeton=1&cle=a%00b", 422),
        (b"jeton=1&cle=a%0d%0ab", 422),
        (b"", 403),
        (b"&&&=&=", 422),
        (b"%" * 1000, 403),
    ],
)
def test_a_form_no_page_sends_is_refused(body: bytes, status: int, stranger: Browser) -> None:
    answer = stranger.http.post("/connexion", content=body, headers=FORM)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert stranger.http.get("/connexion").status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_another_kind_of_body_is_refused(kind: str, stranger: Browser) -> None:
    assert stranger.http.post("/connexion", content=b"jeton=x", headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("cookie", ["x", "é", "a" * 5000, '"', "\udcff"])
def test_a_cookie_of_no_session_is_a_stranger(cookie: str, stranger: Browser) -> None:
    answer = stranger.http.get(
        "/destinataires", headers={"Cookie": b"passerelle-session=" + cookie.encode("utf-8", "surrogateescape")}
    )
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/destinataires", "/echanges", "/journal", "/connexion", "/deconnexion"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_no_page_knows_is_refused(method: str, path: str, stranger: Browser) -> None:
    answer = stranger.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/echanges?suite=x", "/echanges?suite=-1", "/echanges?etat=" + "x" * 300, "/journal/preuve/x"]
)
def test_an_address_no_page_gives_is_not_found(path: str, admin: Browser) -> None:
    assert admin.get(path).status_code in (403, 404)


@pytest.mark.parametrize("target", ["*", "//", "//evil.test/connexion", "/%2e%2e/connexion", "/connexion/"])
def test_a_target_that_is_no_path_is_answered_and_the_site_stands(target: str, address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = line.makefile("rb").readline()
    assert said.split()[1] in (b"400", b"404"), said
