"""The only file that knows every concrete class: Settings → Gateway.

Nothing else opens a database, a certificate or a connection; tests replace a part by building another Gateway.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from gateway import __version__
from gateway.config import BadSettings, MailboxSettings, Settings, secret
from gateway.journey.gateway import Gateway, Origin, Pace
from gateway.model.codes import Terms
from gateway.model.identity import MailAddress
from gateway.model.people import Sender

if TYPE_CHECKING:
    from gateway.deliver import Transport
    from gateway.deliver.mailboxes import Mailbox
    from gateway.journey.work import Shift
    from gateway.route import Directory, Routes, WhiteList
    from gateway.route.directory.fetched import FetchedWhiteList
    from gateway.translate import Dialects

PACKAGE = Path(__file__).resolve().parent


def data(name: str) -> Path:
    """A folder of data that travels with the product: inside the wheel, or beside the package in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


@dataclass(frozen=True, slots=True)
class Words:
    """Dialects and code lists: all that is needed to turn one form into another, with no settings."""

    terms: Terms
    dialects: Dialects


def open_words(further: Sequence[Path] = ()) -> Words:
    """The project's own dialects and those of further folders. Raises Broken when a table is wrong."""
    from gateway.translate import Dialects

    terms = Terms.load(data("mappings") / "tables")
    return Words(terms, Dialects.load([data("mappings"), *further], terms))


def open_routes(settings: Settings | None) -> Routes:
    """The routes of the settings; without settings, those of the examples."""
    from gateway.route import Routes

    return Routes.load(settings.routes if settings else data("examples") / "routes.yaml")


def open_directory(settings: Settings | None) -> Directory:
    """Where addresses are looked up."""
    from gateway.route import Extraction, Unlisted

    source = settings.directory.extraction if settings else None
    if settings is None or source is None:
        return Unlisted()
    return Extraction.open(source, source.with_suffix(".index"))


@dataclass(frozen=True, slots=True)
class WhiteListSource:
    """Today's white list, and how it is kept fresh."""

    current: Callable[[], WhiteList | None]
    refresh: Callable[[], None]


def white_list_of(settings: Settings | None) -> WhiteListSource:
    """Fetched where the settings give a url, else read again when its file changes; `current` is None without one."""
    chosen = settings.white_list if settings else None
    if chosen is None:
        return WhiteListSource(lambda: None, lambda: None)
    if chosen.url:
        from gateway.route.directory.fetched import FetchedWhiteList

        fetched = FetchedWhiteList(chosen.url, chosen.ca, chosen.file, chosen.max_age)
        return WhiteListSource(fetched.current, lambda: _refreshed(fetched))
    return WhiteListSource(_reread(chosen.file, chosen.max_age), lambda: None)


def _refreshed(fetched: FetchedWhiteList) -> None:
    fetched.refresh(wall_clock())


def _reread(file: Path, max_age: timedelta) -> Callable[[], WhiteList | None]:
    from gateway.route import BadWhiteList, WhiteList

    held: list[tuple[float, WhiteList]] = []

    def current() -> WhiteList | None:
        try:
            changed = file.stat().st_mtime
            if not held or held[0][0] != changed:
                held[:] = [(changed, WhiteList.load(file, max_age))]
        except (OSError, BadWhiteList):
            pass  # the last good list stays in use; the gate judges its age
        return held[0][1] if held else None

    return current


class Mailboxes:
    """Which of our mailboxes speaks for a sender (see journey.gateway.Origins)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, tenant: str, sender: Sender) -> Origin | None:
        """The sender's own mailbox when we hold it, else the tenant's APP mailbox, else one every tenant uses."""
        ours = [box for box in self._settings.mailboxes if box.tenant in (None, tenant)]
        own = [box for box in ours if box.owner and sender.rpps and box.owner == sender.rpps.number]
        general = sorted(
            (box for box in ours if box.owner is None), key=lambda box: (box.tenant is None, box.type != "APP")
        )
        box = next(iter([*own, *general]), None)
        if box is None:
            return None
        known = self._settings.tenants.get(tenant)
        name = box.name or (known.name if known else "")
        return Origin(MailAddress(box.address), name, box.reply_to == "author")

    def tenant_of(self, mailbox: str) -> str:
        """Whose mail arrives there; an empty word for a mailbox every tenant uses."""
        found = (box.tenant for box in self._settings.mailboxes if box.address.lower() == mailbox.lower())
        return next(found, None) or ""


def open_gateway(settings: Settings, *, notice: Callable[..., None] | None = None) -> Gateway:
    """The whole gateway over an existing database. Raises Broken or BadSettings, saying what to do."""
    from gateway.pack import Software
    from gateway.record import Notary, Signer, Vault, open_store

    kek = key_of_32(settings.vault.key)
    words = open_words(settings.mappings)
    white_list = white_list_of(settings)
    store = open_store(
        settings.database,
        vault=Vault(kek, draw=os.urandom),
        clock=wall_clock,
        draw=os.urandom,
        pseudonym_key=derived(kek, "pseudonyms"),
    )
    return Gateway(
        store=store,
        notary=Notary(settings.audit.checkpoints, Signer(settings.audit.origin, key_of_32(settings.audit.key))),
        terms=words.terms,
        dialects=words.dialects,
        routes=open_routes(settings),
        directory=open_directory(settings),
        white_list=white_list.current,
        upkeep=white_list.refresh,
        transports=open_transports(settings),
        origins=Mailboxes(settings),
        software=Software(
            name="Passerelle",
            version=__version__,
            vendor="Passerelle",
            nil=settings.nil,
            contact=settings.contact,
        ),
        clock=wall_clock,
        draw=os.urandom,
        seal=sealing(derived(kek, "digests")),
        production=settings.production,
        team_type=settings.documents.team_type,
        pace=Pace(
            lease=settings.work.lease,
            receipt_within=settings.work.receipt_within,
            schedule=settings.work.retries,
            sign_every=settings.audit.every,
            sign_leaves=settings.audit.leaves,
        ),
        known_gateways=frozenset(address.lower() for address in settings.known_gateways),
        **({"notice": notice} if notice else {}),
    )


def prepare_if_empty(settings: Settings) -> None:
    """Give an empty database its tables; one that has tables is left to `passerelle db upgrade`."""
    from gateway.record import is_empty, upgrade

    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    if is_empty(settings.database):
        upgrade(settings.database)


def open_transports(settings: Settings) -> dict[str, Transport]:
    """One transport a kind that the settings name."""
    transports: dict[str, Transport] = {}
    if settings.mailboxes:
        from gateway.deliver.mssante import Mssante
        from gateway.deliver.sign_in import FileTokenSource

        tokens = {box.address: box.token for box in settings.mailboxes if box.token}
        transports["mssante"] = Mssante(
            [mailbox_of(settings, box) for box in settings.mailboxes],
            FileTokenSource(tokens, opaque_life_s=settings.work.token_life.total_seconds(), now=wall_clock),
        )
    if settings.folder:
        from gateway.deliver.folder import Folder

        transports["folder"] = Folder(settings.folder)
    return transports


def mailbox_of(settings: Settings, box: MailboxSettings) -> Mailbox:
    """A mailbox of the settings as the transport wants it."""
    from gateway.deliver.mailboxes import Mailbox, Operator

    operator = settings.operators[box.operator]
    smtp_host, _, smtp_port = operator.smtp.rpartition(":")
    imap_host, _, imap_port = operator.imap.rpartition(":")
    return Mailbox(
        address=MailAddress(box.address),
        type=box.type,
        operator=Operator(
            name=box.operator,
            smtp_host=smtp_host,
            smtp_port=int(smtp_port),
            imap_host=imap_host,
            imap_port=int(imap_port),
            ca=operator.ca,
            crl=operator.crl,
            attempt_s=operator.attempt.total_seconds(),
            dsn=operator.dsn,
            max_bytes=operator.max_size,
        ),
        certificate=box.certificate,
        certificate_password=secret_text(box.certificate_password),
        imap_sign_in=box.imap_sign_in,
        password=secret_text(box.password),
        collect=box.collect,
    )


def secret_text(reference: str | None) -> str | None:
    """A secret of one line, without its line end."""
    return secret(reference, Path.cwd()).decode("utf-8").rstrip("\r\n") if reference else None


def key_of_32(reference: str) -> bytes:
    """A secret of 32 bytes, written raw, in hex or in base64. Raises BadSettings."""
    raw = secret(reference, Path.cwd())
    if len(raw) == 32:
        return raw
    for read in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
        try:
            key = read(raw.strip().decode("ascii"))
        except (ValueError, binascii.Error):
            continue
        if len(key) == 32:
            return key
    raise BadSettings([f"{reference}: not a key of 32 bytes (raw, hex or base64)"])


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, drawn from another (RFC 5869): who has it cannot find the other."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"passerelle/" + purpose.encode()).derive(key)


def sealing(key: bytes) -> Callable[[bytes], str]:
    """A keyed digest: HMAC-SHA-256 in hex."""
    return lambda body: hmac.digest(key, body, "sha256").hex()


def wall_clock() -> datetime:
    """Now, UTC."""
    return datetime.now(UTC)


def shift_of(settings: Settings) -> Shift:
    """How the worker of these settings paces itself."""
    from gateway.journey.work import Shift

    return Shift(senders=settings.work.threads, collect_every=settings.work.collect_every)


def check_white_list(settings: Settings) -> None:
    """Raises Broken when the white list named cannot be read or is too old to be trusted."""
    from gateway.route import WhiteList

    if settings.white_list is None:
        return
    if not WhiteList.load(settings.white_list.file, settings.white_list.max_age).usable(wall_clock()):
        raise BadSettings([f"{settings.white_list.file}: older than white_list.max_age: every MSSanté leg is held"])


def check_certificates(settings: Settings) -> None:
    """Raises BadSettings for each client certificate that is unreadable, over, or over within 30 days."""
    problems = []
    for box in settings.mailboxes:
        if box.certificate is None:
            continue
        try:
            password = secret_text(box.certificate_password)
            held = load_pkcs12(box.certificate.read_bytes(), password.encode() if password else None)
        except (OSError, ValueError):
            problems.append(f"{box.certificate}: not a PKCS#12 file this password opens")
            continue
        if held.cert is None:
            problems.append(f"{box.certificate}: holds no certificate")
        elif held.cert.certificate.not_valid_after_utc < wall_clock() + timedelta(days=30):
            problems.append(f"{box.certificate}: ends on {held.cert.certificate.not_valid_after_utc:%Y-%m-%d}")
    if problems:
        raise BadSettings(problems)


def check_connections(settings: Settings) -> None:
    """Raises BadSettings for each operator's server that takes no connection within 3 seconds."""
    problems = []
    for name, operator in settings.operators.items():
        for server in (operator.smtp, operator.imap):
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host, int(port)), timeout=3).close()
            except OSError as error:
                problems.append(f"operators.{name}: {server} does not answer ({type(error).__name__})")
    if problems:
        raise BadSettings(problems)
