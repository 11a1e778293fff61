"""What a FHIR server says of a transaction: its transaction-response, or the OperationOutcome of a refusal.

A server's words may repeat the patient it was sent. They are kept without quotations, without numbers, and without any
word of the persons in the Bundle.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.deliver import DeliveryReport, Outcome
from gateway.deliver.conversation import Answer
from gateway.deliver.wording import LONGEST, one_line

_TRANSIENT = {"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"}
_CODE = re.compile(r"[a-z]{1,20}(-[a-z]{1,20}){0,3}", re.ASCII)  # an IssueType (R4)
_PLACE = re.compile(r"[A-Za-z]{1,64}(\.[A-Za-z]{1,64}|\[\d{1,3}\]){0,20}", re.ASCII)
_STATUS = re.compile(r"([1-5]\d\d)( .*)?", re.ASCII | re.DOTALL)

_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|«[^»]*»|“[^”]*”|‘[^’]*’|`[^`]*`|\([^()]*\|[^()]*\)")
_NUMBER = re.compile(r"\d(?:[ ./-]?\d){3,}")
_TOKEN = re.compile(r"[^\s,;:()<>]+")
_OF_PERSONS = {"Patient", "RelatedPerson", "Person"}
_TELLING = {"family", "given", "suffix", "text", "line", "city", "district", "state", "value", "valueString", "display"}


def judge(answer: Answer, sent: bytes, by_status: DeliveryReport) -> DeliveryReport:
    """The report of an answer to a transaction.

    sent       the Bundle, to know which words are its persons'.
    by_status  the report of its status alone.

    A 2xx arrives when the answer is a transaction-response whose every entry succeeded, an OperationOutcome without
    error, or nothing at all; anything else (a sign-in page, half an answer) proves nothing: UNKNOWN. A refusal brings
    its issue's code and its words; a transient issue may be tried again.
    """
    said = _read(answer.body)
    issue = _issue(said)
    if 200 <= answer.status <= 299:
        return _judge_success(answer, said, issue, sent, by_status)
    if issue is None:
        return by_status
    outcome = by_status.outcome
    if outcome is Outcome.NEVER and answer.status >= 400 and _is_transient(issue):
        outcome = Outcome.TRY_LATER
    return replace(by_status, outcome=outcome, detail=one_line(f"{by_status.detail}: {_words(issue, sent)}"))


def _judge_success(
    answer: Answer, said: dict[str, Any], issue: dict[str, Any] | None, sent: bytes, arrived: DeliveryReport
) -> DeliveryReport:
    unknown = replace(arrived, outcome=Outcome.UNKNOWN, code="outcome-unknown")
    if not answer.whole:
        return replace(unknown, detail=f"{arrived.detail}, and the answer was cut short")
    if issue is not None:
        outcome = Outcome.TRY_LATER if _is_transient(issue) else Outcome.NEVER
        return replace(arrived, outcome=outcome, detail=one_line(f"{arrived.detail}: {_words(issue, sent)}"))
    if not answer.body or said.get("resourceType") == "OperationOutcome":
        return arrived
    if said.get("resourceType") != "Bundle" or said.get("type") != "transaction-response":
        return replace(unknown, detail=f"{arrived.detail}, but no transaction-response")
    statuses = [_entry_status(entry) for entry in _list(said.get("entry"))]
    worst = max(statuses, default=0)
    if worst < 400 and not all(200 <= status <= 299 or status == 304 for status in statuses or [0]):
        return replace(unknown, detail=f"{arrived.detail}, but entries without a clear status")
    if worst >= 400:
        outcome = Outcome.TRY_LATER if worst >= 500 else Outcome.NEVER
        return replace(arrived, outcome=outcome, code=f"HTTP {worst}", detail=f"an entry was refused with {worst}")
    return replace(arrived, detail=f"{arrived.detail}, {len(statuses)} entries")


def _entry_status(entry: Any) -> int:
    response = entry.get("response") if isinstance(entry, dict) else None
    status = response.get("status") if isinstance(response, dict) else None
    found = _STATUS.fullmatch(status) if isinstance(status, str) else None
    return int(found[1]) if found else 0


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _issue(said: dict[str, Any]) -> dict[str, Any] | None:
    """The first issue that is an error."""
    if said.get("resourceType") != "OperationOutcome":
        return None
    issues = (each for each in _list(said.get("issue")) if isinstance(each, dict))
    return next((each for each in issues if each.get("severity") in ("fatal", "error")), None)


def _is_transient(issue: dict[str, Any]) -> bool:
    """Whether the same may succeed later (R4 IssueType, below `transient`)."""
    code = issue.get("code")
    return isinstance(code, str) and code in _TRANSIENT


def _words(issue: dict[str, Any], sent: bytes) -> str:
    code, place = issue.get("code"), next(iter(_list(issue.get("expression"))), None)
    details = issue.get("details")
    words = issue.get("diagnostics") or (details.get("text") if isinstance(details, dict) else None)
    said = [code if isinstance(code, str) and _CODE.fullmatch(code) else "no code"]
    if isinstance(place, str) and _PLACE.fullmatch(place):
        said.append(place)
    if isinstance(words, str):
        said.append(masked(words, sent))
    return ", ".join(said)


def masked(words: str, sent: bytes) -> str:
    """Someone else's words about a Bundle, without quotations, numbers of four digits and more, and its persons."""
    words = _NUMBER.sub("***", _QUOTED.sub("***", words[: 2 * LONGEST]))
    words = _TOKEN.sub(lambda found: "***" if "***" in found[0] else found[0], words)  # AZ1234567, all of it
    persons = {word for text in _told(_read(sent), False) for word in _folded(text).split() if len(word) > 1}
    return re.sub(r"\w+", lambda found: "***" if not persons.isdisjoint(_folded(found[0]).split()) else found[0], words)


def _told(element: Any, of_person: bool) -> Iterator[str]:
    """What the persons of a Bundle say of themselves, contained ones too."""
    if isinstance(element, list):
        for each in element:
            yield from _told(each, of_person)
    elif isinstance(element, dict):
        of_person = of_person or element.get("resourceType") in _OF_PERSONS
        for name, value in element.items():
            if isinstance(value, dict) or (isinstance(value, list) and name not in _TELLING):
                yield from _told(value, of_person)
            elif of_person and name in _TELLING:
                yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _folded(text: str) -> str:
    """Words in small letters without accents, apart from one another."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", plain.casefold())
