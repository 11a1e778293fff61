"""One store: everything that is kept, on SQLite or PostgreSQL, with the audit entry in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from gateway.model.audit import Entry
from gateway.model.errors import Broken
from gateway.record import log
from gateway.record.answers import Answers
from gateway.record.books import Books
from gateway.record.causes import Causes
from gateway.record.checkpoint import Notary, read_checkpoint
from gateway.record.clock import Clock
from gateway.record.contents import Contents, Keyring
from gateway.record.duties import Duties
from gateway.record.engine import open_engine, passing_engine
from gateway.record.exchanges import Exchanges
from gateway.record.group import Group
from gateway.record.inbox import Inbox
from gateway.record.jobs import Jobs
from gateway.record.keys import Keys
from gateway.record.lately import Lately
from gateway.record.legs import Legs
from gateway.record.load import Load
from gateway.record.mail import Mails
from gateway.record.memory import Memory
from gateway.record.note import Verifier
from gateway.record.notices import Notices
from gateway.record.objections import Objections
from gateway.record.patients import Patients
from gateway.record.recipients import Recipients
from gateway.record.replies import Replies
from gateway.record.schema import REVISION
from gateway.record.servers import Servers
from gateway.record.sessions import Sessions
from gateway.record.steering import Steering
from gateway.record.told import told
from gateway.record.totals import Totals
from gateway.record.transaction import Transaction
from gateway.record.uploads import Uploads
from gateway.record.vault import Vault
from gateway.record.verify import Verdict, verify
from gateway.record.wake import Wake, listen
from gateway.record.writers import Writers

T = TypeVar("T")


class Unit:
    """What is read and written together: one commit, begun by its first statement."""

    def __init__(self, transaction: Transaction, vault: Vault, pseudonym_key: bytes, lately: Lately) -> None:
        self._transaction = transaction
        keyring = Keyring(transaction, vault)
        self.exchanges = Exchanges(transaction)
        self.legs = Legs(transaction)
        self.servers = Servers(transaction)
        self.causes = Causes(transaction)
        self.steering = Steering(transaction)
        self.recipients = Recipients(transaction)
        self.load = Load(transaction)
        self.clock = Clock(transaction)
        self.jobs = Jobs(transaction)
        self.duties = Duties(transaction)
        self.contents = Contents(transaction, keyring)
        self.uploads = Uploads(transaction, keyring, vault, pseudonym_key)
        self.memory = Memory(transaction, keyring, lately)
        self.patients = Patients(transaction, pseudonym_key)
        self.answers = Answers(transaction)
        self.keys = Keys(transaction)
        self.sessions = Sessions(transaction)
        self.objections = Objections(transaction)
        self.mail = Mails(transaction, self.contents)
        self.notices = Notices(transaction, keyring, self.jobs)
        self.inbox = Inbox(transaction, self.contents)
        self.replies = Replies(transaction, self.contents, self.jobs)
        self.log = log.Log(transaction)
        self.books = Books(transaction)
        self.totals = Totals(transaction)

    def audit(self, *entries: Entry) -> None:
        """Tell what this unit does; the entries take their places in the log at the commit, in this order."""
        if not self._transaction.writing:
            raise Broken("This unit may only read", advice="Open it with store.unit()")
        self._transaction.entries.extend(entries)


class Store:
    """Gives units. One for each process; any thread may open units, none inside another."""

    def __init__(
        self,
        engine: Engine,
        *,
        vault: Vault,
        clock: Callable[[], datetime],
        draw: Callable[[int], bytes],
        pseudonym_key: bytes,
    ) -> None:
        self._engine, self._vault, self._clock, self._draw = engine, vault, clock, draw
        self._passing = passing_engine(engine)
        self._pseudonym_key, self._lately = pseudonym_key, Lately()
        self._writers = Writers(alone=engine.dialect.name == "sqlite")
        self._group = Group(
            lambda: Transaction(self._engine, self._writers, clock, draw).begin(),
            lambda transaction: Unit(transaction, vault, pseudonym_key, self._lately),
        )
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._read_engine = engine.execution_options(**snapshot)

    @contextmanager
    def unit(self, *, lasting: bool = True) -> Iterator[Unit]:
        """A writing unit: committed when the block ends, undone by any exception.

        lasting  False for what nobody was promised yet: it does not wait for the disk, and is sure to outlive a power
                 cut only when a lasting unit has been committed after it. It may not tell the audit log anything.

        Raises Silent, keeping nothing, when a state changed and no audit entry of the unit says so; Unreachable when
        the database does not answer (after the commit was sent, it may have been kept).
        """
        engine = self._engine if lasting else self._passing
        transaction = Transaction(engine, self._writers, self._clock, self._draw)
        try:
            yield Unit(transaction, self._vault, self._pseudonym_key, self._lately)
            transaction.check_told()
            if transaction.entries:
                if not lasting:
                    raise Broken("This unit may be lost", advice="Tell the audit log in one that lasts")
                log.append(transaction, transaction.entries)
            transaction.commit()
        finally:
            transaction.close()

    def together(self, work: Callable[[Unit], T]) -> T:
        """What `work` did with its unit, kept for good: the same promise as `unit`, and its price is shared.

        Threads that come at the same moment are kept by one commit, each undone alone by an exception of its own. So
        `work` may run in another thread, and more than once: it changes nothing but its unit.
        Raises what `work` raised, Silent, or Unreachable when the database does not answer (after the commit was sent,
        it may have been kept).
        """
        self._writers.check_outside()
        return self._group.run(work)

    @contextmanager
    def glance(self) -> Iterator[Unit]:
        """A unit that only reads: one moment's picture, in nobody's way. Its ports refuse to write (Broken)."""
        transaction = Transaction(self._read_engine, None, self._clock, self._draw)
        try:
            yield Unit(transaction, self._vault, self._pseudonym_key, self._lately)
        finally:
            transaction.close()

    def verify(self, checkpoints: Sequence[str] = (), verifier: Verifier | None = None) -> Verdict:
        """Recompute the audit log from its first entry to its last and compare everything stored with it.

        checkpoints  signed ones kept outside the database, any number; without one the end is not looked for
        """
        transaction = Transaction(self._read_engine, None, self._clock, self._draw)
        try:
            return verify(transaction, checkpoints, verifier)
        finally:
            transaction.close()

    def checkpoint(self, notary: Notary, *, actor: str = "gateway") -> str:
        """Sign the log as it stands, outside the database, and say so in it; returns the signed note.

        When nothing but that saying was added since the last one, the last one is returned. Raises Broken when the
        log does not continue what was signed before.
        """
        with notary.alone():
            with self.glance() as unit:
                said, last = unit.log.last_of("checkpoint-signed"), notary.latest()
                if said and last and said.seq == unit.log.head().size - 1:
                    before = read_checkpoint(last, notary.verifier)
                    if before.size == said.seq and before.root == unit.log.root(said.seq):
                        return last
                note = notary.sign(unit.log, signed_before=said is not None)
            if note != last:
                signed = read_checkpoint(note, notary.verifier)
                facts: dict[str, str | int | bool] = {"size": signed.size, "root": signed.root.hex()}
                with self.unit() as unit:
                    unit.audit(Entry(kind="checkpoint-signed", at=self._clock(), tenant="", actor=actor, facts=facts))
        return note

    def listen(self) -> Wake:
        """Who says when there may be work; its own connection, made when it first waits."""
        return listen(self._engine)

    def current(self) -> bool:
        """True while the tables are this version's. Raises Unreachable when the database does not answer."""
        return schema_of(self._engine) == REVISION

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()
        self._passing.dispose()


def open_store(
    url: str,
    *,
    vault: Vault,
    clock: Callable[[], datetime],
    draw: Callable[[int], bytes],
    pseudonym_key: bytes,
) -> Store:
    """Open a database that `upgrade` has prepared.

    url            sqlite:///path or postgresql://…
    clock          gives the wall time, aware
    draw           gives n random bytes
    pseudonym_key  at least 32 bytes held outside the database: patients are found by hashes keyed with it

    Raises Broken when the schema is not this version's, Unreachable when the database does not answer.
    """
    if len(pseudonym_key) < 32:
        raise Broken("The pseudonym key is too short", advice="Make one: 32 random bytes in base64")
    engine = open_engine(url)
    if schema_of(engine) != REVISION:
        engine.dispose()
        raise Broken("The database's tables are not this version's", advice="Run: passerelle db upgrade")
    return Store(engine, vault=vault, clock=clock, draw=draw, pseudonym_key=pseudonym_key)


def is_empty(url: str) -> bool:
    """True for a database without any of our tables. Raises Unreachable when it does not answer."""
    engine = open_engine(url)
    try:
        return schema_of(engine) is None
    finally:
        engine.dispose()


def schema_of(engine: Engine) -> str | None:
    """The migration a database stands at, None when it is empty. Raises Unreachable when it does not answer."""
    try:
        if not inspect(engine).has_table("alembic_version"):
            return None
        with engine.connect() as connection:
            revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return revision
    except DBAPIError as error:
        raise told(error) from None
