"""The text of a mail: every kind has its sentence, and a cancellation says nothing of what it takes back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gateway.journey.wording import body_text
from gateway.model.event import KINDS
from gateway.model.people import Organization, Sender
from tests.pack.material import packed, story


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_says_who_tells_what_in_one_sentence(kind: str) -> None:
    event, _ = story()[kind]
    text = body_text(event, packed(kind).title)
    assert "Jeanne MARTIN (Maison de santé des Deux Ponts) " in text
    assert f"Document joint : {packed(kind).title}" in text


def test_each_kind_has_words_of_its_own() -> None:
    sentences = {body_text(event, "").splitlines()[2] for event, _ in story().values()}
    assert len(sentences) == len(KINDS)


def test_only_a_newer_version_says_that_it_replaces() -> None:
    saying = {kind for kind, (event, _) in story().items() if "annule et remplace" in body_text(event, "")}
    assert saying == {"report.replaced"}


def test_a_cancellation_says_why_and_what_to_do() -> None:
    event, _ = story()["report.cancelled"]
    text = body_text(event, packed("report.cancelled").title)
    assert "ne doit plus être utilisé. Motif : il ne concerne pas ce patient." in text
    assert "CR-2026" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_patient_is_told_in_plain_words(kind: str) -> None:
    event, _ = story()[kind]
    text = body_text(event, "Titre", to_patient=True)
    assert text.startswith("Bonjour,\n\nJeanne MARTIN (Maison de santé des Deux Ponts) vous ")
    assert not re.search(r"logiciel métier|dossier du patient|accuser réception|coordination|intégrer", text)
    assert "ouvrez le fichier PDF" in text
    assert "Vous pouvez répondre à ce message." in text


def test_each_kind_has_words_of_its_own_for_the_patient() -> None:
    sentences = {body_text(event, "", to_patient=True).splitlines()[2] for event, _ in story().values()}
    assert len(sentences) == len(KINDS)


def test_a_patient_whose_exchange_ends_is_told_not_to_answer() -> None:
    event, _ = story()["plan.closed"]
    text = body_text(event, "", to_patient=True, ends=True)
    assert "vous ne pouvez pas répondre à ce message" in text
    assert "Vous pouvez répondre" not in text


def test_a_cancellation_gives_the_patient_no_task_of_professionals() -> None:
    event, _ = story()["report.cancelled"]
    text = body_text(event, "", to_patient=True)
    assert "ne doit plus être utilisé. Motif : il ne vous concerne pas." in text
    assert "Retirez-le" not in text


def test_a_sender_known_only_by_a_number_is_still_someone() -> None:
    event, _ = story()["plan.created"]
    sender = Sender(organization=Organization(finess="750000002"))
    assert "\nL'émetteur vous " in body_text(replace(event, sender=sender), "")
