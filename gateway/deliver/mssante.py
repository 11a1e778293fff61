"""ADAPTER mssante: out by SMTP submission, back by IMAP, between our mailboxes and their operators (ECO.1.0.1)."""

from __future__ import annotations

import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from gateway.deliver import Collected, DeliveryReport, LeftBehind, Outcome, Parcel, TokenSource
from gateway.deliver.collection import Inbox, messages, parse_handle
from gateway.deliver.line import LineDropped
from gateway.deliver.mailboxes import Mailbox
from gateway.deliver.submission import Answered, Submission, check_parcel, too_large
from gateway.deliver.tls import Contexts
from gateway.model.errors import Broken, Unreachable

_IDLE_S, _MOST_CARRIED = 5.0, 100  # a connection is used again only within these: settings and certificates change
_STILL_THERE_S = 5.0  # how long a kept connection may take to say that it is


class Mssante:
    """A Transport for a set of mailboxes.

    A connection signed in by certificate is kept for a few seconds and used again; it is asked before each use
    whether it still answers, so that a dropped one costs nothing. Tokens sign in anew each time.
    """

    kind = "mssante"

    def __init__(self, mailboxes: Iterable[Mailbox], tokens: TokenSource) -> None:
        self._mailboxes = {mailbox.address.key: mailbox for mailbox in mailboxes}
        self._tokens = tokens
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[float, Submission]]] = defaultdict(list)
        self._contexts = Contexts()
        self._left: tuple[LeftBehind, ...] = ()

    def ready(self, origin: str) -> str | None:
        """`no-mailbox` when that address is not ours, `sign-in-needed` when its owner has no token now."""
        mailbox = self._mailboxes.get(origin.lower())
        if mailbox is None:
            return "no-mailbox"
        return "sign-in-needed" if mailbox.by_token and self._token(mailbox) is None else None

    def send(self, parcel: Parcel) -> DeliveryReport:
        """Submit once, within the operator's `attempt_s`."""
        mailbox = self._mailboxes.get(parcel.origin.lower())
        if mailbox is None:
            return DeliveryReport(Outcome.TRY_LATER, "no-mailbox", "no mailbox of ours has this address")
        check_parcel(parcel)
        refusal = too_large(parcel, mailbox.operator.max_bytes)
        if refusal is not None:
            return refusal
        token = self._token(mailbox)
        if mailbox.by_token and token is None:
            return DeliveryReport(Outcome.TRY_LATER, "sign-in-needed", "no token for this mailbox")
        until = time.monotonic() + mailbox.operator.attempt_s
        try:
            return self._carry(parcel, mailbox, token, until)
        except Answered as answer:
            return answer.report
        except LineDropped as fault:
            raise _unreachable(mailbox, fault) from None

    def _carry(self, parcel: Parcel, mailbox: Mailbox, token: str | None, until: float) -> DeliveryReport:
        session = self._session(mailbox, token, until)
        try:
            report = session.carry(parcel)
        except BaseException:
            session.close()
            raise
        self._keep_or_close(mailbox, session, report)
        return report

    def _session(self, mailbox: Mailbox, token: str | None, until: float) -> Submission:
        while True:
            with self._lock:
                idle = self._idle[mailbox.address.key]
                since, session = idle.pop() if idle else (0.0, None)
            if session is None:
                return Submission.open(mailbox, self._context(mailbox), token, until=until)
            now = time.monotonic()
            if now - since < _IDLE_S and session.again(within=min(until, now + _STILL_THERE_S), until=until):
                return session
            session.close()

    def _keep_or_close(self, mailbox: Mailbox, session: Submission, report: DeliveryReport) -> None:
        now = time.monotonic()
        keep = not mailbox.by_token and report.outcome is Outcome.HANDED_OVER and session.carried < _MOST_CARRIED
        done = [] if keep else [session]
        with self._lock:
            for key, idle in self._idle.items():
                done += [each for since, each in idle if now - since >= _IDLE_S]
                self._idle[key] = [(since, each) for since, each in idle if now - since < _IDLE_S]
            if keep:
                self._idle[mailbox.address.key].append((now, session))
        for each in done:
            each.close()

    def close(self) -> None:
        """Hang up the connections kept for reuse."""
        with self._lock:
            idle = [session for kept in self._idle.values() for _, session in kept]
            self._idle.clear()
        for session in idle:
            session.close()

    def collect(self) -> Iterator[Collected]:
        """Everything in the INBOX of every mailbox to collect, unchanged over there.

        At most 10,000 messages of a mailbox, and what a slow server gives in twice its `attempt_s`; the rest comes
        with the next collection, once these are forgotten. A mailbox whose owner must sign in first is passed over
        (`ready` tells). One silent operator does not keep the others' mail back: Unreachable is raised at the end.
        """
        left: list[LeftBehind] = []
        troubles: list[Unreachable] = []
        for mailbox in self._mailboxes.values():
            if not mailbox.collect or (mailbox.by_token and self._token(mailbox) is None):
                continue
            try:
                with self._inbox(mailbox, read_only=True) as inbox:
                    for found in messages(inbox):
                        if isinstance(found, LeftBehind):
                            left.append(found)
                        else:
                            yield found
            except LineDropped as fault:
                troubles.append(_unreachable(mailbox, fault))
        self._left = tuple(left)
        if troubles:
            raise troubles[0]

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """Messages over the operator's `collect_max_bytes`, or that it would not give, at the last `collect`."""
        return self._left

    def forget(self, mailbox: str, handles: Collection[str]) -> None:
        """Delete messages of ours for good (health data is not kept twice). Raises Unreachable, Broken."""
        ours = self._mailboxes.get(mailbox.lower())
        if ours is None:
            raise Broken("That mailbox is not ours", advice="Check the settings: was it removed?")
        for handle in handles:
            parse_handle(handle)
        try:
            with self._inbox(ours, read_only=False) as inbox:
                inbox.take_away(handles)
        except LineDropped as fault:
            raise _unreachable(ours, fault) from None

    def _inbox(self, mailbox: Mailbox, *, read_only: bool) -> Inbox:
        return Inbox(mailbox, self._context(mailbox), self._token(mailbox), read_only=read_only)

    def _token(self, mailbox: Mailbox) -> str | None:
        return self._tokens.token(mailbox.address.text) if mailbox.by_token else None

    def _context(self, mailbox: Mailbox) -> ssl.SSLContext:
        operator = mailbox.operator
        return self._contexts.of(
            mailbox.address.key, operator.ca, mailbox.certificate, mailbox.certificate_password, crl=operator.crl
        )


def _unreachable(mailbox: Mailbox, fault: LineDropped) -> Unreachable:
    return Unreachable(
        f"Operator {mailbox.operator.name} did not answer: {fault}", advice="Check its state page and our settings"
    )
