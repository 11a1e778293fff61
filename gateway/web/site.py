"""The whole site: pages for people, and the HTTP door for software, side by side on one port."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import __version__
from gateway.api import Edge, Limits, Refused, Visitor, create_app, text_of
from gateway.journey.gateway import Gateway
from gateway.model.errors import Unreachable
from gateway.web import about, exchanges, journal, notices, recipients, redirecting, settling, sign_in, steering, sweeps
from gateway.web.cookies import Cookies
from gateway.web.form import form_intake
from gateway.web.render import render
from gateway.web.visit import SignInNeeded, Threshold

ROUTERS = tuple(
    page.router
    for page in (about, sign_in, recipients, exchanges, steering, redirecting, settling, sweeps, notices, journal)
)
SEGMENTS = frozenset({
    "", "connexion", "deconnexion", "destinataires", "echanges", "plis", "notifications", "journal", "accessibilite",
    "habillage",
})  # fmt: skip
"""First words of the pages' addresses; everything else is the API's."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}
"""What pages carry beyond what every answer of the door does (nosniff, no-store, no referrer)."""


class Site:
    """ASGI application: each request goes to the pages or to the API, by the first word of its path."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api, self._pages = api, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is not a request (the server starting) is the API's."""
        ours = scope["type"] == "http" and scope["path"].partition("/")[2].partition("/")[0] in SEGMENTS
        await (self._pages if ours else self._api)(scope, receive, send)


def create_site(gateway: Gateway, *, limits: Limits, secure: bool) -> Site:
    """The HTTP door with the pages at `/`. It opens nothing and closes nothing.

    secure  True when people reach it over TLS, by itself or by a proxy in front: cookies then never travel without
    """
    api = create_app(gateway, limits=limits)
    threshold = Threshold(api.state.door, form_intake(limits.retry_after), Cookies(secure))
    return Site(api, _pages(threshold, secure))


def _pages(threshold: Threshold, secure: bool) -> FastAPI:
    pages = FastAPI(
        title="Passerelle", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    pages.state.threshold = threshold
    for router in ROUTERS:
        pages.include_router(router)
    pages.add_middleware(Edge, door=threshold.door, say=_say)
    pages.add_middleware(_Safe, secure=secure)
    _say_no(pages)
    return pages


class _Safe:
    """The headers of pages, on every answer, also on those that say no."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = SAFE_HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, answer)


def _say_no(pages: FastAPI) -> None:
    """Every way a page may end badly, as a page that says what to do next."""

    def on(kind: type[Exception], told: Callable[[Exception], Refused]) -> None:
        async def answer(request: Request, error: Exception) -> Response:
            return _say(request, told(error))

        pages.add_exception_handler(kind, answer)

    async def sign_in_first(request: Request, error: Exception) -> Response:
        assert isinstance(error, SignInNeeded)
        address = "/connexion" if error.wanted == "/" else f"/connexion?suite={error.wanted}"
        if "hx-request" in request.headers:  # htmx would put the sign-in page into a part of the one shown
            return Response(status_code=401, headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)

    on(Refused, lambda error: error)  # type: ignore[arg-type, return-value]
    on(Unreachable, lambda _: Refused(503, "unavailable"))
    on(RequestValidationError, lambda _: Refused(404, "not-found"))
    on(HTTPException, lambda error: _of_framework(error))
    pages.add_exception_handler(SignInNeeded, sign_in_first)


def _of_framework(error: Exception) -> Refused:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return Refused(405, "method-not-allowed", headers=error.headers)
    return Refused(404, "not-found")


def _say(request: Request, refused: Refused) -> Response:
    """A page that says no: why, what to do, and the number to quote."""
    text = text_of(refused.code).about(refused.about)
    page = render(
        "refused.html",
        visitor=Visitor(),
        token="",
        may=lambda _: False,
        status=refused.status,
        text=text,
        request_id=getattr(request.state, "request_id", ""),
    )
    return HTMLResponse(page, refused.status, refused.headers)
