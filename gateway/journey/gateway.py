"""The gateway as one frozen object: what the journey walks with. Built by `wiring`, handed to every door."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from gateway.journey.backoff import SCHEDULE
from gateway.journey.claims import Claims
from gateway.journey.minting import Draw
from gateway.journey.pressure import Pressure
from gateway.journey.turns import Turns
from gateway.model.codes import Terms
from gateway.model.identity import MailAddress
from gateway.model.people import Sender

if TYPE_CHECKING:
    from gateway.deliver import DropFolder, Transport
    from gateway.pack import Converter, PdfRules, Software
    from gateway.record import Notary, Store
    from gateway.route import Directory, Endpoints, Routes, WhiteList
    from gateway.translate import Dialects
    from gateway.validate import Validator


@dataclass(frozen=True, slots=True)
class Origin:
    """The mailbox a parcel leaves from.

    answers_to_author  Reply-To carries the author's own address if known
    answers_to         Reply-To carries this one
    return_receipt     delivery reports are asked for by a header too (ECO.2.3.1)
    max_bytes          the largest mail its operator takes
    server             that operator, by its name in the settings
    """

    address: MailAddress
    name: str
    answers_to_author: bool
    max_bytes: int = 25_000_000
    answers_to: MailAddress | None = None
    return_receipt: bool = False
    server: str = ""


class Origins(Protocol):
    """Which of our mailboxes speaks for a sender."""

    def of(self, tenant: str, sender: Sender) -> Origin | None:
        """The sender's own mailbox when we hold it, else the tenant's application mailbox, else None."""
        ...

    def tenant_of(self, mailbox: str) -> str:
        """Whose mail arrives there; an empty word for a mailbox several tenants use."""
        ...

    def client_of(self, mailbox: str) -> str | None:
        """The one software the documents in it are for; None when they are for every one of the tenant."""
        ...

    def answers(self, mailbox: str) -> bool:
        """True when the senders of what arrives there are told what became of it."""
        ...


CLOSED_FOR = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900))
"""How long a silent server is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things may take.

    lease          how long a dead worker's claims are waited for; a living one renews them every quarter of it
    receipt_within silence after which a delivered leg becomes `unread`
    schedule       waits between attempts of one leg
    sign_every, sign_leaves  most time, and most entries, between two signed checkpoints of the audit log
    silent_after   attempts in a row that found a server silent before it is closed
    closed_for     how long, the first time, the second…
    poison_after   workers in a row that may die of one piece of work before a person must look at it
    balance_every  time between two comparisons of the audit log with the tables
    """

    lease: timedelta = timedelta(seconds=40)
    receipt_within: timedelta = timedelta(hours=72)
    schedule: Sequence[timedelta] = SCHEDULE
    sign_every: timedelta = timedelta(seconds=60)
    sign_leaves: int = 1000
    silent_after: int = 3
    closed_for: Sequence[timedelta] = CLOSED_FOR
    poison_after: int = 3
    balance_every: timedelta = timedelta(minutes=5)


class Notice(Protocol):
    """Says a constant sentence with facts to the technical log; ids and codes only."""

    def __call__(self, sentence: str, **facts: str | int) -> None:
        """Log it."""
        ...


def _idle() -> None:
    """For gateways that fetch nothing."""


def _unheard(sentence: str, **facts: str | int) -> None:
    """For steps nobody listens to."""


def _lenient() -> PdfRules:
    """Of a gateway that was told no rules."""
    from gateway.pack import PdfRules

    return PdfRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything a step needs. Nothing in it changes while the process lives, save what it fetches by itself.

    production   True refuses test identities, False refuses real ones
    refuse_wrong_keys  a document received with a number whose key is wrong is not understood; False: it is told
    pdf_rules    what becomes of PDFs that are not archival, or would do something beside being read
    converter    makes PDF/A-1 of them, where the rules ask for it
    notary       signs the audit log's checkpoints, outside the database
    white_list   today's MSSanté white list, None when there is no usable one
    seal         keyed digest of bytes (HMAC-SHA-256, hex): lets the audit log name a body without holding it
    upkeep       fetches what must be fresh; the worker calls it once an hour, and it may raise Unreachable
    known_gateways  addresses whose owner is known to read FHIR
    endpoints    recipients' own software that takes parcels over https
    drops    folders in which practice software leaves its events
    clients      every software of every tenant: tenant → name → how it is spoken to
    validator    judges FHIR resources; opened when first asked, then shared. None: nothing is judged
    callbacks    carries notifications to clients; its destinations are `tenant/client`
    pressure     how full it is, and so whether it takes anything in
    claims       what this process has under way, for the heartbeat of its worker
    turns        which servers its threads are speaking to
    """

    store: Store
    notary: Notary
    terms: Terms
    dialects: Dialects
    routes: Routes
    directory: Directory
    endpoints: Endpoints
    white_list: Callable[[], WhiteList | None]
    transports: Mapping[str, Transport]
    origins: Origins
    software: Software
    clock: Callable[[], datetime]
    draw: Draw
    seal: Callable[[bytes], str]
    production: bool = False
    team_type: str = "SYNTH"
    refuse_wrong_keys: bool = False
    pdf_rules: PdfRules = field(default_factory=_lenient)
    converter: Converter | None = None
    pace: Pace = Pace()
    known_gateways: frozenset[str] = frozenset()
    drops: Sequence[Drop] = ()
    clients: Mapping[str, Mapping[str, Client]] = field(default_factory=dict)
    callbacks: Transport | None = None
    validator: Callable[[], Validator] | None = None
    claims: Claims = field(default_factory=Claims)
    turns: Turns = field(default_factory=Turns)
    notice: Notice = _unheard
    upkeep: Callable[[], None] = _idle
    pressure: Pressure = field(default_factory=Pressure)

    def source(self, tenant: str, client: str) -> str:
        """Whom a CloudEvent of ours comes from (a URI reference): this gateway, a tenant and its software."""
        return quote(f"{self.notary.verifier.name}/{tenant}/{client}")

    def jitter(self) -> float:
        """A number from 0 to 1 drawn from the gateway's own chance."""
        return random.Random(self.draw(8)).random()  # noqa: S311 spreads retries, guards nothing


@dataclass(frozen=True, slots=True)
class Client:
    """One software of a tenant: the dialect it speaks, and whether it has an address where it is told things.

    sender  who speaks in its FHIR transactions that do not say it: a canonical tree
    """

    dialect: str
    is_called: bool
    sender: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """A folder in which the software of a client leaves events, in that dialect."""

    tenant: str
    client: str
    dialect: str
    folder: DropFolder


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the software of a tenant, by a credential. `actor` is the word the audit log keeps."""

    tenant: str
    client: str
    actor: str
