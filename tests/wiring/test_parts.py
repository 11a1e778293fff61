"""What wiring offers, and what it costs who needs little of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway import wiring


def test_wiring_has_everything_it_names() -> None:
    assert [name for name in wiring.__all__ if not hasattr(wiring, name)] == []
    with pytest.raises(AttributeError):
        getattr(wiring, "no_such_part")  # noqa: B009


def test_who_validates_a_file_waits_for_no_mailbox_and_no_settings() -> None:
    asked = "import sys, gateway.wiring.conformance, gateway.validate; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "gateway.validate.validator" in loaded
    assert not {"gateway.deliver", "gateway.record", "gateway.config", "cryptography", "pydantic"} & loaded
