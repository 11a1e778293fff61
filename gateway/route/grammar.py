"""The grammar of routes.yaml: what may be written, field by field. What fields say together is in `table.py`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from gateway.model.errors import BadIdentifier
from gateway.model.event import KINDS, RESERVED
from gateway.model.identity import MailAddress
from gateway.model.plan import PlanKind
from gateway.model.when import When

MailboxType = Literal["PER", "ORG", "APP", "CAB"]
"""TRE_R257: personal, organisational, application, practice."""

Transport = Literal["mssante", "folder", "fhir_server", "callback"]
AttachFhir = Literal["never", "known-gateways", "always"]

DEFAULT_PREFER: tuple[MailboxType, ...] = ("PER", "ORG")


def _many(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _line(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 200:
        raise PydanticCustomError("bad-text", "one printable line of 1 to 200 characters is expected")
    return value.strip()


def _pattern(value: str) -> str:
    if not any(fnmatchcase(kind, value) for kind in (*KINDS, *RESERVED)):
        raise PydanticCustomError("matches-nothing", "no type of event fits this pattern")
    return value


def _plan_kind(value: str) -> str:
    if value not in get_args(PlanKind):
        raise PydanticCustomError(
            "unknown-code", "expected one of: {allowed}", {"allowed": ", ".join(get_args(PlanKind))}
        )
    return value


def _mode(value: Any) -> Any:
    if value == "share":
        raise PydanticCustomError(
            "share-not-supported",
            "sharing (CSP L1110-4 III) is not offered yet: rule L01 lets only mode: exchange through",
        )
    return value


def _when(value: Any) -> When:
    try:
        return When(_text(value))
    except (BadIdentifier, TypeError):
        raise PydanticCustomError("bad-date", "expected a day (2026-11-20) or an instant with its zone") from None


def _address(value: Any) -> MailAddress:
    try:
        return MailAddress(value)
    except (BadIdentifier, TypeError, AttributeError):
        raise PydanticCustomError("address-form", "expected a mail address: name@domain") from None


Line = Annotated[str, BeforeValidator(_text), AfterValidator(_line)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_many)]
Patterns = Annotated[tuple[Annotated[Line, AfterValidator(_pattern)], ...], BeforeValidator(_many)]
PlanKinds = Annotated[tuple[Annotated[Line, AfterValidator(_plan_kind)], ...], BeforeValidator(_many)]
Moment = Annotated[When, BeforeValidator(_when)]
Prefer = Annotated[tuple[MailboxType, ...], BeforeValidator(_many), Field(min_length=1)]
Mailbox = Annotated[MailAddress, BeforeValidator(_address)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Condition(_Part):
    """All that is said must hold; of several values of one field, one must.

    event      patterns of event types: `team.*`, `report.shared`
    structure  name or number of one of the team's structures, or of the sender's
    client     the sending software · tenant  the body it sends for
    plan       kind of plan (PPCS, PPS…) · report  document type (JDV_J07 code)
    """

    event: Patterns = ()
    structure: Lines = ()
    client: Lines = ()
    tenant: Lines = ()
    plan: PlanKinds = ()
    report: Lines = ()


class Validity(_Part):
    """First and last day of use, both included, counted in France; or instants."""

    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")


class Reach(_Part):
    """Whom a route addresses, in exactly one of six ways, and which mailboxes it prefers, best first.

    received-by: report   those who received the report that this event replaces or takes back
    """

    each: Literal["member"] | None = None
    role: Lines = ()
    treating_physician: Literal[True] | None = Field(None, alias="treating-physician")
    received_by: Literal["report"] | None = Field(None, alias="received-by")
    patient: Literal[True] | None = None
    address: Mailbox | None = None
    name: Line | None = None
    category: Annotated[Literal["1", "2"], BeforeValidator(_text)] | None = None
    prefer: Prefer = DEFAULT_PREFER


class Route(_Part):
    """One route: when it is used, whom it reaches, by which channel, in which legal mode (L01).

    else: true           used only when no route above it reached anyone
    else: name(s)        used only when none of those routes, all above it, reached anyone
    end_of_exchange: true   with to: {patient: true}: the patient may not answer any more (X-MSS-MES: FIN)
    """

    name: Line
    when: Condition = Condition()
    unless: Condition | None = None
    otherwise: Literal[True] | Lines = Field((), alias="else", union_mode="left_to_right")
    valid: Validity = Validity.model_construct()
    to: Reach
    via: Transport
    mode: Annotated[Literal["exchange"], BeforeValidator(_mode)]
    attach_fhir: AttachFhir = "never"
    end_of_exchange: bool = False


WAYS = ("each", "role", "treating-physician", "received-by", "patient", "address")
"""The ways of `to`, as written."""
