"""The text of a mail: every kind has its sentence, and a cancellation says nothing of what it takes back."""

from __future__ import annotations

import pytest

from gateway.journey.wording import body_text
from gateway.model.event import KINDS
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
