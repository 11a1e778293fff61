"""In with an API key, and out again. The key itself is never kept: the browser holds the session's secret alone."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.api import Kind
from gateway.journey.sessions import sign_in, sign_out
from gateway.web.cookies import form_token
from gateway.web.visit import Here, Visit

router = APIRouter()

_PATH = re.compile(r"/[a-z0-9/-]{0,200}", re.ASCII)
_KEY_LIMIT = 200


@router.get("/connexion", name="sign-in")
def ask(visit: Here, wanted: Annotated[str, Query(alias="suite", max_length=201)] = "/") -> Response:
    """The form; who is signed in already goes on."""
    return visit.go(_inside(wanted)) if visit.visitor.role else _form(visit, _inside(wanted))


@router.post("/connexion", name="sign-in")
def enter(visit: Here) -> Response:
    """Look at the key. A wrong one is refused and written into the log as at the API's door, many alike as one."""
    wanted, key = _inside(visit.form.get("suite", "/")), visit.form.get("cle", "")
    secret = sign_in(visit.gateway, key) if 0 < len(key) <= _KEY_LIMIT else None
    if secret is None:
        visit.threshold.door.refusals.add(Kind("", "anonymous", "unknown-key" if key else "no-key", "page:sign-in"))
        return _form(visit, wanted, refused=True)
    answer = visit.go(wanted)
    visit.threshold.cookies.keep_session(answer, secret)
    return answer


@router.post("/deconnexion", name="sign-out")
def leave(visit: Here) -> Response:
    """End the session, here and in the store."""
    secret = visit.threshold.cookies.session(visit.request)
    if secret:
        sign_out(visit.gateway, secret)
    answer = visit.go("/connexion?suite=/")
    visit.threshold.cookies.drop_session(answer)
    return answer


def _form(visit: Visit, wanted: str, *, refused: bool = False) -> Response:
    before = visit.threshold.cookies.before(visit.request) or visit.gateway.draw(24).hex()
    token = form_token(before)
    answer = visit.show("sign_in.html", 401 if refused else 200, wanted=wanted, refused=refused, form_token=token)
    visit.threshold.cookies.keep_before(answer, before)
    return answer


def _inside(wanted: str) -> str:
    """A page of ours to go to, never another place."""
    return wanted if _PATH.fullmatch(wanted) and not wanted.startswith("//") else "/"
