"""What anyone may read: the way in, the accessibility statement, and what pages are dressed in."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api import Refused
from gateway.web.style import FOREVER, KINDS, read_style, style_address
from gateway.web.visit import Here

router = APIRouter()

_FIRST = (
    ("list-recipients", "/destinataires"),
    ("search-audit", "/journal"),
    ("list-exchanges", "/echanges"),
)
"""The first page a role opens: the first of these it may."""


@router.get("/", name="home")
def home(visit: Here) -> Response:
    """The page a role needs first; strangers sign in."""
    return visit.go(next((path for page, path in _FIRST if visit.may(page)), "/connexion"))


@router.get("/accessibilite", name="read-statement")
def read_statement(visit: Here) -> Response:
    """The accessibility statement (RGAA 4.1)."""
    return visit.show("statement.html")


@router.get("/habillage/{mark}/{name}", name="read-style")
def read(mark: str, name: str) -> Response:
    """Style sheet and script. The address names the bytes: another mark than theirs is not found."""
    if name not in KINDS or style_address(name) != f"/habillage/{mark}/{name}":
        raise Refused(404, "not-found")
    return Response(read_style(name), media_type=KINDS[name], headers={"Cache-Control": FOREVER})
