from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gateway.journey.minting import mint_id, mint_message_id

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_an_id_is_a_version_7_uuid_and_later_ones_sort_later() -> None:
    ids = [mint_id(NOW + timedelta(milliseconds=n), os.urandom) for n in range(50)]
    assert ids == sorted(ids)
    assert {UUID(id).version for id in ids} == {7}
    assert UUID(ids[0]).int >> 80 == int(NOW.timestamp() * 1000)


def test_a_message_id_holds_128_random_bits_and_the_sending_domain() -> None:
    minted = mint_message_id("cpts.exemple.mssante.fr", lambda count: b"\xff" * count)
    word, _, domain = minted.partition("@")
    assert domain == "cpts.exemple.mssante.fr"
    assert len(word) == 26
    assert word.isalnum()
    assert mint_message_id("a.fr", os.urandom) != mint_message_id("a.fr", os.urandom)
