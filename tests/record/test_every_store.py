"""What every store promises, asked of SQLite and of PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.model.errors import Broken
from gateway.model.exchange import EXCHANGE_MOVES, ExchangeState, LegState
from gateway.model.objection import Objection
from gateway.model.where import Where
from gateway.record import Erased, Missing, Silent, Stale, Store, Taken, WrongMove
from gateway.record.vault import LARGEST
from tests.record.conftest import NOW, Database
from tests.record.rows import entry, exchange, fill, keep, leg, standing_legs

LEASE = timedelta(minutes=2)


# — units


def test_what_a_unit_did_is_there_for_others_once_it_ends(database: Database, store: Store) -> None:
    one = exchange()
    keep(store, one)
    with database.open().glance() as unit:
        assert unit.exchanges.get("cpts", one.id) == one
        assert unit.log.head().size == 1


def test_an_exception_undoes_the_whole_unit(store: Store) -> None:
    one = exchange()

    def break_off() -> None:
        with store.unit() as unit:
            unit.exchanges.open(one)
            unit.contents.put("cpts", one.id, "event", b"{}")
            unit.audit(entry(one))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with store.glance() as unit:
        assert unit.exchanges.get("cpts", one.id) is None
        assert unit.contents.names("cpts", one.id) == ()
        assert unit.log.head().size == 0


def test_a_unit_that_changed_a_state_in_silence_keeps_nothing(store: Store) -> None:
    one = exchange()
    with pytest.raises(Silent), store.unit() as unit:
        unit.exchanges.open(one)
    keep(store, one, leg(one))
    with pytest.raises(Silent), store.unit() as unit:
        unit.exchanges.move("cpts", one.id, ExchangeState.PREPARED)
    with store.glance() as unit:
        assert unit.exchanges.get("cpts", one.id) == one


@pytest.mark.parametrize("other", [{"leg": 2}, {"exchange": "another"}, {"tenant": "another"}])
def test_an_entry_about_something_else_does_not_tell_of_a_leg(store: Store, other: dict[str, object]) -> None:
    one = exchange()
    keep(store, one, leg(one))
    (standing,) = standing_legs(store, one)

    def move_and_tell_of_another() -> None:
        with store.unit() as unit:
            unit.legs.move(standing, LegState.HELD)
            unit.audit(entry(standing, **other))

    with pytest.raises(Silent):
        move_and_tell_of_another()
    with store.glance() as unit:
        assert unit.legs.of("cpts", one.id)[0].state is LegState.WAITING


def test_a_glance_writes_nothing(store: Store) -> None:
    with store.glance() as unit:
        with pytest.raises(Broken):
            unit.exchanges.open(exchange())
        with pytest.raises(Broken):
            unit.patients.handle("cpts", ["INS:1"])
        with pytest.raises(Broken):
            unit.audit(entry())


def test_a_unit_inside_another_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with store.unit() as outer:
        outer.patients.handle("cpts", ["INS:1"])
        with pytest.raises(Broken, match="inside another"), store.unit() as inner:
            inner.patients.handle("cpts", ["INS:2"])


def test_a_store_refuses_tables_of_another_version(database: Database, store: Store) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    with pytest.raises(Broken, match="db upgrade"):
        database.open()


# — exchanges


def test_an_event_id_belongs_to_one_client_of_one_tenant(store: Store) -> None:
    one = exchange(event_id="same")
    keep(store, one)
    keep(store, exchange(event_id="same", client="another"))
    keep(store, exchange(event_id="same", tenant="another"))
    with pytest.raises(Taken), store.unit() as unit:
        unit.exchanges.open(exchange(event_id="same"))
    with store.glance() as unit:
        assert unit.exchanges.by_event("cpts", "logimed", "same") == one


def test_exchanges_are_listed_newest_first_page_by_page_and_never_another_tenants(store: Store) -> None:
    made = [exchange(client="a" if n % 2 else "b") for n in range(7)]
    for one in made:
        keep(store, one)
    keep(store, exchange(tenant="another", client="a"))
    with store.glance() as unit:
        seen, cursor = [], None
        while True:
            page = unit.exchanges.search("cpts", cursor=cursor, limit=3)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == made[::-1]
        assert list(unit.exchanges.search("cpts", Where(client="a")).items) == [
            one for one in made[::-1] if one.client == "a"
        ]
        assert unit.exchanges.search("cpts", Where(since=NOW + timedelta(seconds=1))).items == ()
        assert unit.exchanges.search("cpts", Where(state=ExchangeState.HELD)).items == ()
        with pytest.raises(Broken):
            unit.exchanges.search("cpts", cursor="1 OR 1=1")
        assert unit.exchanges.tally()["cpts", "accepted"] == 7


def test_an_exchange_moves_only_where_the_table_says(store: Store) -> None:
    for state in ExchangeState:
        with store.unit() as unit:
            for to in ExchangeState:
                one = exchange(state=state)
                unit.exchanges.open(one)
                unit.audit(entry(one))
                if to in EXCHANGE_MOVES[state]:
                    assert unit.exchanges.move("cpts", one.id, to, reason="why").state is to
                else:
                    with pytest.raises(WrongMove):
                        unit.exchanges.move("cpts", one.id, to)


def test_moving_what_is_not_there_is_missing(store: Store) -> None:
    with pytest.raises(Missing), store.unit() as unit:
        unit.exchanges.move("cpts", "nothing", ExchangeState.HELD)


# — answers


def test_the_same_key_gets_the_first_answer_for_ever(store: Store) -> None:
    one, two = exchange(), exchange()
    for each in (one, two):
        keep(store, each)
    with store.unit() as unit:
        unit.answers.keep("cpts", "logimed", ["event:1", "key:a"], "digest", one.id, b"{}")
    with pytest.raises(Taken, match="answer"), store.unit() as unit:
        unit.answers.keep("cpts", "logimed", ["key:new", "key:a"], "other", two.id, b"[]")
    with store.glance() as unit:
        for key in ("event:1", "key:a"):
            kept = unit.answers.find("cpts", "logimed", key)
            assert kept is not None
            assert (kept.digest, kept.exchange, kept.body) == ("digest", one.id, b"{}")
        assert unit.answers.find("cpts", "logimed", "key:new") is None
        assert unit.answers.find("cpts", "another", "key:a") is None
        assert unit.answers.find("another", "logimed", "key:a") is None


# — patients


def test_a_patient_has_one_handle_under_all_their_names(store: Store) -> None:
    with store.unit() as unit:
        handle = unit.patients.handle("cpts", ["LOCAL:logimed:1"])
        assert unit.patients.handle("cpts", ["INS:2790", "LOCAL:logimed:1"]) == handle
    with store.unit() as unit:
        assert unit.patients.handle("cpts", ["INS:2790"]) == handle
        assert unit.patients.known("cpts", ["INS:nobody", "INS:2790"]) == handle
        assert unit.patients.known("cpts", ["INS:nobody"]) is None
        assert unit.patients.known("another", ["INS:2790"]) is None
        assert unit.patients.handle("another", ["INS:2790"]) != handle


def test_the_first_name_wins_when_two_lead_to_different_patients(store: Store) -> None:
    with store.unit() as unit:
        first, second = unit.patients.handle("cpts", ["a"]), unit.patients.handle("cpts", ["b"])
        assert first != second
        assert unit.patients.handle("cpts", ["b", "a", "c"]) == second
        assert unit.patients.handle("cpts", ["c"]) == second
        assert unit.patients.handle("cpts", ["a"]) == first


def test_a_handle_says_nothing_and_aliases_are_not_in_the_database(store: Store) -> None:
    with store.unit() as unit:
        handle = unit.patients.handle("cpts", ["INS:279035121518989"])
    assert len(bytes.fromhex(handle)) == 16
    assert b"279035121518989" not in everything(store)


def everything(store: Store) -> bytes:
    """Every value of every table, as bytes."""
    from gateway.record.schema import metadata

    found = b""
    with store._engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                found += b"".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in row if value is not None
                )
    return found


# — keys, objections, mail


def test_a_key_opens_until_it_is_revoked_and_its_secret_is_kept_nowhere(store: Store) -> None:
    with store.unit() as unit:
        credential, secret = unit.keys.add("cpts", "logimed", "vendor")
        unit.audit(entry(kind="key-created"))
    with store.glance() as unit:
        assert unit.keys.find(secret) == credential
        assert unit.keys.find(secret + "x") is None
        (seen,) = unit.keys.list("cpts")
        assert (seen.id, seen.tenant, seen.client, seen.role, seen.revoked_at) == (
            credential.id, "cpts", "logimed", "vendor", None,
        )  # fmt: skip
        assert unit.keys.list("another") == ()
    assert secret.removeprefix("passerelle_").encode() not in everything(store)
    with pytest.raises(Missing), store.unit() as unit:
        unit.keys.revoke("another", credential.id)
    with store.unit() as unit:
        unit.keys.revoke("cpts", credential.id)
        unit.audit(entry(kind="key-revoked"))
    with store.glance() as unit:
        assert unit.keys.find(secret) is None
        assert unit.keys.list()[0].revoked_at == NOW


def test_an_objection_stands_until_it_is_withdrawn(store: Store) -> None:
    one = Objection(id="o1", tenant="cpts", patient="p", recipient="RPPS:1", category="2", event_type="report", at=NOW)
    with store.unit() as unit:
        unit.objections.add(one)
        unit.audit(entry(kind="objection-recorded"))
    with store.glance() as unit:
        assert unit.objections.active("cpts", "p") == (one,)
        assert unit.objections.active("another", "p") == unit.objections.active("cpts", "q") == ()
    with store.unit() as unit:
        assert unit.objections.withdraw("cpts", "o1", NOW + LEASE).withdrawn_at == NOW + LEASE
        assert unit.objections.withdraw("cpts", "o1", NOW).withdrawn_at == NOW + LEASE
        unit.audit(entry(kind="objection-withdrawn"))
        assert unit.objections.active("cpts", "p") == ()
        assert unit.objections.get("cpts", "o1") is not None
    with pytest.raises(Missing), store.unit() as unit:
        unit.objections.withdraw("another", "o1", NOW)
    with pytest.raises(Silent), store.unit() as unit:
        unit.objections.add(Objection(id="o2", tenant="cpts", patient="p", at=NOW))


def test_a_collected_mail_is_kept_once_and_settled_once(store: Store) -> None:
    with store.unit() as unit:
        id = unit.mail.add("app@cpts.test", "7", "digest", b"Subject: secret\r\n", NOW)
        assert id is not None
        assert unit.mail.add("app@cpts.test", "8", "digest", b"Subject: secret\r\n", NOW) is None
        assert unit.mail.add("other@cpts.test", "7", "digest", b"Subject: secret\r\n", NOW) is not None
        unit.audit(entry(kind="mail-collected", tenant=""))
    assert b"secret" not in everything(store)
    with store.unit() as unit:
        first, _ = unit.mail.waiting()
        assert unit.mail.raw(id) == b"Subject: secret\r\n"
        unit.mail.settled(id, "settled")
        assert [mail.mailbox for mail in unit.mail.waiting()] == ["other@cpts.test"]
        assert {first.handle} == {"7"}
    with store.glance() as unit:
        stored = unit.mail.get(id)
        assert stored is not None
        assert stored.state == "settled"
    with pytest.raises(Stale), store.unit() as unit:
        unit.mail.settled(id, "unmatched")


# — contents


def test_contents_are_sealed_and_bound_to_their_place(store: Store) -> None:
    one, two = exchange(), exchange()
    with store.unit() as unit:
        for each in (one, two):
            unit.contents.put_all("cpts", each.id, {"event": b"her diagnosis " * 10, "mail/1": b""})
    assert b"diagnosis" not in everything(store)
    with store.glance() as unit:
        assert unit.contents.get("cpts", one.id, "event") == b"her diagnosis " * 10
        assert unit.contents.get("cpts", one.id, "mail/1") == b""
        assert unit.contents.names("cpts", one.id) == ("event", "mail/1")
        for tenant, id, name in (("another", one.id, "event"), ("cpts", "none", "event"), ("cpts", one.id, "none")):
            with pytest.raises(Missing):
                unit.contents.get(tenant, id, name)
    with store._engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE contents SET sealed = (SELECT sealed FROM contents c WHERE c.owner = contents.owner"
            " AND c.name = 'mail/1') WHERE name = 'event'"
        )
    with store.glance() as unit, pytest.raises(Broken):
        unit.contents.get("cpts", one.id, "event")


def test_what_is_kept_never_changes(store: Store) -> None:
    with store.unit() as unit:
        unit.contents.put("cpts", "x", "event", b"1")
    with pytest.raises(Taken, match="content"), store.unit() as unit:
        unit.contents.put("cpts", "x", "event", b"2")
    with store.glance() as unit:
        assert unit.contents.get("cpts", "x", "event") == b"1"


def test_erasing_destroys_the_key_and_leaves_nothing_to_read(database: Database, store: Store) -> None:
    with store.unit() as unit:
        unit.contents.put("cpts", "x", "event", b"1")
        unit.contents.put("cpts", "y", "event", b"2")
    with store.unit() as unit:
        unit.contents.erase("cpts", "x")
        unit.audit(entry(kind="content-purged", exchange="x"))
    with database.open().unit() as unit:
        assert unit.contents.get("cpts", "y", "event") == b"2"
        assert unit.contents.names("cpts", "x") == ()
        for act in (lambda: unit.contents.get("cpts", "x", "event"), lambda: unit.contents.put("cpts", "x", "n", b"")):
            with pytest.raises(Erased):
                act()
        with pytest.raises(Missing):
            unit.contents.erase("cpts", "never")
    with pytest.raises(Silent), store.unit() as unit:
        unit.contents.erase("cpts", "y")


def test_a_content_of_30_megabytes_is_kept_and_one_past_the_limit_refused(store: Store) -> None:
    large = bytes(30_000_000)
    with store.unit() as unit:
        unit.contents.put("cpts", "x", "parcel/1", large)
        with pytest.raises(Broken, match="too large"):
            unit.contents.put("cpts", "x", "parcel/2", bytes(LARGEST + 1))
    with store.glance() as unit:
        assert unit.contents.get("cpts", "x", "parcel/1") == large


def test_another_vault_key_opens_nothing_and_a_former_one_still_does(database: Database, store: Store) -> None:
    with store.unit() as unit:
        unit.contents.put("cpts", "x", "event", b"1")
    with database.open(kek=b"n" * 32).glance() as unit, pytest.raises(Broken, match="vault"):
        unit.contents.get("cpts", "x", "event")
    with database.open(kek=b"n" * 32, old=(b"k" * 32,)).glance() as unit:
        assert unit.contents.get("cpts", "x", "event") == b"1"


# — the log


def test_entries_are_searched_within_one_tenant(store: Store) -> None:
    one, other = exchange(), exchange(tenant="another")
    keep(store, one)
    keep(store, other)
    fill(store, 5)
    with store.glance() as unit:
        assert [kept.seq for kept in unit.log.search("cpts", exchange=one.id).items] == [0]
        assert [kept.seq for kept in unit.log.search("another").items] == [1]
        assert unit.log.search("cpts", exchange=other.id).items == ()
        assert [kept.seq for kept in unit.log.search("cpts", patient=one.patient).items] == [0]
        first = unit.log.search("cpts", limit=4)
        rest = unit.log.search("cpts", limit=4, cursor=first.next_cursor)
        assert [kept.seq for kept in (*first.items, *rest.items)] == [0, 2, 3, 4, 5, 6]
        assert rest.next_cursor is None
        assert unit.log.search("cpts", since=NOW + LEASE).items == unit.log.search("cpts", until=NOW).items == ()
        assert len(unit.log.search("cpts", kind="exchange-moved", since=NOW, until=NOW + LEASE).items) == 6


def test_a_unit_without_changes_leaves_no_trace(store: Store) -> None:
    with store.unit():
        pass
    with store.unit() as unit:
        assert unit.exchanges.get("cpts", "none") is None
    with store.glance() as unit:
        assert unit.log.head().size == 0
