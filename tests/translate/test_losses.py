"""What a dialect cannot carry is known by name."""

from __future__ import annotations

from gateway.model.event import KINDS
from gateway.translate.losses import losses
from tests.translate.dialects import dialects


def test_canonical_carries_every_field_of_the_model() -> None:
    assert losses(dialects().get("canonical")) == dict.fromkeys(KINDS, ())


def test_a_poorer_dialect_names_what_it_leaves_out() -> None:
    lost = losses(dialects().get("soignons"))
    assert {"sender.specialty", "patient.address", "legal", "member.roles", "team.structures"} <= set(
        lost["team.member-joined"]
    )
    assert "team.members.organization" in lost["team.created"]
    assert "report.authors" in lost["report.shared"]
    assert not {"id", "occurred_at", "member.rpps", "patient.ins"} & set(lost["team.member-joined"])
