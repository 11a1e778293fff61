"""Whether all forms of one exchange say the same of patient, author, type and dates; asked before anything leaves.

What differs is named by place (`cda.author`), never by value. It holds the legs that would carry it, and no other: the
contents are kept, so that a person can look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway import pack, translate
from gateway.journey.gateway import Gateway
from gateway.journey.legs import Planned
from gateway.journey.parcels import is_mail, reads_fhir
from gateway.model.codes import Terms
from gateway.model.errors import GatewayError
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.model.facts import Facts, disagreements

if TYPE_CHECKING:
    from gateway.pack import Packed

SHOWN = 20  # places told at once; there are at most a dozen for each form


class Incoherent(GatewayError):
    """The forms of one event do not say the same; `places` names the facts that differ, never their values."""

    code = "incoherent"

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__(
            f"Forms differ in {', '.join(places)}",
            advice="Make the document and the event say the same, then send it again",
        )


def gathered(event: Event, bundle: Mapping[str, Any], packed: Packed | None, terms: Terms) -> dict[str, Facts]:
    """The Facts of every form by its name, the event's first."""
    report = event.report if isinstance(event, ReportShared | ReportReplaced) else None
    forms = dict(packed.facts) if packed else {"event": pack.event_facts(event, report.type if report else None)}
    if packed is None and brings_cda(event):
        assert report is not None
        assert report.document is not None
        forms["cda"] = pack.read_cda(report.document.data or b"").facts
    return forms | {"bundle": translate.facts_of(dict(bundle), terms)}


def brings_cda(event: Event) -> bool:
    """True when the event's document is a CDA of the sender's own, with its content: every form then carries it."""
    report = event.report if isinstance(event, ReportShared | ReportReplaced) else None
    document = report.document if report else None
    return document is not None and document.data is not None and pack.is_cda(document)


def differing(
    gateway: Gateway, event: Event, plan: Planned, forms: Mapping[str, Facts], parcel: bytes
) -> tuple[str, ...]:
    """The places in which the forms this leg would carry contradict those before them.

    parcel  what would leave; a mail's own outside is one more form
    """
    mail = is_mail(plan)
    told = {**forms, "mail": pack.mail_facts(parcel)} if mail else forms
    carried = {"event"}
    carried |= {"cda", "xdm", "mail"} if mail else {"cda"} if brings_cda(event) else set()
    if reads_fhir(gateway, plan) if mail else plan.choice.transport == "fhir_server":
        carried.add("bundle")
    return tuple(place for place in disagreements(told) if _form(place) in carried)[:SHOWN]


def _form(place: str) -> str:
    return place.partition(".")[0].partition("[")[0]
