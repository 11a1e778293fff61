"""The IMAP side of an operator: pymap on the Maildirs, with STARTTLS and three ways to prove whose mailbox it is.

EXTERNAL    the client certificate's e-mail name is the mailbox (RFC 4422 appendix A); an empty identity means that one
PLAIN, LOGIN  the address, any password, and the same certificate: for operators that do not offer EXTERNAL
XOAUTH2     a personal mailbox and its token

pymap parses a stored mail and writes it again when it is fetched; ours gives back the bytes on disk.
"""

from __future__ import annotations

from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from contextvars import ContextVar
from datetime import datetime
from mailbox import MaildirMessage
from pathlib import Path
from secrets import compare_digest
from ssl import SSLContext

from proxyprotocol.sock import SocketInfo
from pymap.backend.maildir import Config, FilterSet, Session
from pymap.backend.maildir.layout import MaildirLayout
from pymap.backend.maildir.mailbox import MailboxSet, Maildir
from pymap.context import connection_exit
from pymap.exceptions import AuthorizationFailure, InvalidAuth, NotAllowedError
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.parsing.response import CommandResponse, ResponseOk
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials, ExternalVerificationRequired
from pysasl.creds.server import ServerCredentials

from gateway.sandbox.maildirs import Maildirs
from gateway.sandbox.submission import names_in

_shown: ContextVar[frozenset[str] | None] = ContextVar("shown", default=None)
"""Mailboxes the client certificate of this connection stands for; None before STARTTLS."""


class Imap:
    """The IMAP server of one operator; called for each connection (`asyncio.start_server`)."""

    def __init__(
        self, *, domain: str, maildirs: Maildirs, listening: SSLContext, token_of: Callable[[str], str | None]
    ) -> None:
        self._config = _Config(
            Namespace(passlib_cfg=None, proxy_protocol="noop"),
            base_dir="", layout="++", colon=None, host=None, port=0, ssl_context=listening, invalid_user_sleep=0.0,
            reject_dnsbl=False,
        )  # fmt: skip
        self._config.domain = domain
        self._login = _Login(self._config, maildirs, token_of)

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection to its end."""
        _shown.set(None)
        info = SocketInfo.get(writer, None)
        connection = _Connection(self._config.commands, self._config, reader, writer, info)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(_State(self._login, self._config))


class _Config(Config):
    domain: str = ""

    @property
    def tls_auth(self) -> SASLAuth:
        """The ways to sign in once the line is encrypted."""
        return SASLAuth.named([b"EXTERNAL", b"XOAUTH2", b"PLAIN"])

    @property
    def greeting(self) -> bytes:
        """The first line a client reads."""
        return f"{self.domain} ready".encode("ascii")


class _State(ConnectionState):
    async def do_greeting(self) -> CommandResponse:
        """Greet, and offer no sign-in yet: pymap offers passwords in clear to loopback, an operator never does."""
        return ResponseOk(b"*", self.config.greeting, self.capability)


class _Connection(IMAPConnection):
    async def start_tls(self) -> None:
        """Encrypt the line, and note whose certificate the client has shown."""
        await super().start_tls()
        _shown.set(names_in(self.writer.get_extra_info("peercert") or {})[0])


class _Login(LoginInterface):
    def __init__(self, config: _Config, maildirs: Maildirs, token_of: Callable[[str], str | None]) -> None:
        self._config, self._maildirs, self._token_of = config, maildirs, token_of
        self._tokens = AllTokens(config)

    @property
    def tokens(self) -> AllTokens:
        """pymap's own tokens, which nobody is given here."""
        return self._tokens

    async def authenticate(self, credentials: ServerCredentials) -> _Identity:
        """The mailbox these credentials open. Raises InvalidAuth when they open none."""
        shown = _shown.get()
        if shown is None:
            raise InvalidAuth()
        address = self._proven(credentials, shown)
        if address is None or not self._maildirs.holds(address) or not f".{address}".endswith(self._config.domain):
            raise InvalidAuth()
        return _Identity(address, self._config, self._maildirs.path(address))

    def _proven(self, credentials: ServerCredentials, shown: frozenset[str]) -> str | None:
        if not isinstance(credentials, ExternalCredentials):
            return credentials.authcid.lower() if credentials.authcid.lower() in shown else None
        claimed = credentials.authzid.lower()
        try:
            credentials.verify(None)
        except ExternalVerificationRequired as said:
            if said.token is not None:
                token = self._token_of(claimed)
                return claimed if token is not None and compare_digest(token.encode(), said.token.encode()) else None
        if not claimed and len(shown) == 1:
            return next(iter(shown))
        return claimed if claimed in shown else None

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> _Identity:
        """Nobody acts for another mailbox. Raises AuthorizationFailure."""
        if not isinstance(authenticated, _Identity) or authzid.lower() not in ("", authenticated.name):
            raise AuthorizationFailure()
        return authenticated


class _Identity(IdentityInterface):
    def __init__(self, name: str, config: _Config, path: Path) -> None:
        self._name, self._config, self._path = name, config, path

    @property
    def name(self) -> str:
        """The mailbox's address."""
        return self._name

    @property
    def roles(self) -> frozenset[str]:
        """Nobody has any."""
        return frozenset()

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[Session]:
        """The mailbox's folders, read from disk anew."""
        layout = MaildirLayout.get(str(self._path), self._config.layout, _Untouched)
        mailboxes = MailboxSet(_Untouched(str(self._path), create=False), layout)
        yield Session(self._name, self._config, mailboxes, FilterSet(layout.path))

    async def new_token(self, *, expiration: datetime | None = None) -> str | None:
        """None: the sandbox gives no tokens this way."""
        return None

    async def get(self) -> UserMetadata:
        """What pymap wants to know of a user."""
        return UserMetadata(self._config, self._name)

    async def set(self, metadata: UserMetadata) -> int | None:
        """Refused."""
        raise NotAllowedError("The sandbox's mailboxes are made when it starts.")

    async def delete(self) -> None:
        """Refused."""
        raise NotAllowedError("The sandbox's mailboxes are made when it starts.")


class _Stored(MaildirMessage):
    """A mail that turns back into the very bytes it was stored as."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def __bytes__(self) -> bytes:
        return self._raw


class _Untouched(Maildir):
    _seen: tuple[int, int] | None = None

    def _lookup(self, key: str) -> str:
        """Where a mail lies. pymap asks for every mail it ever knew at every command: folders that have not changed
        since they were listed are not listed again to learn that a mail is gone.
        """
        known: dict[str, str] = self._toc  # type: ignore[attr-defined]
        if key not in known or not Path(self._join(known[key])).exists():
            now = (Path(self._join("cur")).stat().st_mtime_ns, Path(self._join("new")).stat().st_mtime_ns)
            if now != self._seen:
                self._refresh()  # type: ignore[attr-defined]
                self._seen = now
        return known[key]

    def get_message(self, key: str) -> MaildirMessage:
        """The stored mail, untouched."""
        return _Stored(Path(self._join(self._lookup(key))).read_bytes())
