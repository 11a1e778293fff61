"""One request for a page: who asks, may they, and what does their form say. The check before every page.

A stranger is led to the sign-in page, and back afterwards; a role that may not is refused, and the log tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.api import ANYONE, Door, Intake, Kind, Refused, Visitor
from gateway.journey.alarms import ALARMS, alarms
from gateway.journey.gateway import Gateway
from gateway.journey.sessions import whose_session
from gateway.web.cookies import Cookies, form_token, is_ours
from gateway.web.form import receive_form
from gateway.web.render import render
from gateway.web.roles import PAGES, may_open

NO_FORM: Mapping[str, str] = MappingProxyType({})


class SignInNeeded(Exception):
    """Nobody is signed in; `wanted` is the path to come back to."""

    def __init__(self, wanted: str) -> None:
        super().__init__("sign in first")
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Threshold:
    """Held by the pages' application: the door they share with the API, where forms come in, the cookies."""

    door: Door
    intake: Intake
    cookies: Cookies


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page knows of its request. `form` holds the fields of a POST, checked to come from a page of ours."""

    request: Request
    threshold: Threshold
    visitor: Visitor
    token: str
    form: Mapping[str, str]

    @property
    def gateway(self) -> Gateway:
        """The gateway behind the door."""
        return self.threshold.door.gateway

    @property
    def tenant(self) -> str:
        """Whose data it is; from the credential alone."""
        return self.visitor.tenant

    def may(self, page: str) -> bool:
        """Whether this role may open that page."""
        return bool(self.visitor.role) and may_open(self.visitor.role, page)

    def show(self, template: str, status: int = 200, **words: Any) -> Response:
        """A page, with what every page shows."""
        told = [ALARMS[code] for code in alarms(self.gateway)] if self.visitor.role == "admin" else []
        page = render(template, visitor=self.visitor, token=self.token, may=self.may, alarms=told, **words)
        return HTMLResponse(page, status)

    def go(self, path: str) -> Response:
        """Somewhere else, with GET."""
        return RedirectResponse(path, 303)


async def enter(request: Request) -> Visit:
    """The check before every page. Raises SignInNeeded, or Refused 403."""
    threshold: Threshold = request.app.state.threshold
    page = request.scope["route"].name
    roles = PAGES.get(page, frozenset())
    secret = threshold.cookies.session(request)
    credential = await run_in_threadpool(whose_session, threshold.door.gateway, secret) if secret else None
    visitor = Visitor()
    if credential is not None:
        visitor = Visitor(credential.tenant, credential.client, credential.role, credential.id)
        request.state.tenant = visitor.tenant
    if roles != ANYONE:
        if credential is None:
            raise SignInNeeded(request.url.path if request.method == "GET" else "/")
        if visitor.role not in roles:
            kind = Kind(visitor.tenant, visitor.caller.actor, "forbidden", f"page:{page}")
            await run_in_threadpool(threshold.door.refusals.add, kind)
            raise Refused(403, "forbidden")
    if credential is None:
        secret = threshold.cookies.before(request)
    form = NO_FORM
    if request.method == "POST":
        form = await receive_form(request, threshold.intake)
        if not is_ours(secret, form.get("jeton", "")):
            raise Refused(403, "form-expired")
    return Visit(request, threshold, visitor, form_token(secret) if secret else "", form)


Here = Annotated[Visit, Depends(enter)]
"""Parameter type of every page."""
