"""passerelle.yaml → Settings: every field documented, wrong ones named with file and line, secrets only by reference.

Paths are relative to the settings file. A secret is written `file:PATH` or `env:NAME`; its value never stands in YAML.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gateway.model.errors import BadIdentifier, Broken
from gateway.model.identity import MailAddress

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    if isinstance(value, str):
        if value in ("1y", "2y", "3y"):
            return timedelta(days=365 * int(value[0]))
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|d)", value):
            return timedelta(**{_UNITS[match[2]]: float(match[1])})
    raise ValueError("a duration is a number and a unit: 30s, 5m, 72h, 7d, 1y")


def _address(value: str) -> str:
    try:
        return MailAddress(value).text
    except BadIdentifier:
        raise ValueError("not a mail address") from None


def _host_port(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+:\d{1,5}", value):
        raise ValueError("write host:port")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, AfterValidator(_address)]
HostPort = Annotated[str, AfterValidator(_host_port)]
SecretRef = Annotated[str, Field(pattern=r"^(file|env):.+$")]


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
    attempt: Duration = Field(
        default=timedelta(seconds=60), description="Longest time of one attempt; shorter than work.lease"
    )
    max_size: int = Field(default=25_000_000, description="Largest message the operator takes, in bytes")


class MailboxSettings(Section):
    """One of our mailboxes. The first APP one of a tenant is its default sender."""

    address: Address = Field(description="Its MSSanté address")
    type: Literal["APP", "PER", "ORG"] = Field(default="APP", description="Kind of mailbox (TRE_R257)")
    operator: str = Field(description="Name of its operator above")
    name: str = Field(default="", description="Display name of the sender (ECO.2.2.7); the tenant's name when empty")
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
    reply_to: Literal["author", "none"] = Field(
        default="none", description="Whether answers go to the author's own address"
    )
    collect: bool = Field(default=False, description="Read receipts and mail from this mailbox")


class ClientSettings(Section):
    """One software of a tenant."""

    dialect: str = Field(default="canonical", description="The dialect it speaks")
    callback: str | None = Field(default=None, pattern="^https://", description="Reserved: where notifications will go")
    secret: SecretRef | None = Field(default=None, description="Reserved: signs notifications")


class TenantSettings(Section):
    """One legally responsible body."""

    name: str = Field(description="Its name, as people know it")
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


class WorkSettings(Section):
    """How the worker paces itself."""

    threads: int = Field(default=4, ge=1, le=64, description="Parallel deliveries of one process")
    lease: Duration = Field(
        default=timedelta(seconds=120), description="After this, an attempt without an end is unknown"
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


class RetentionSettings(Section):
    """How long things are kept. Nothing is purged before a later version brings `passerelle purge`."""

    content: Duration = Field(default=timedelta(days=7), description="Contents of settled exchanges")
    failed: Duration = Field(default=timedelta(days=90), description="Contents of exchanges with a failed leg")
    audit: Duration = Field(default=timedelta(days=365), description="Records of the audit log (their hashes stay)")


class Settings(Section):
    """The whole of passerelle.yaml."""

    database: str = Field(default="sqlite:///var/passerelle.db", description="sqlite:///PATH or postgresql://…")
    production: bool = Field(default=False, description="True refuses test identities; False refuses real ones")
    audit: Audit
    vault: VaultSettings
    nil: str = Field(min_length=3, description="Product number of convergence.esante.gouv.fr (X-MSS-NIL)")
    contact: str = Field(default="", description="Who to call about a parcel, written in its README.TXT")
    operators: dict[str, OperatorSettings] = Field(default_factory=dict, description="MSSanté operators, by name")
    mailboxes: tuple[MailboxSettings, ...] = Field(default=(), description="Our mailboxes")
    folder: Path | None = Field(default=None, description="Folder of the folder transport (out/ and in/ below it)")
    tenants: dict[str, TenantSettings] = Field(description="Who uses this gateway")
    routes: Path = Field(default=Path("routes.yaml"), description="Who gets what: see the routes guide")
    mappings: tuple[Path, ...] = Field(default=(), description="Folders of further dialects")
    directory: DirectorySettings = Field(default=DirectorySettings(), description="Addresses of recipients")
    white_list: WhiteListSettings | None = Field(default=None, description="MSSanté white list")
    known_gateways: tuple[Address, ...] = Field(default=(), description="Addresses whose owner reads FHIR")
    server: ServerSettings = Field(default=ServerSettings(), description="The HTTP door")
    work: WorkSettings = Field(default=WorkSettings(), description="The worker")
    documents: DocumentSettings = Field(default=DocumentSettings(), description="Documents")
    retention: RetentionSettings = Field(default=RetentionSettings(), description="How long things are kept")


class BadSettings(Broken):
    """passerelle.yaml is wrong; `problems` names every field with file and line."""

    code = "bad-settings"

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems), advice="Correct the settings")


def load(path: Path) -> Settings:
    """Read and check a settings file. Raises BadSettings naming every problem as `file:line: field: what`."""
    try:
        tree = YAML(typ="rt").load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings([f"{path}: cannot be read: {type(error).__name__}"]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadSettings([f"{path}:{line}: not YAML: {error.problem}"]) from None
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as wrong:
        raise BadSettings([_problem(path, tree, error) for error in wrong.errors()]) from None
    problems = [
        f"{path}:{_line(tree, place)}: {'.'.join(map(str, place))}: {what}" for place, what in _crossed(settings)
    ]
    if problems:
        raise BadSettings(problems)
    return _settled(settings, path.parent.resolve())


def secret(reference: str, folder: Path) -> bytes:
    """The bytes behind `file:PATH` (relative to folder) or `env:NAME`. Raises BadSettings, never naming the value."""
    kind, _, name = reference.partition(":")
    try:
        return (folder / name).read_bytes() if kind == "file" else os.environb[name.encode()]
    except (OSError, KeyError):
        raise BadSettings([f"{reference}: no such secret"]) from None


def _crossed(settings: Settings) -> list[tuple[tuple[str | int, ...], str]]:
    """What one field says of another."""
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    for index, mailbox in enumerate(settings.mailboxes):
        if mailbox.operator not in settings.operators:
            wrong.append((("mailboxes", index, "operator"), "no such operator"))
        if mailbox.tenant is not None and mailbox.tenant not in settings.tenants:
            wrong.append((("mailboxes", index, "tenant"), "no such tenant"))
        if mailbox.type == "APP" and mailbox.certificate is None:
            wrong.append((("mailboxes", index, "certificate"), "an APP mailbox opens with its certificate"))
        if mailbox.type != "APP" and mailbox.token is None:
            wrong.append((("mailboxes", index, "token"), "a PER or ORG mailbox opens with its owner's token"))
    for name, operator in settings.operators.items():
        if operator.attempt >= settings.work.lease:
            wrong.append((("operators", name, "attempt"), "must be shorter than work.lease"))
    server = settings.server
    if not _is_loopback(server.host) and not server.behind_proxy and not (server.tls_certificate and server.tls_key):
        wrong.append((("server", "host"), "another address than loopback needs TLS or behind_proxy: true"))
    return wrong


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _settled(settings: Settings, folder: Path) -> Settings:
    """The same settings with every path made absolute."""

    def settle(value: Any) -> Any:
        if isinstance(value, Path):
            return folder / value
        if isinstance(value, Section):
            return value.model_copy(update={name: settle(getattr(value, name)) for name in type(value).model_fields})
        if isinstance(value, dict):
            return {key: settle(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(settle(item) for item in value)
        if isinstance(value, str) and re.match(r"sqlite:///[^/]", value):
            return f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
        if isinstance(value, str) and re.match(r"file:[^/]", value):
            return f"file:{folder / value.removeprefix('file:')}"
        return value

    settled = settle(settings)
    assert isinstance(settled, Settings)
    return settled


def _problem(path: Path, tree: Any, error: Any) -> str:
    place = tuple(error["loc"])
    what = "this field does not exist" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{path}:{_line(tree, place)}: {'.'.join(map(str, place)) or 'the file'}: {what}"


def _line(tree: Any, place: tuple[str | int, ...]) -> int:
    """The line of the deepest part of `place` that the file holds."""
    line = 1
    for step in place:
        marks = getattr(tree, "lc", None)
        try:
            if marks is None or marks.data is None:
                break
            line = marks.data[step][0] + 1
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            break
    return line
