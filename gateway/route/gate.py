"""The legal gate: may this leg go? Default deny; judged when it is prepared and again before each attempt.

Pure: no input or output, the same arguments give the same answer. Rules L01 to L15 are those of the project's legal
table; the ones not named here are checked elsewhere or not offered yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.model.event import ReportCancelled
from gateway.model.objection import Objection
from gateway.route.addressee import PATIENT_DOMAIN
from gateway.route.case import Case, case_from
from gateway.route.decision import Decision, Ground, Verdict
from gateway.route.directory.endpoints import BY_ENDPOINT, Endpoints
from gateway.route.directory.whitelist import WhiteList

MSSANTE, FOLDER = "mssante", "folder"

NO_ENDPOINTS = Endpoints()
_NATIONAL = frozenset({"RPPS", "ADELI", "FINESS", "SIREN", "SIRET", "RPPS-RANG", "ADELI-RANG"})
_SPEAKS = frozenset({"RPPS", "FINESS", "SIREN", "SIRET"})
_TO_PROFESSIONALS, _TO_PATIENT, _TO_REPRESENTATIVES = (
    "MASQUE_PS",
    "INVISIBLE_PATIENT",
    "INVISIBLE_REPRESENTANTS_LEGAUX",
)
_PARTIES = frozenset({"professional", "structure", "mailbox", "patient"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is judged beside the case itself."""

    objections: Sequence[Objection]
    white_list: WhiteList | None
    now: datetime
    endpoints: Endpoints

    def allowed(self, domain: str | None) -> bool:
        """True for a domain on a list that may be relied on."""
        usable = self.white_list is not None and self.white_list.usable(self.now)
        return usable and self.white_list is not None and domain is not None and self.white_list.allows(domain)


Finding = tuple[Verdict, str] | None
"""None: the rule is met."""


def judge(
    case: Case | Mapping[str, Any],
    *,
    objections: Sequence[Objection],
    white_list: WhiteList | None,
    now: datetime,
    endpoints: Endpoints = NO_ENDPOINTS,
) -> Decision:
    """The decision on one leg. Never raises: whatever goes wrong inside is a hold by rule `L00`.

    case        as built, or as kept with the leg (a tree)
    objections  at least those of this patient; others are ignored
    white_list  None, or too old at `now`: legs by mssante are held
    endpoints   those of the settings today: a leg to any other one is held
    """
    try:
        judged = case if isinstance(case, Case) else case_from(case)
        around = Surroundings(objections, white_list, now, endpoints)
        findings = [(rule, check(judged, around)) for rule, check in RULES]
        checked = tuple((rule, finding is None) for rule, finding in findings)
        return _decided(judged, findings, checked)
    except Exception:  # fail closed: a defect of ours must never let a parcel through
        return Decision(verdict=Verdict.HOLD, rule="L00", reason="broken", ground=None, checked=(("L00", False),))


def _decided(case: Case, findings: list[tuple[str, Finding]], checked: tuple[tuple[str, bool], ...]) -> Decision:
    for verdict in (Verdict.DENY, Verdict.HOLD):
        for rule, finding in findings:
            if finding is not None and finding[0] is verdict:
                return Decision(verdict=verdict, rule=rule, reason=finding[1], ground=None, checked=checked)
    if any(finding is not None for _, finding in findings):
        raise ValueError("a rule answered neither hold nor deny")
    return Decision(verdict=Verdict.PERMIT, rule="L05", reason=None, ground=ground_of(case), checked=checked)


def ground_of(case: Case) -> Ground | None:
    """By which right the recipient may have it (CSP L1110-4 II); None: by none.

    That a report is taken back is said to those who got it, all of them and nobody else (RGPD, article 19).
    """
    if case.event_type == ReportCancelled.type:
        return "received" if case.received is True else None
    if case.recipient_kind == "patient":
        return "own-patient"
    if case.in_team is True:
        return "in-team"
    if case.named is True:
        return "named"
    return "received" if case.received is True else None


def l01_mode(case: Case, around: Surroundings) -> Finding:
    """An exchange with a named recipient; sharing is not offered yet."""
    return None if case.mode == "exchange" else (Verdict.DENY, "mode-not-allowed")


def l02_sender(case: Case, around: Surroundings) -> Finding:
    """The sender is identified: a person by RPPS, a structure by FINESS or SIREN (a SIRET holds one)."""
    return None if case.sender_by in _SPEAKS else (Verdict.DENY, "sender-not-identified")


def l03_recipient(case: Case, around: Surroundings) -> Finding:
    """The recipient is identified, and reached at a mailbox of the trust space or at an endpoint of their own."""
    if case.recipient_kind not in _PARTIES:
        return Verdict.DENY, "not-identified"
    if (case.recipient_kind == "patient") != (case.domain == PATIENT_DOMAIN) and case.domain is not None:
        return Verdict.DENY, "not-identified"  # a citizen's mailbox is the patient's own, or not to be written to
    if case.transport == MSSANTE:
        if case.domain is None:
            return Verdict.HOLD, "no-address"
        if around.white_list is None or not around.white_list.usable(around.now):
            return Verdict.HOLD, "white-list-missing"
        if not around.allowed(case.domain):
            return Verdict.HOLD, "not-in-white-list"
    if case.transport in BY_ENDPOINT and not _has_endpoint(case, around):
        return Verdict.HOLD, "no-endpoint"
    return None if _identified(case) else (Verdict.HOLD, "not-identified")


def _has_endpoint(case: Case, around: Surroundings) -> bool:
    """Of the settings as they are now, and for this very recipient or a site of theirs."""
    keys = (case.recipient_id, *case.recipient_ids, *case.organization_ids)
    return around.endpoints.reaches(case.endpoint, case.transport, keys)


def _identified(case: Case) -> bool:
    """By a national identifier; or the mailbox is the sender's own word, and its operator answers for its bearer."""
    if case.recipient_kind == "patient":
        return True
    if case.recipient_kind == "mailbox":
        return case.domain is not None
    national = any(key.partition(":")[0] in _NATIONAL for key in (case.recipient_id, *case.recipient_ids))
    return national or case.address_by == "event"


def l05_takes_part(case: Case, around: Surroundings) -> Finding:
    """The recipient takes part in care: of the team, or named by the sender. The patient has a right of their own.

    What corrects or takes back a report has a ground of its own: its recipient holds that report.
    """
    if ground_of(case) is not None:
        return None
    return Verdict.DENY, "did-not-receive" if case.event_type == ReportCancelled.type else "not-in-care"


def l08_objection(case: Case, around: Surroundings) -> Finding:
    """No active objection covers it. One against a person bars a bare mailbox too, until its bearer is known.

    A cancellation shares nothing new: it holds no word of the report, and goes only to those who have that report.
    Keeping it from them would leave them with what must not be used, so no objection bars it (RGPD, article 19).
    """
    if case.event_type == ReportCancelled.type:
        return None
    for one in around.objections:
        theirs = one.tenant == case.tenant and one.patient == case.patient
        if not theirs or not one.active(around.now) or not one.about(case.event_type):
            continue
        if not _category_barred(one.category, case):
            continue
        if one.recipient is None or one.recipient in (case.recipient_id, *case.recipient_ids, *case.organization_ids):
            return Verdict.DENY, "objection"
        if case.recipient_kind == "mailbox" and "@" not in one.recipient:
            return Verdict.HOLD, "not-identified"
    return None


def _category_barred(category: str | None, case: Case) -> bool:
    """A recipient whose category is not known falls under an objection to either one."""
    if category is None:
        return True
    return case.recipient_kind != "patient" and case.category in (category, None)


def l10_identity(case: Case, around: Surroundings) -> Finding:
    """The matricule leaves only with a qualified identity, and only such an identity has a citizen's mailbox."""
    qualified = case.identity_status == "qualified"
    if not qualified and (case.ins_leaves or case.recipient_kind == "patient" or case.domain == PATIENT_DOMAIN):
        return Verdict.DENY, "ins-not-qualified"
    return None


def l12_masks(case: Case, around: Surroundings) -> Finding:
    """The masking matrix (regles-gestion-mssante of the CDA transmission guide); a combination not in it is not sent.

    One leg has one recipient: a row that sends to professionals only still lets each of its legs be.
    """
    masks = set(case.masks)
    if masks - {_TO_PROFESSIONALS, _TO_PATIENT, _TO_REPRESENTATIVES}:
        return Verdict.DENY, "mask-combination"
    if case.recipient_kind == "patient":
        if _TO_PATIENT in masks:
            return Verdict.DENY, "masked-to-patient"
        return (Verdict.DENY, "mask-combination") if masks and case.secret_care else None
    if _TO_PROFESSIONALS in masks:
        return Verdict.DENY, "masked-to-professionals"
    return (Verdict.DENY, "mask-combination") if _TO_REPRESENTATIVES in masks else None


def l13_representatives(case: Case, around: Surroundings) -> Finding:
    """What legal representatives may not see goes to no mailbox they may open: stricter than the matrix.

    A minor's mailbox is the minor's own and yet open to them, and so may be that of an adult under guardianship.
    """
    hidden = case.secret_care or _TO_REPRESENTATIVES in case.masks
    seen = case.recipient_kind == "patient" and case.represented is not False
    return (Verdict.DENY, "seen-by-representatives") if hidden and seen else None


def l15_channel(case: Case, around: Surroundings) -> Finding:
    """By mssante from the trust space into the trust space, by https to an endpoint of the settings (there is no
    other kind), or into a folder of our own; by nothing else.
    """
    if case.transport == FOLDER:
        return None
    if case.transport in BY_ENDPOINT:
        return None if _has_endpoint(case, around) else (Verdict.HOLD, "no-endpoint")
    if case.transport != MSSANTE:
        return Verdict.DENY, "channel-not-secure"
    if around.white_list is None or not around.white_list.usable(around.now):
        return Verdict.HOLD, "white-list-missing"
    origin_safe = case.origin_domain is None or around.allowed(case.origin_domain)
    return None if origin_safe and around.allowed(case.domain) else (Verdict.HOLD, "channel-not-secure")


RULES: tuple[tuple[str, Callable[[Case, Surroundings], Finding]], ...] = (
    ("L01", l01_mode),
    ("L02", l02_sender),
    ("L03", l03_recipient),
    ("L05", l05_takes_part),
    ("L08", l08_objection),
    ("L10", l10_identity),
    ("L12", l12_masks),
    ("L13", l13_representatives),
    ("L15", l15_channel),
)
"""The rules in the order they are told; all are always looked at."""
