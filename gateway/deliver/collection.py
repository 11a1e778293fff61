"""IMAP collection from an operator (RFC 3501, 4315): what waits in a mailbox, and taking it away once it is kept.

imapclient speaks and parses; the bytes go through our own Line, which bounds time and size.
"""

from __future__ import annotations

import imaplib
import io
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import CapabilityError  # type: ignore[import-untyped]

from gateway.deliver import Collected, LeftBehind
from gateway.deliver.line import CertificateRefused, Line, LineDropped, NotSecure
from gateway.deliver.mailboxes import MEGABYTE, Mailbox
from gateway.deliver.sign_in import xoauth2
from gateway.model.errors import Broken

_LONGEST_LINE = MEGABYTE
_PAGE = 500  # messages asked for at once in the listing
_MOST = 10_000  # messages of one mailbox in one collection; the rest come with the next
_LISTING = 4 * MEGABYTE  # bytes a server may say to anything but the fetch of a message
_HANDLE = re.compile(r"(\d{1,10})/(\d{1,10})", re.ASCII)


class _Dialogue(imaplib.IMAP4):
    """imaplib's state machine over a Line: every method documented for overriding, and no other."""

    def __init__(self, line: Line) -> None:
        self._over = line
        super().__init__()

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock, self.file = self._over.sock, io.BytesIO()

    def _line(self) -> Line:
        if self.sock is not self._over.sock:  # starttls has just wrapped it
            self.file.close()  # its own buffer: it would keep the socket open behind ours
            self._over.take_over(self.sock)
        return self._over

    def read(self, size: int) -> bytes:
        return self._line().read(size)

    def readline(self) -> bytes:
        return self._line().read_line(_LONGEST_LINE)

    def send(self, data: Any) -> None:
        self._line().write(data)

    def shutdown(self) -> None:
        self.file.close()
        self._over.close()
        self.sock.close()


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient carries no types
    def __init__(self, line: Line, host: str) -> None:
        self._over = line
        super().__init__(host, ssl=False)
        self._imap.debug = 0  # imapclient sets 5: every message and token into the "imapclient.imaplib" log

    def _create_IMAP4(self) -> imaplib.IMAP4:
        dialogue = _Dialogue(self._over)
        dialogue.host = self.host  # the name its certificate must carry
        return dialogue


class Inbox:
    """The INBOX of one of our mailboxes, signed in and selected. Use it as a context manager."""

    def __init__(self, mailbox: Mailbox, context: ssl.SSLContext, token: str | None, *, read_only: bool) -> None:
        """Raises LineDropped for every trouble, in our own words."""
        operator = mailbox.operator
        self._mailbox = mailbox
        self._patience_s = 2 * operator.attempt_s
        self._line = Line.open(
            operator.imap_host,
            operator.imap_port,
            connect_s=operator.connect_s,
            until=time.monotonic() + operator.attempt_s,
            allowance=_LISTING,
        )
        try:
            with _in_our_words():
                self._client = _Client(self._line, operator.imap_host)
                self._client.starttls(context)
                self._sign_in(token)
                selected = self._client.select_folder("INBOX", readonly=read_only)
                self._validity = int(selected[b"UIDVALIDITY"])
                self._waiting = min(int(selected[b"EXISTS"]), _MOST)
        except BaseException:
            self._line.close()
            raise

    def _sign_in(self, token: str | None) -> None:
        address = self._mailbox.address.text
        answers: dict[str, Callable[[bytes], bytes | None]] = {
            "external": lambda _: b"",  # the certificate says who we are (RFC 4422 appendix A)
            "plain": lambda _: f"\0{address}\0{self._mailbox.password}".encode(),
        }
        if self._mailbox.by_token:
            if token is None:
                raise LineDropped("no token for this mailbox")
            words = [xoauth2(address, token), b""]  # a refusal comes as a second challenge: an empty answer ends it
            self._client.sasl_login("XOAUTH2", lambda _: words.pop(0) if words else None)
            return
        way = self._mailbox.imap_sign_in
        self._client.sasl_login(way.upper(), answers[way])

    def __enter__(self) -> Inbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or kind is GeneratorExit:
            with suppress(Exception):  # a farewell: the work is done, the answer changes nothing
                self._step(_LISTING, within_s=2.0)
                self._client.logout()
        self._line.close()

    def _step(self, allowance: int, within_s: float | None = None) -> None:
        self._line.until = time.monotonic() + (self._mailbox.operator.attempt_s if within_s is None else within_s)
        self._line.allowance = allowance

    @property
    def worn_out(self) -> bool:
        """True when this server has kept us waiting for twice the time of an attempt: others have mail too."""
        return self._patience_s < 0

    @contextmanager
    def _waiting_for(self, allowance: int) -> Iterator[None]:
        """One command: bounded by itself, and counted against our patience (not so the caller's own time)."""
        started = time.monotonic()
        self._step(allowance)
        try:
            with _in_our_words():
                yield
        finally:
            self._patience_s -= time.monotonic() - started

    def listing(self) -> list[tuple[int, int]]:
        """(uid, size in bytes) of every message not marked as deleted, oldest first."""
        found: list[tuple[int, int]] = []
        self._client.use_uid = False  # by place: a page of places is one short answer, whatever the uids
        for first in range(1, self._waiting + 1, _PAGE):
            places = range(first, min(first + _PAGE, self._waiting + 1))
            with self._waiting_for(_LISTING):
                for seen in self._client.fetch(places, ["UID", "RFC822.SIZE", "FLAGS"]).values():
                    whole = b"UID" in seen and b"RFC822.SIZE" in seen
                    if whole and b"\\Deleted" not in seen.get(b"FLAGS", ()):
                        found.append((int(seen[b"UID"]), int(seen[b"RFC822.SIZE"])))
            if self.worn_out:
                break
        self._client.use_uid = True
        return sorted(set(found))

    def bring(self, uid: int, size: int) -> Collected | LeftBehind | None:
        """The whole message, changing nothing; or why it stays; or None when it is there no more."""
        cap = self._mailbox.operator.collect_max_bytes
        name, handle = self._mailbox.address.text, f"{self._validity}/{uid}"
        if size > cap:
            return LeftBehind(name, handle, "too-large", size)
        try:
            # the cap again: a server whose announced size was wrong is not read to its end
            with self._waiting_for(cap + _LISTING):
                seen = self._fetched(uid)
        finally:
            self._client._imap.untagged_responses.clear()  # what came with a "NO" must not be taken for the next one's
        if seen is None:
            return LeftBehind(name, handle, "unreadable", size)
        if uid not in seen:
            return None
        raw = seen[uid].get(b"BODY[]")
        return Collected(name, handle, raw) if isinstance(raw, bytes) else LeftBehind(name, handle, "unreadable", size)

    def _fetched(self, uid: int) -> dict[int, dict[bytes, Any]] | None:
        """What the server gives for that uid; None when it says "NO": the other messages can still be read."""
        try:
            return dict(self._client.fetch([uid], ["BODY.PEEK[]"]))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None

    def take_away(self, handles: Collection[str]) -> None:
        """Mark these messages deleted and expunge them alone (UIDPLUS).

        Where the server lacks UIDPLUS they stay marked: a plain EXPUNGE would take what others have marked, and
        `listing` passes over them. A handle of an earlier UIDVALIDITY names nothing any more: nothing is done, the
        message shows up again under its new handle.
        """
        named = [parse_handle(handle) for handle in handles]
        uids = sorted({uid for validity, uid in named if validity == self._validity})
        for first in range(0, len(uids), _PAGE):
            page = uids[first : first + _PAGE]
            with _in_our_words():
                self._step(_LISTING)
                self._client.add_flags(page, [b"\\Deleted"], silent=True)
                if self._client.has_capability("UIDPLUS"):
                    self._step(_LISTING)
                    self._client.uid_expunge(page)


def parse_handle(handle: str) -> tuple[int, int]:
    """(uidvalidity, uid). Raises Broken."""
    found = _HANDLE.fullmatch(handle)
    if not found or not all(0 < int(part) < 2**32 for part in found.groups()):
        raise Broken("That handle names no message", advice="Pass the handle collect gave")
    return int(found[1]), int(found[2])


def messages(inbox: Inbox) -> Iterator[Collected | LeftBehind]:
    """What waits there, one by one: all of it, unless there is too much or the server too slow for one round."""
    for uid, size in inbox.listing():
        if inbox.worn_out:
            return
        found = inbox.bring(uid, size)
        if found is not None:
            yield found


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Every fault of the library becomes a LineDropped without the server's words: they may hold anything."""
    try:
        yield
    except (LineDropped, Broken):
        raise
    except NotSecure as fault:
        raise LineDropped(str(fault)) from None
    except CertificateRefused:
        raise LineDropped("our certificate was refused") from None
    except ssl.SSLCertVerificationError as error:
        raise LineDropped(f"its certificate is not accepted: {error.verify_message.rstrip('.')}") from None
    except CapabilityError:
        raise LineDropped("it does not offer STARTTLS") from None
    except imaplib.IMAP4.abort:
        raise LineDropped("the connection broke") from None
    except imaplib.IMAP4.error:
        raise LineDropped("it refused the sign-in or a command") from None
    except (OSError, ValueError, KeyError, IndexError, TypeError, AssertionError, RecursionError, AttributeError):
        raise LineDropped("an answer that is not IMAP") from None
