"""Group commit: what several threads want kept at the same moment is kept by one commit.

The first to come leads. It runs its own piece of work and those that wait, one after another, each from a savepoint on
with a unit of its own; writes what they left for later and all their audit entries, commits once, and wakes the others
with what came of theirs. Nobody
waits for company: alone, a piece is a transaction like any other. What a piece read of its neighbours is true only if
they are kept, so nobody learns anything before the commit, not even a refusal.

On PostgreSQL another process may hold what a piece needs while it waits for what this group holds. So only the first
piece, which holds nothing yet, waits for a lock as long as it takes; another one is undone and leads the next group.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from threading import Lock
from typing import Any, Generic, TypeVar

from gateway.model.errors import Broken, Unreachable
from gateway.record import log
from gateway.record.transaction import Clash, Transaction
from gateway.record.troubles import Held

T = TypeVar("T")
U = TypeVar("U")

MOST = 32  # pieces of one commit: PostgreSQL has 64 savepoints of a transaction at hand
PATIENCE_MS = 50  # for a lock, once the group holds something


class _Piece(Generic[U]):
    """One caller's work, and what came of it."""

    def __init__(self, work: Callable[[U], Any]) -> None:
        self.work = work
        self.leads = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.gate = Lock()  # opens when the outcome is known, or when it is to lead
        self.gate.acquire()


class Group(Generic[U]):
    """The pieces of one process. Any thread may bring one, none from inside another.

    begin  gives a writing transaction that has begun
    open   gives the unit of one part of it
    """

    def __init__(self, begin: Callable[[], Transaction], open: Callable[[Transaction], U]) -> None:
        self._begin, self._open = begin, open
        self._lock = Lock()
        self._waiting: deque[_Piece[U]] = deque()
        self._led = False

    def run(self, work: Callable[[U], T]) -> T:
        """What `work` gives, once it is kept for good. Raises what it raised, Silent, or why the commit failed.

        work  may be run more than once and in another thread: it changes nothing but its unit
        """
        piece = _Piece(work)
        with self._lock:
            self._waiting.append(piece)
            piece.leads, self._led = not self._led, True
        if not piece.leads:
            piece.gate.acquire()
        if piece.leads:
            self._lead()
        if piece.error is not None:
            raise piece.error
        result: T = piece.result
        return result

    def _lead(self) -> None:
        """Keep what waits, the leader's own piece first, and pass the lead on."""
        pieces: list[_Piece[U]] = []
        try:
            self._keep_each(pieces)
        except BaseException as error:
            for piece in pieces:
                piece.error = error if isinstance(error, Exception) else Unreachable("Broken off", advice="Try again")
            if not isinstance(error, Exception):
                raise
        finally:
            self._pass_on()
            for piece in pieces[1:]:
                piece.gate.release()

    def _keep_each(self, pieces: list[_Piece[U]]) -> None:
        """All at once; one after the other when one of them makes what all share impossible."""
        try:
            self._keep(islice(iter(self._next, None), MOST), pieces)
        except Clash:
            for piece in pieces:
                try:
                    self._keep(iter([piece]), [])
                except Exception as error:
                    piece.error = error

    def _keep(self, coming: Iterator[_Piece[U]], pieces: list[_Piece[U]]) -> None:
        """One transaction. Raises what undid it all; `pieces` are then those it is true of."""
        try:
            transaction = self._begin()  # other writers may be waited for here: company comes meanwhile
        except BaseException:
            pieces.extend(coming)  # it is as true of them
            raise
        try:
            for piece in coming:
                pieces.append(piece)
                self._run(transaction, piece, alone=len(pieces) == 1)
                if isinstance(piece.error, Held):
                    self._put_off(pieces.pop())
                    break
            transaction.wait_for_locks()
            self._tell(transaction, among=len(pieces))
            transaction.commit()
        finally:
            transaction.close()

    def _run(self, transaction: Transaction, piece: _Piece[U], *, alone: bool) -> None:
        """One piece, which keeps its outcome. Alone in the transaction so far, it raises: there is nothing to save."""
        piece.error, part = None, transaction.part()
        if not alone:
            transaction.wait_for_locks(PATIENCE_MS)
            transaction.save()
        try:
            piece.result = piece.work(self._open(part))
            part.check_told()
            part.check_answered()
        except Clash:
            raise
        except Exception as error:
            if alone:
                raise
            transaction.undo()
            piece.error = error
        else:
            transaction.join(part)

    def _tell(self, transaction: Transaction, among: int) -> None:
        try:
            transaction.settle()
            if transaction.entries:
                log.append(transaction, transaction.entries)
        except Broken:
            if among == 1:
                raise
            raise Clash from None

    def _put_off(self, piece: _Piece[U]) -> None:
        with self._lock:
            self._waiting.appendleft(piece)

    def _next(self) -> _Piece[U] | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _pass_on(self) -> None:
        with self._lock:
            heir = self._waiting[0] if self._waiting else None
            self._led = heir is not None
        if heir is not None:
            heir.leads = True
            heir.gate.release()
