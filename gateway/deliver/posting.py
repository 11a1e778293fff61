"""One POST per parcel, to the endpoint its destination names: what fhir_server and callback have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateway.deliver import Collected, DeliveryReport, LeftBehind, Outcome, Parcel
from gateway.deliver.address import AddressRefused, Resolve, resolve
from gateway.deliver.conversation import Answer, Unanswered
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.https import Https
from gateway.deliver.line import CertificateRefused, LineDropped, NotSecure
from gateway.deliver.wording import one_line
from gateway.model.errors import Broken, Unreachable

_HEADER_WORD = re.compile(r"[!-~]+")
_SIGN_IN = {401, 403, 407}
_LATER = {408, 425, 429}
_LONGEST_WAIT_S = 24 * 3600


class Posting:
    """A Transport out to the endpoints of its kind; the others given to it are left alone.

    now      the wall clock, aware.
    resolve  a host's addresses; the system's own unless a test says otherwise.

    Nothing is collected: these places call us when they have something to say.
    """

    kind: str

    def __init__(
        self, endpoints: Iterable[Endpoint], *, now: Callable[[], datetime], resolve: Resolve = resolve
    ) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints if endpoint.kind == self.kind}
        self._https = Https(resolve)
        self._now = now

    def ready(self, origin: str) -> str | None:
        """An endpoint needs nobody's sign-in."""
        return None

    def send(self, parcel: Parcel) -> DeliveryReport:
        """Post once, within the endpoint's `attempt_s`. `destination` is the endpoint's name in the settings."""
        endpoint = self._endpoints.get(parcel.destination)
        if endpoint is None:
            raise Broken(
                "No endpoint has that name any more", advice="Put it back into the settings, or cancel the leg"
            )
        if not _HEADER_WORD.fullmatch(parcel.message_id):
            raise Broken("A parcel's id cannot stand in a header", advice="Report it: this is a defect of the gateway")
        if len(parcel.body) > endpoint.max_bytes:
            return DeliveryReport(Outcome.NEVER, "too-large", f"the endpoint takes {endpoint.max_bytes} bytes")
        try:
            answer = self._https.post(endpoint, self._headers(endpoint, parcel), parcel.body)
        except Unanswered as fault:
            return DeliveryReport(Outcome.UNKNOWN, "outcome-unknown", str(fault))
        except LineDropped as fault:
            raise Unreachable(
                f"Endpoint {endpoint.name} did not answer: {fault}", advice="Check its state and our settings"
            ) from None
        except (AddressRefused, NotSecure, CertificateRefused) as fault:
            return DeliveryReport(Outcome.TRY_LATER, _in_the_way(fault), one_line(str(fault)))
        return self._judge(answer, parcel)

    def look(self) -> dict[str, str]:
        """What stands in the way to an endpoint now, by its name, as a reason's code; nothing is sent.

        An endpoint that can be spoken to is not named. Raises Broken when a file of the settings cannot be read.
        """
        found = {}
        for name, endpoint in self._endpoints.items():
            try:
                self._https.look(endpoint)
            except (AddressRefused, NotSecure, CertificateRefused, LineDropped) as fault:
                found[name] = _in_the_way(fault)
        return found

    def collect(self) -> Iterator[Collected]:
        """Nothing, ever."""
        return iter(())

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """Nothing, ever."""
        return ()

    def forget(self, mailbox: str, handles: Collection[str]) -> None:
        """Nothing to take away."""

    def close(self) -> None:
        """Hang up the connections kept for reuse."""
        self._https.close()

    def _headers(self, endpoint: Endpoint, parcel: Parcel) -> Mapping[str, str]:
        """What this kind says before the body."""
        raise NotImplementedError

    def _judge(self, answer: Answer, parcel: Parcel) -> DeliveryReport:
        """What the status alone says; the other side's own words are not repeated."""
        return by_status(answer, self._now())


def _in_the_way(fault: Exception) -> str:
    """The reason's code of what kept us from speaking."""
    codes = {
        AddressRefused: "address-not-allowed",
        NotSecure: "channel-not-secure",
        CertificateRefused: "sign-in-refused",
    }
    return codes.get(type(fault), "unreachable")


def by_status(answer: Answer, now: datetime) -> DeliveryReport:
    """The report of an answer by its status.

    401, 403 and 407 refuse us, not the parcel: they wait for an admin as a refused certificate does. Any 5xx may be
    tried again, for repeating is harmless.
    """
    status, code = answer.status, f"HTTP {answer.status}"
    if status in _SIGN_IN:
        return DeliveryReport(Outcome.TRY_LATER, "sign-in-refused", phrase(status), answer.tls)
    if status in _LATER or 500 <= status <= 599:
        return DeliveryReport(Outcome.TRY_LATER, code, phrase(status), answer.tls, wait_s=_asked_wait(answer, now))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return DeliveryReport(Outcome.NEVER, "too-large", phrase(status), answer.tls)
    if 300 <= status <= 399:
        said = f"{phrase(status)}: redirections are never followed, correct its url in the settings"
        return DeliveryReport(Outcome.NEVER, code, said, answer.tls)
    if 200 <= status <= 499:
        return DeliveryReport(Outcome.ARRIVED if status < 300 else Outcome.NEVER, code, phrase(status), answer.tls)
    return DeliveryReport(Outcome.UNKNOWN, "outcome-unknown", "an answer that is not HTTP", answer.tls)


def phrase(status: int) -> str:
    """`404 Not Found`, in the words of the standard and not of the server."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _asked_wait(answer: Answer, now: datetime) -> int:
    """Retry-After in seconds (RFC 9110 §10.2.3), a day at most; 0 when nothing fit was said."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal() and len(said) <= 9:
        wait = float(said)
    else:
        try:
            wait = (parsedate_to_datetime(said) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):  # TypeError: a date without its zone
            return 0
    return int(min(max(wait, 0.0), _LONGEST_WAIT_S))
