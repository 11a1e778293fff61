"""The audit log: entries as leaves of one Merkle tree, appended last in the commit they tell of.

An entry is RFC 8785 JSON with its place (`seq`), its tenant and a 32-byte random salt. Record and leaf hash stand in
separate columns: a purged record leaves its hash, and every older proof still holds; without its salt nothing can be
guessed from the hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import rfc8785
from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update

from gateway.model.audit import Entry
from gateway.model.errors import Broken
from gateway.record.exchanges import Page, read_cursor
from gateway.record.schema import entries, nodes, tree
from gateway.record.transaction import Transaction
from gateway.record.tree import Frontier, Node, Span, hashes, leaf_hash, pieces

VERSION = 1
SALT_BYTES = 32
AT_ONCE = 2000  # rows of one read


# Built once: these end every commit.
_HEAD = select(tree.c.size, tree.c.frontier).with_for_update(key_share=True)
_ENTRIES, _NODES = insert(entries), insert(nodes)
_EDGE = update(tree).values({name: bindparam(f"new_{name}") for name in ("size", "root", "frontier")})


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as it stands: how many entries, and the root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry in the log. `record` is its exact text, None once purged; `leaf` its hash."""

    seq: int
    record: str | None
    leaf: bytes


def write_record(entry: Entry, seq: int, salt: bytes) -> bytes:
    """The entry's canonical text (RFC 8785), what its leaf hash is over."""
    fields: dict[str, Any] = {
        "v": VERSION, "seq": seq, "tenant": entry.tenant, "salt": salt.hex(), "kind": entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"), "actor": entry.actor,
        "exchange": entry.exchange, "leg": entry.leg, "patient": entry.patient, "facts": dict(entry.facts),
    }  # fmt: skip
    said = {name: value for name, value in fields.items() if value is not None}
    if _simple(entry.facts):
        try:
            return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            raise Broken("An audit entry holds half a character", advice="Use short words and numbers") from None
    return _canonical(said)


def _simple(facts: Mapping[str, str | int | bool]) -> bool:
    """True when the fast encoder writes RFC 8785: ASCII names, which sort alike by any measure, and safe integers."""
    return all(name.isascii() and (type(value) in (str, bool) or _safe(value)) for name, value in facts.items())


def _safe(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**53


def _canonical(fields: Mapping[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(dict(fields))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise Broken("An audit entry has a fact that cannot be written", advice="Use short words and numbers") from None


def read_record(record: str) -> Entry:
    """The entry a record tells."""
    fields = json.loads(record)
    return Entry(
        kind=fields["kind"],
        at=datetime.fromisoformat(fields["at"]),
        tenant=fields["tenant"],
        actor=fields["actor"],
        exchange=fields.get("exchange"),
        leg=fields.get("leg"),
        patient=fields.get("patient"),
        facts=fields["facts"],
    )


def append(transaction: Transaction, new: Sequence[Entry]) -> None:
    """Give the entries their places and hash them in. The head's row is locked here, last thing before the commit."""
    head = transaction.find(_HEAD, {})
    if not head:
        raise Broken("The audit log has no head", advice="Run: passerelle audit verify")
    frontier = Frontier.load(*head[0])
    salts = transaction.draw(SALT_BYTES * len(new))
    rows, made = [], []
    for number, entry in enumerate(new):
        record = write_record(entry, frontier.size, salts[number * SALT_BYTES : (number + 1) * SALT_BYTES])
        leaf = leaf_hash(record)
        rows.append(
            {
                "seq": frontier.size, "tenant": entry.tenant, "kind": entry.kind, "at": entry.at,
                "exchange": entry.exchange, "patient": entry.patient, "record": record.decode(), "leaf": leaf,
            }
        )  # fmt: skip
        made += [{"level": level, "index": index, "hash": hash} for level, index, hash in frontier.append(leaf)]
    edge = {"new_size": frontier.size, "new_root": frontier.root, "new_frontier": frontier.packed}
    transaction.put_all([(_ENTRIES, rows, None), (_NODES, made, None), (_EDGE, [edge], None)])


class Log:
    """PORT log: the log as one unit sees it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def head(self) -> Head:
        """How many entries there are, and the root over them, as stored."""
        row = self._transaction.first(select(tree.c.size, tree.c.root))
        if row is None:
            raise Broken("The audit log has no head", advice="Run: passerelle audit verify")
        return Head(row.size, bytes(row.root))

    def get(self, seq: int) -> Kept | None:
        """One entry by its place, from 0."""
        row = self._transaction.first(
            select(entries.c.seq, entries.c.record, entries.c.leaf).where(entries.c.seq == seq)
        )
        return _kept(row) if row else None

    def every(self, tenant: str | None = None, start: int = 0) -> Iterator[Kept]:
        """Every entry from `start` on, in order; of one tenant, or of all."""
        while True:
            wanted = select(entries.c.seq, entries.c.record, entries.c.leaf).where(entries.c.seq >= start)
            if tenant is not None:
                wanted = wanted.where(entries.c.tenant == tenant)
            rows = self._transaction.all(wanted.order_by(entries.c.seq).limit(AT_ONCE))
            yield from map(_kept, rows)
            if len(rows) < AT_ONCE:
                return
            start = rows[-1].seq + 1

    def search(
        self,
        tenant: str,
        *,
        exchange: str | None = None,
        patient: str | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Kept]:
        """A tenant's entries that match, oldest first, `limit` at a time (1 to 1,000); purged ones without record."""
        wanted: Select[Any] = select(entries.c.seq, entries.c.record, entries.c.leaf).where(entries.c.tenant == tenant)
        for column, value in (("exchange", exchange), ("patient", patient), ("kind", kind)):
            if value is not None:
                wanted = wanted.where(entries.c[column] == value)
        if since is not None:
            wanted = wanted.where(entries.c.at >= since)
        if until is not None:
            wanted = wanted.where(entries.c.at < until)
        if cursor is not None:
            wanted = wanted.where(entries.c.seq > read_cursor(cursor))
        limit = max(1, min(limit, 1000))
        rows = self._transaction.all(wanted.order_by(entries.c.seq).limit(limit + 1))
        items = tuple(_kept(row) for row in rows[:limit])
        return Page(items, str(items[-1].seq) if len(rows) > limit else None)

    def purge(self, before: datetime, *, policy: str, actor: str, tenant: str = "") -> int:
        """Take away the records of the first entries, up to the last one older than `before`; returns how many.

        What stays: place, kind, time, tenant, hash; so every older proof still verifies. The purge is an entry itself.
        """
        first_young = select(func.min(entries.c.seq)).where(entries.c.at >= before)
        young = self._transaction.run(first_young).scalar_one()
        end: int = self.head().size if young is None else young
        old = update(entries).where(entries.c.seq < end, entries.c.record.is_not(None))
        number = self._transaction.write(old.values(record=None, exchange=None, patient=None)).rowcount
        if number:
            facts: dict[str, str | int | bool] = {"first": 0, "last": end - 1, "policy": policy, "count": number}
            entry = Entry(kind="records-purged", at=self._transaction.clock(), tenant=tenant, actor=actor, facts=facts)
            self._transaction.entries.append(entry)
        return number

    def last_of(self, kind: str) -> Kept | None:
        """The newest entry of a kind, whoever's it is."""
        wanted = select(entries.c.seq, entries.c.record, entries.c.leaf).where(entries.c.kind == kind)
        row = self._transaction.first(wanted.order_by(entries.c.seq.desc()).limit(1))
        return _kept(row) if row else None

    def hashes(self, spans: Sequence[Span]) -> list[bytes]:
        """The hash of each span of leaves, from the stored nodes. Raises Broken when one is missing."""
        wanted = [piece for span in spans for piece in pieces(span)]
        stored = self._nodes(wanted)
        if len(stored) != len(set(wanted)):
            raise Broken("The audit tree lacks a node", advice="Run: passerelle audit verify")
        return hashes(spans, stored)

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        return self.hashes([(0, size)])[0]

    def _nodes(self, wanted: Sequence[Node]) -> Mapping[Node, bytes]:
        each = [and_(nodes.c.level == level, nodes.c.index == index) for level, index in sorted(set(wanted))]
        rows = self._transaction.run(select(nodes.c.level, nodes.c.index, nodes.c.hash).where(or_(*each)))
        return {(level, index): bytes(hash) for level, index, hash in rows}


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.seq, row.record, bytes(row.leaf))
