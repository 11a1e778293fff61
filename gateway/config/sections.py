"""The parts of passerelle.yaml: every field documented, an unknown one an error."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.config.kinds import (
    Address,
    Duration,
    HostPort,
    HttpsUrl,
    Line,
    NationalId,
    Network,
    Registry,
    SecretRef,
    SecretRefs,
)


class Section(BaseModel):
    """A part of the settings; an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Audit(Section):
    """The audit log: its public name, the key that signs checkpoints, and where these are written."""

    origin: str = Field(description="Name of the log in its checkpoints, unique in the world: passerelle/<who>")
    key: SecretRef = Field(description="Seed of the Ed25519 key: 32 bytes, raw, hex or base64")
    checkpoints: Path = Field(description="Folder for signed checkpoints, outside the database; copy it elsewhere")
    every: Duration = Field(default=timedelta(seconds=60), description="Longest time between two checkpoints")
    leaves: int = Field(default=1000, ge=1, description="Most entries between two checkpoints")


class VaultSettings(Section):
    """Encryption at rest."""

    key: SecretRef = Field(description="Key of 32 bytes (raw, hex or base64) that wraps the key of each exchange")


class OperatorSettings(Section):
    """An MSSanté operator's servers. Both speak STARTTLS; nothing is ever sent in clear."""

    smtp: HostPort = Field(description="Submission server, host:port (587 unless the operator says otherwise)")
    imap: HostPort = Field(description="IMAP server, host:port (143 unless the operator says otherwise)")
    ca: Path | None = Field(
        default=None, description="PEM file of the authorities that signed their certificates (IGC-Santé)"
    )
    crl: Path | None = Field(
        default=None, description="PEM file of revoked certificates (CRL), read again when changed"
    )
    dsn: bool = Field(default=True, description="Ask for delivery notifications when the server offers them")
    return_receipt_to: bool = Field(
        default=False, description="Ask for them by the header Return-Receipt-To as well (ECO.2.3.1 may mean it)"
    )
    attempt: Duration = Field(
        default=timedelta(seconds=60), description="Longest time of one attempt; shorter than 15 minutes"
    )
    max_size: int = Field(default=25_000_000, description="Largest message the operator takes, in bytes")


class MailboxSettings(Section):
    """One of our mailboxes. The first APP one of a tenant is its default sender."""

    address: Address = Field(description="Its MSSanté address")
    type: Literal["APP", "PER", "ORG"] = Field(default="APP", description="Kind of mailbox (TRE_R257)")
    operator: str = Field(description="Name of its operator above")
    name: Line = Field(
        default="",
        description="Display name of the sender (ECO.2.2.7). When empty: the tenant's name, or for a PER mailbox "
        "<title>_<given>_<FAMILY>_<structure> of its owner",
    )
    title: Line = Field(default="", description="Title of the owner of a PER mailbox, in its display name: Dr, Pr")
    tenant: str | None = Field(default=None, description="The tenant it speaks for; every tenant when absent")
    owner: str | None = Field(default=None, description="RPPS of the owner of a PER mailbox")
    certificate: Path | None = Field(
        default=None, description="PKCS#12 file of an APP mailbox (IGC-Santé organisation)"
    )
    certificate_password: SecretRef | None = Field(default=None, description="Password of the PKCS#12 file")
    password: SecretRef | None = Field(default=None, description="Password of an APP box that opens IMAP in plain")
    token: Path | None = Field(default=None, description="File kept fresh with the owner's Pro Santé Connect token")
    imap_sign_in: Literal["external", "plain", "none"] = Field(
        default="external", description="How an APP box opens IMAP"
    )
    reply_to: Literal["author", "none"] | Address = Field(
        default="none",
        description="Where answers go: the author's own address, this mailbox (none), or the address written here. "
        "A patient may then write to that one only",
    )
    collect: bool = Field(default=False, description="Read receipts and mail from this mailbox")
    client: str | None = Field(
        default=None, description="The one software its documents are for; every software of the tenant when absent"
    )
    answers: bool = Field(
        default=True,
        description="Tell senders what became of their documents: the receipt they asked for once a software has them, "
        "the error it says otherwise",
    )


class EndpointSettings(Section):
    """The software of some recipients, reached over https: routes lead there by `via: fhir_server` or `callback`."""

    kind: Literal["fhir_server", "callback"] = Field(
        description="fhir_server takes the Bundle as a transaction; callback a signed CloudEvent around the event"
    )
    url: HttpsUrl = Field(description="Where to post; never redirected")
    stands_for: tuple[NationalId, ...] = Field(
        alias="for", min_length=1, description="Whose software it is, as exchanges show them: FINESS:750000002"
    )
    ca: Path | None = Field(default=None, description="PEM file of the authorities of its certificate")
    certificate: Path | None = Field(default=None, description="PKCS#12 file we show it")
    certificate_password: SecretRef | None = Field(default=None, description="Password of the PKCS#12 file")
    token: SecretRef | None = Field(default=None, description="Bearer token we show it")
    secret: SecretRefs | None = Field(
        default=None, description="Of a callback: signs each call; a list signs with each, the newest first"
    )
    dialect: str = Field(default="canonical", description="Of a callback: the words it reads")
    allow_networks: tuple[Network, ...] = Field(
        default=(), description="Private networks its address may be in; public ones always may"
    )
    max_size: int = Field(default=20_000_000, ge=1000, description="Largest parcel it takes, in bytes")
    attempt: Duration = Field(
        default=timedelta(seconds=60), description="Longest time of one attempt; shorter than 15 minutes"
    )


class ClientSettings(Section):
    """One software of a tenant."""

    dialect: str = Field(default="canonical", description="The dialect it speaks")
    callback: HttpsUrl | None = Field(default=None, description="Where it is told what becomes of its events")
    secret: SecretRefs | None = Field(
        default=None, description="Signs what it is told; a list signs with each, the newest first"
    )
    ca: Path | None = Field(default=None, description="PEM file of the authorities of the callback's certificate")
    allow_networks: tuple[Network, ...] = Field(
        default=(), description="Private networks the callback may be in; public ones always may"
    )
    folder: Path | None = Field(
        default=None,
        description="Where it drops files of events: in/, and beside it done/ and refused/ with the answers",
    )
    sender: NationalId | None = Field(
        default=None, description="Who speaks in its FHIR transactions that do not say it: RPPS:…, FINESS:…, SIRET:…"
    )


class TenantSettings(Section):
    """One legally responsible body."""

    name: Line = Field(description="Its name, as people know it")
    clients: dict[str, ClientSettings] = Field(default_factory=dict, description="Its software, by short name")


class DirectorySettings(Section):
    """Where recipients' addresses come from."""

    extraction: Path | None = Field(default=None, description="The national MSSanté text extraction (unzipped)")


class WhiteListSettings(Section):
    """The MSSanté white list of domains. Without a usable one every MSSanté leg is held."""

    file: Path = Field(description="The XML list; with url, where its last good copy is kept")
    url: str | None = Field(default=None, pattern="^https://", description="Where to fetch it, once an hour")
    ca: Path | None = Field(default=None, description="PEM file of the authorities of that server (IGC-Santé)")
    max_age: Duration = Field(default=timedelta(days=3), description="Older than this, it is not trusted")


class ServerSettings(Section):
    """The HTTP door."""

    host: str = Field(
        default="127.0.0.1", description="Address to listen on; another than loopback needs TLS or a proxy"
    )
    port: int = Field(default=8410, description="Port; 0 takes a free one")
    behind_proxy: bool = Field(default=False, description="True when a proxy in front ends TLS")
    tls_certificate: Path | None = Field(default=None, description="PEM certificate chain")
    tls_key: Path | None = Field(default=None, description="PEM private key")
    body_limit: int = Field(default=20_000_000, description="Largest body, in bytes")
    content_limit: int = Field(default=100_000_000, le=100_000_000, description="Largest uploaded document, in bytes")


class LimitSettings(Section):
    """How much is taken in before senders are asked to wait, so that neither memory nor disk runs out. 0: no limit."""

    rate: float = Field(
        default=1000, ge=0, description="Events, contents and transactions a second of one software; beyond: 429"
    )
    unprepared: int = Field(
        default=10_000, ge=0, description="Exchanges of one software that wait to be prepared; beyond: 429"
    )
    legs: int = Field(
        default=500_000, ge=0, description="Legs of all that have not left yet, held ones too; beyond: 429"
    )
    memory: int = Field(default=2_000_000_000, ge=0, description="Bytes one process may hold; beyond: 429")
    disk: int = Field(
        default=200_000_000,
        ge=0,
        description="Bytes that stay free where the database (SQLite) and the checkpoints are; below: 507, and drop "
        "folders and mailboxes wait",
    )
    reserve: int = Field(
        default=32_000_000,
        ge=0,
        description="Bytes of a file kept there for a full disk: let go then, so that what is under way is finished",
    )


class WorkSettings(Section):
    """How the worker paces itself."""

    threads: int = Field(default=4, ge=1, le=64, description="Parallel deliveries of one process")
    per_server: int = Field(
        default=4, ge=1, le=64, description="Most deliveries of one process under way with one server at a time"
    )
    silent_after: int = Field(
        default=3,
        ge=1,
        description="Attempts in a row without an answer after which a server is left alone for a while",
    )
    closed_for: tuple[Duration, ...] = Field(
        default=tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900)),
        min_length=1,
        description="How long it is left alone, the first time, the second…; then one leg asks whether it is back",
    )
    poison_after: int = Field(
        default=3, ge=1, description="Workers that may die of one piece of work in a row before it waits for a person"
    )
    lease: Duration = Field(
        default=timedelta(seconds=40),
        ge=timedelta(seconds=2),
        le=timedelta(minutes=15),
        description="How long the work of a worker that died is waited for; a living one renews every quarter of it. "
        "An attempt found so is unknown",
    )
    stop_within: Duration = Field(
        default=timedelta(seconds=25), description="How long steps under way may take to end after SIGTERM"
    )
    receipt_within: Duration = Field(default=timedelta(hours=72), description="Silence after which a leg is unread")
    token_life: Duration = Field(
        default=timedelta(minutes=4), description="Life of a sign-in token that does not say its own end"
    )
    collect_every: Duration = Field(default=timedelta(seconds=30), description="How often mailboxes are read")
    retries: tuple[Duration, ...] = Field(
        default=tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480, 960)),
        description="Waits between attempts of one leg; after the last one it has failed",
    )


class DocumentSettings(Section):
    """What documents say where no national rule does."""

    team_type: str = Field(default="SYNTH", description="JDV_J07 type of a team's document: no national type exists")
    pdf: Literal["warn", "refuse", "convert"] = Field(
        default="warn",
        description="A PDF that does not claim PDF/A-1: carried as it is and told; refused; or made PDF/A-1b before it "
        "leaves, carried as it is where that fails",
    )
    active: Literal["warn", "refuse"] = Field(
        default="warn", description="A PDF with scripts, calls, films or files inside: carried and told, or refused"
    )
    converter: str = Field(default="gs", description="Of `pdf: convert`: Ghostscript, by its name or its place")
    convert_within: Duration = Field(
        default=timedelta(seconds=60), description="Longest conversion of one PDF; shorter than 15 minutes"
    )
    wrong_keys: Literal["warn", "refuse"] = Field(
        default="warn",
        description="A document received in which the key of an INS, RPPS, FINESS or SIREN number is wrong: warn keeps "
        "the number as a local one and tells it beside the event; refuse leaves the mail as not understood",
    )
    content_type: Literal["facility", "encounter"] = Field(
        default="facility",
        description="contentTypeCode of a submission: the kind of place, as the official archives say it, or the kind "
        "of contact (TRE_R209), as the guide for HL7 v2 says it",
    )
    self_presenting: Literal["text/xml", "application/xslt+xml"] = Field(
        default="text/xml",
        description="mimeType of a document that stands in its own style sheet: text/xml as the official archives say "
        "it, or application/xslt+xml as the guide for HL7 v2 says it",
    )


class ProfileSettings(Section):
    """FHIR packages: what resources are validated against, and where packages come from."""

    packages: tuple[Path, ...] = Field(
        default=(),
        description="Folders of FHIR packages or .tgz files, asked in this order before ~/.fhir/packages and before "
        "the profiles of this product",
    )
    registries: tuple[Registry, ...] = Field(
        default=("https://packages.fhir.org", "https://packages2.fhir.org/packages"),
        min_length=1,
        description="Package registries `passerelle profiles install` fetches from, the next one where one has nothing",
    )


class RetentionSettings(Section):
    """How long things are kept. Nothing is purged before a later version brings `passerelle purge`."""

    content: Duration = Field(default=timedelta(days=7), description="Contents of settled exchanges")
    failed: Duration = Field(default=timedelta(days=90), description="Contents of exchanges with a failed leg")
    audit: Duration = Field(default=timedelta(days=365), description="Records of the audit log (their hashes stay)")


class Settings(Section):
    """The whole of passerelle.yaml."""

    database: str = Field(
        default="sqlite:///var/passerelle.db", description="sqlite:///PATH or postgresql://USER@HOST/NAME"
    )
    database_password: SecretRef | None = Field(default=None, description="Password of that user on PostgreSQL")
    production: bool = Field(default=False, description="True refuses test identities; False refuses real ones")
    audit: Audit
    vault: VaultSettings
    nil: str = Field(
        pattern=r"^[A-Za-z0-9._-]{3,100}$", description="Product number of convergence.esante.gouv.fr (X-MSS-NIL)"
    )
    contact: Line = Field(default="", description="Who to call about a parcel, written in its README.TXT")
    operators: dict[str, OperatorSettings] = Field(default_factory=dict, description="MSSanté operators, by name")
    mailboxes: tuple[MailboxSettings, ...] = Field(default=(), description="Our mailboxes")
    endpoints: dict[str, EndpointSettings] = Field(
        default_factory=dict, description="Recipients' own software, by a name of yours"
    )
    folder: Path | None = Field(default=None, description="Folder of the folder transport (out/ and in/ below it)")
    tenants: dict[str, TenantSettings] = Field(description="Who uses this gateway")
    routes: Path = Field(default=Path("routes.yaml"), description="Who gets what: see the routes guide")
    mappings: tuple[Path, ...] = Field(default=(), description="Folders of further dialects")
    directory: DirectorySettings = Field(default=DirectorySettings(), description="Addresses of recipients")
    white_list: WhiteListSettings | None = Field(default=None, description="MSSanté white list")
    known_gateways: tuple[Address, ...] = Field(default=(), description="Addresses whose owner reads FHIR")
    server: ServerSettings = Field(default=ServerSettings(), description="The HTTP door")
    limits: LimitSettings = Field(default=LimitSettings(), description="How much is taken in")
    work: WorkSettings = Field(default=WorkSettings(), description="The worker")
    documents: DocumentSettings = Field(default=DocumentSettings(), description="Documents")
    profiles: ProfileSettings = Field(default=ProfileSettings(), description="FHIR packages")
    retention: RetentionSettings = Field(default=RetentionSettings(), description="How long things are kept")
