"""What the database says in its own words never carries what was in the rows."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from gateway.model.errors import Broken, GatewayError
from gateway.record import Store, Taken
from gateway.record.schema import jobs
from tests.record.rows import exchange, keep

SECRET = "279035121518989"


def test_a_taken_key_is_not_named_in_the_error(store: Store) -> None:
    keep(store, exchange(event_id=SECRET))
    with pytest.raises(Taken) as taken:
        keep(store, exchange(event_id=SECRET))
    assert_silent(taken.value)


def test_a_refused_statement_is_not_shown_in_the_error(store: Store) -> None:
    with pytest.raises(Broken) as refused, store.unit() as unit:
        unit.jobs._transaction.write(insert(jobs), {"tenant": SECRET, "kind": SECRET})
    assert_silent(refused.value)


def test_a_fact_that_cannot_be_written_is_not_shown_in_the_error(store: Store) -> None:
    from tests.record.rows import entry

    with pytest.raises(Broken) as refused, store.unit() as unit:
        unit.audit(entry(facts={SECRET: 2**60}))
    assert_silent(refused.value)
    assert store.verify().entries == 0


def assert_silent(error: GatewayError) -> None:
    """Neither it nor what is printed with it holds the value."""
    assert SECRET not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
