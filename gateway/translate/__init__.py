"""translate: a vendor's words ⇄ the event ⇄ FHIR."""

from __future__ import annotations
