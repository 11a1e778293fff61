"""What a page says of a report, in French: its cover when it came without document, or that it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.model.codes import Terms
from gateway.model.event import ReportCancelled, ReportReplaced, ReportShared
from gateway.pack.header import Id
from gateway.pack.matter import is_newer_version
from gateway.pack.packed import Earlier
from gateway.pack.page_parts import Section, note, pairs
from gateway.pack.parties import coded
from gateway.pack.times import french

_PARIS = ZoneInfo("Europe/Paris")
_REASONS = {
    "wrong-patient": "le document ne concerne pas ce patient",
    "wrong-recipient": "le document a été envoyé à un destinataire auquel il n'était pas destiné",
    "error": "le document contient une erreur",
    "patient-request": "à la demande du patient",
}
_NO_DOCUMENT = "L'émetteur n'a joint aucun document. Cette page reprend ce qu'il a déclaré du compte rendu."
REPLACES = "Ce document annule et remplace la version précédente, qui ne doit plus être utilisée."
DO_NOT_USE = (
    "Le document désigné ci-dessous est annulé. Il ne doit plus être utilisé : retirez-le du dossier du patient, "
    "ou marquez-le comme annulé. Cette page ne reprend rien de son contenu."
)


def cancellation_sections(event: ReportCancelled, previous: Sequence[Earlier]) -> list[Section]:
    """That a report must not be used, and why: nothing of what it said, not even its title or type."""
    sent = [f"{one.at.astimezone(_PARIS):%d/%m/%Y à %H:%M}" for one in previous if one.at]
    return [
        note("Ce qu'il faut faire", DO_NOT_USE),
        *pairs(
            "Le document annulé",
            [
                ("Transmis le", "\n".join(sent)),
                ("Identifiant du document", "\n".join(_word(one.document) for one in previous)),
                ("Annulé le", french(event.occurred_at)),
                ("Motif", _REASONS[event.report.reason]),
            ],
        ),
    ]


def _word(id: Id) -> str:
    return f"{id.root}^{id.extension}" if id.extension else id.root


def report_sections(event: ReportShared | ReportReplaced, terms: Terms) -> list[Section]:
    """What is known of a report that came without its document: its cover."""
    report = event.report
    kind = terms.find(report.type, "J07")
    setting = terms.find(report.setting, "J04") if report.setting else None
    facility = terms.find(report.facility, "J02") if report.facility else None
    acts = ((act.display or act.code) for act in (coded(one, terms) for one in report.acts))
    signed = report.signed_by
    said = [
        ("Type de document", kind.display if kind else ""),
        ("Établi le", french(report.created_at)),
        ("Auteurs", "\n".join(who.name for who in report.authors if who.name)),
        ("Validé par", f"{signed.professional.name} le {french(signed.at)}" if signed else ""),
        ("Début de l'acte", french(report.service_start) if report.service_start else ""),
        ("Fin de l'acte", french(report.service_end) if report.service_end else ""),
        ("Actes", "\n".join(acts)),
        ("Cadre", setting.display if setting else ""),
        ("Lieu", facility.display if facility else ""),
        ("Version", str(report.version) if report.version else ""),
    ]
    newer = [note("Nouvelle version", REPLACES)] if is_newer_version(event) else []
    return [*newer, *pairs("Le compte rendu", said), note("À savoir", _NO_DOCUMENT)]
