"""Metadata in the words of XDS: what an archive says, attribute by attribute, and what it leaves out.

Names are those of IHE ITI TF-3 §4.2.3; an attribute that is not there has no slot, so no name here either.
"""

from __future__ import annotations

from typing import Any

from gateway.pack.header import Code
from gateway.pack.xds import LETTERS, Entry, Submission, Writer

ESSENTIAL = ("patientId", "uniqueId", "typeCode", "creationTime")
"""Without these nobody can file the document: whose it is, which, what, when."""

REQUIRED = (
    *ESSENTIAL,
    *("URI", "hash", "size", "mimeType", "title", "languageCode", "serviceStartTime", "legalAuthenticator"),
    *("sourcePatientId", "sourcePatientInfo", "authors", "classCode", "formatCode", "confidentialityCode"),
    *("healthcareFacilityTypeCode", "practiceSettingCode"),
)
"""What every entry says in France (CI-SIS, Volet partage de documents)."""


def entry_words(entry: Entry) -> dict[str, Any]:
    """One DocumentEntry. `size` is a number, times are UTC digits, `extraMetadataSlot` C (replaces) or D (deletes)."""
    return _said(
        {
            "URI": entry.uri,
            "hash": entry.hash,
            "size": entry.size if entry.size >= 0 else None,
            "mimeType": entry.mime_type,
            "title": entry.title,
            "comments": entry.comments,
            "creationTime": entry.created,
            "serviceStartTime": entry.service_start,
            "serviceStopTime": entry.service_stop,
            "languageCode": entry.language,
            "legalAuthenticator": entry.authenticator,
            "patientId": entry.patient_id,
            "sourcePatientId": entry.source_patient_id,
            "sourcePatientInfo": list(entry.source_patient_info),
            "authors": [_author(author) for author in entry.authors],
            "classCode": _code(entry.class_code),
            "typeCode": _code(entry.type_code),
            "formatCode": _code(entry.format_code),
            "healthcareFacilityTypeCode": _code(entry.facility),
            "practiceSettingCode": _code(entry.setting),
            "confidentialityCode": [_code(code) for code in entry.confidentiality],
            "eventCodeList": [_code(code) for code in entry.events],
            "uniqueId": entry.unique_id,
            "extraMetadataSlot": LETTERS.get(entry.action) if entry.action else None,
        }
    )


def submission_words(submission: Submission) -> dict[str, Any]:
    """The SubmissionSet."""
    return _said(
        {
            "submissionTime": submission.time,
            "title": submission.title,
            "comments": submission.comments,
            "author": _author(submission.author),
            "contentTypeCode": _code(submission.content_type),
            "patientId": submission.patient_id,
            "sourceId": submission.source_id,
            "uniqueId": submission.unique_id,
        }
    )


def omitted(entry: Entry, names: tuple[str, ...] = REQUIRED) -> tuple[str, ...]:
    """Which of these attributes the entry does not say."""
    told = entry_words(entry)
    return tuple(name for name in names if told.get(name) in (None, []))


def _author(author: Writer) -> dict[str, str]:
    return _said(
        {
            "authorInstitution": author.institution,
            "authorPerson": author.person,
            "authorRole": author.role,
            "authorSpecialty": author.specialty,
        }
    )


def _code(code: Code) -> dict[str, str] | None:
    return {"code": code.code, "display": code.display, "codingScheme": code.system} if code.code else None


def _said(words: dict[str, Any]) -> dict[str, Any]:
    """Lists stay when they are empty: they say that there is nothing."""
    return {name: value for name, value in words.items() if value not in ("", None, {})}
