"""What the browser keeps: the secret of a session, or before one the secret of a sign-in form; and what forms carry.

Over TLS the names begin with `__Host-` (RFC 6265bis §4.1.3.2): no other host, no other path, never without TLS.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

SECRET_LIMIT = 200  # characters; what a browser claims to keep is not believed to be ours


@dataclass(frozen=True, slots=True)
class Cookies:
    """secure  True when people reach the pages over TLS: then no cookie ever travels without it"""

    secure: bool

    def session(self, request: Request) -> str | None:
        """The secret of a session, as the browser says it."""
        return self._read(request, "session")

    def before(self, request: Request) -> str | None:
        """The secret given with the sign-in form."""
        return self._read(request, "sign-in")

    def keep_session(self, response: Response, secret: str) -> None:
        """Give the browser its session, and take back what came before it."""
        self._keep(response, "session", secret)
        self._drop(response, "sign-in")

    def keep_before(self, response: Response, secret: str) -> None:
        """Give the browser what its sign-in form is checked with."""
        self._keep(response, "sign-in", secret)

    def drop_session(self, response: Response) -> None:
        """Take the session back."""
        self._drop(response, "session")

    def _name(self, what: str) -> str:
        return f"{'__Host-' if self.secure else ''}passerelle-{what}"

    def _read(self, request: Request, what: str) -> str | None:
        secret = request.cookies.get(self._name(what))
        return secret if secret and len(secret) <= SECRET_LIMIT else None

    def _keep(self, response: Response, what: str, secret: str) -> None:
        # no lifetime: it goes with the browser; the store ends it earlier
        response.set_cookie(self._name(what), secret, path="/", httponly=True, secure=self.secure, samesite="strict")

    def _drop(self, response: Response, what: str) -> None:
        response.delete_cookie(self._name(what), path="/", httponly=True, secure=self.secure, samesite="strict")


def form_token(secret: str) -> str:
    """What each form of a page carries (OWASP: synchroniser token): only a page of that session knows it."""
    return hmac.digest(secret.encode("utf-8", "surrogateescape"), b"passerelle/form", "sha256").hex()


def is_ours(secret: str | None, token: str) -> bool:
    """Whether a form came from a page of that session."""
    return secret is not None and hmac.compare_digest(form_token(secret).encode(), token.encode("utf-8", "replace"))
