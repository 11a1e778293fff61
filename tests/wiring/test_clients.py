"""What the settings say of each software, as the journey knows it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config import Settings
from gateway.wiring.endpoints import clients_of


@pytest.mark.parametrize(
    ("number", "sender"),
    [
        (None, None),
        ("RPPS:10100054328", {"rpps": "10100054328"}),
        ("FINESS:750000127", {"organization": {"ids": [{"scheme": "FINESS", "value": "750000127"}]}}),
        ("ADELI:759300012", {"ids": [{"scheme": "ADELI", "value": "759300012"}]}),
    ],
)
def test_a_software_may_have_a_sender_of_its_own(number: str | None, sender: dict[str, Any] | None) -> None:
    settings = Settings.model_validate({
        "audit": {"origin": "passerelle/test", "key": "env:AUDIT", "checkpoints": "checkpoints"},
        "vault": {"key": "env:KEK"},
        "nil": "DEV935997",
        "tenants": {"cpts": {"name": "CPTS", "clients": {"logiciel": {"sender": number} if number else {}}}},
    })  # fmt: skip
    assert clients_of(settings)["cpts"]["logiciel"].sender == sender
