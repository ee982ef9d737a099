"""The one connection that writes, and its group commit.

A durable COMMIT costs a hundred times what its statements do, so changes share one: those of one tick of the event
loop, or those that came while the last group was on its way, up to `GROUP_MAX`. If one of them is refused the group is
undone, and made again with a savepoint for each, so that who is refused costs only itself: that is rare, and a
savepoint costs as much as a row.

A group is written on the loop while COMMIT is fast, which is twice as fast as handing it to a thread and back; on a
slow disk, behind another process's write, or if it is long, it is written in a thread and the loop goes on. Either way
the connection is used by one thread at a time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import Any, TypeVar

import apsw
import msgspec

from pectin.core.error import PectinError
from pectin.ports.landing import Landing, resolve
from pectin.ports.store import StoreBroken, StoreError
from pectin.store import refusal
from pectin.store.sqlite.connection import BUSY_MS, Connection, leave_log, shut
from pectin.store.sqlite.failure import explain, unreadable
from pectin.store.sqlite.place import OpenFiles

GROUP_MAX = 256
"""Changes in one transaction. More would keep the loop for too long, and hardly be faster."""

INLINE_SECONDS_MAX = 0.001
"""The mean time of a COMMIT from which on groups are written in the thread."""

INLINE_BYTES_MAX = 256 * 1024
"""What one change of a group may write for the group to be written on the loop."""

CHECKPOINT_PAGES = 1_000
"""Pages in the write-ahead log from which on they are copied into the database, so that the log starts anew."""

LOOK_EVERY_SECONDS = 0.01
"""How often it is seen to that the files are there: a commit in a file that was deleted is lost."""

_WEIGHT = 1 / 16  # of the last COMMIT in the mean

T = TypeVar("T")


class _Change(msgspec.Struct, eq=False):
    """One call's share of a group, and what came of it."""

    work: Callable[[Connection], Any]
    tell: Callable[[_Change], None]
    is_long: bool = False
    outcome: Any = None
    error: Exception | None = None


class Writer:
    """Applies changes in the order of their calls, in groups. `before_commit` is called when all statements of a group
    are made and its COMMIT is not: what it raises fails the group. `after_group` is called
    when its callers have been told."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        before_commit: Callable[[], None] | None = None,
        after_group: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._before_commit = before_commit
        self._after_group = after_group
        self._queue: deque[_Change] = deque()
        self._awake = False
        self._in_thread = False
        self._thread = ThreadPoolExecutor(1, "pectin-store")
        self._commit_seconds = 0.0
        self._broken: StoreBroken | None = None
        self._closed = False
        self._others_seen = connection.pragma("data_version")
        self._others_wrote = False
        self._log_pages = 0
        self._files = OpenFiles(path)
        self._looked_at = 0.0
        # In place of SQLite's own checkpoints, which would hide that a sync failed.
        connection.set_wal_hook(self._note_log_pages)

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next group's transaction; when this returns, its change is durable."""
        self.check()
        return await self._do(work)

    def land(self, work: Callable[[Connection], Any], landing: Landing, size: int) -> Landing:
        """The same for whoever wants no outcome, but to be told at once; `size` is how many bytes it writes, about."""
        try:
            self.check()
        except StoreError as refused:
            landing.settle(refused)
        else:
            self._enqueue(_Change(work, lambda change: landing.settle(change.error), size > INLINE_BYTES_MAX))
        return landing

    def check(self) -> None:
        """Raise if the writer has stopped for good."""
        if self._broken is not None:
            raise StoreBroken(*self._broken.args)
        if self._closed:
            raise refusal.closed()

    @property
    def has_news(self) -> bool:
        """Whether it is known that another connection wrote, and nobody has asked yet."""
        return self._others_wrote

    def others_wrote(self) -> bool:
        """Whether another connection wrote since the last call. While a group is in the thread, nobody can say."""
        if not self._in_thread:
            self._look_for_files()
            self._look_for_others()
        wrote, self._others_wrote = self._others_wrote, False
        return wrote

    async def close(self) -> None:
        """Write what is queued, then stop."""
        try:
            if not self._closed:
                self._closed = True
                if self._awake:  # with nothing queued, a transaction would only wait for whoever is writing
                    with suppress(StoreError):
                        await self._do(lambda _: None)  # the last in the queue
        finally:
            self._thread.shutdown()
            self._refuse_queued()
            if self._broken is not None:
                # A sync that failed is not tried again: the system may report success for pages it has dropped.
                leave_log(self._connection)
            shut(self._connection)

    def _refuse_queued(self) -> None:
        """Whoever closes it has given up waiting, and nothing more is written."""
        while self._queue:
            change = self._queue.popleft()
            change.error = refusal.closed()
            change.tell(change)

    async def _do(self, work: Callable[[Connection], T]) -> T:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._enqueue(_Change(work, lambda change: resolve(done, change.error, change.outcome)))
        return await done

    def _enqueue(self, change: _Change) -> None:
        self._queue.append(change)
        if not self._awake:
            self._awake = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._next_group, loop)

    def _next_group(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._queue:  # it was refused, and the connection is closed
            return
        group = [self._queue.popleft() for _ in range(min(GROUP_MAX, len(self._queue)))]
        is_short = self._commit_seconds < INLINE_SECONDS_MAX and not any(change.is_long for change in group)
        if is_short and self._write(group, busy_ms=0):
            self._finish(group, loop)
            self._after_group()
            return
        self._in_thread = True
        writing = loop.run_in_executor(self._thread, self._write, group, BUSY_MS)
        writing.add_done_callback(lambda _: self._finish_in_thread(group, loop))

    def _finish_in_thread(self, group: list[_Change], loop: asyncio.AbstractEventLoop) -> None:
        self._in_thread = False
        self._finish(group, loop)
        try:
            self._look_for_others()
        except apsw.Error:
            self._others_wrote = True  # nobody knows
        self._after_group()

    def _finish(self, group: list[_Change], loop: asyncio.AbstractEventLoop) -> None:
        """Tell the callers, and go on with what came meanwhile."""
        for change in group:
            change.tell(change)
        self._awake = bool(self._queue)
        if self._awake:
            loop.call_soon(self._next_group, loop)

    def _write(self, group: list[_Change], busy_ms: int) -> bool:
        """One group's transaction. False if another process is writing and there was no time to wait."""
        connection = self._connection
        try:
            if self._broken is not None:
                raise StoreBroken(*self._broken.args)
            self._look_for_files()
            connection.set_busy_timeout(busy_ms)
            apply = self._apply
            while True:
                try:
                    connection.execute("begin immediate")
                except apsw.BusyError:
                    if busy_ms == 0:
                        return False
                    raise
                if apply(group):
                    break
                apply = self._apply_guarded
            if self._before_commit is not None:
                self._before_commit()
            began = perf_counter()
            connection.execute("commit")
            self._commit_seconds += (perf_counter() - began - self._commit_seconds) * _WEIGHT
        except Exception as error:
            self._undo(group, error)
        else:
            self._checkpoint()
        return True

    def _apply(self, group: list[_Change]) -> bool:
        """Make all changes. False if one was refused: then nothing is made."""
        connection = self._connection
        for change in group:
            try:
                change.outcome = change.work(connection)
            except Exception as error:
                change.error = self._refusal(error)
                if connection.in_transaction:
                    connection.execute("rollback")
                return False
        return True

    def _apply_guarded(self, group: list[_Change]) -> bool:
        """Make each change in a savepoint, but those that are refused already. False if one of them undid the whole
        transaction, as an SQL statement of a user's may with `or rollback`."""
        connection = self._connection
        for change in group:
            if change.error is not None:
                continue
            connection.execute("savepoint change")
            try:
                change.outcome = change.work(connection)
            except Exception as error:
                change.error = self._refusal(error)
                if not connection.in_transaction:
                    return False
                connection.execute("rollback to change")
            connection.execute("release change")
        return True

    def _refusal(self, error: Exception) -> Exception:
        """Why a change was refused. Raises the error if the file failed, and not the change; damage fails only those
        who meet it."""
        if isinstance(error, apsw.Error) and not isinstance(error, apsw.CorruptError):
            raise error
        return self._explain(error)

    def _undo(self, group: list[_Change], error: Exception) -> None:
        """Fail the whole group, and everything after it if its durability is unknown."""
        if self._connection.in_transaction:
            with suppress(apsw.Error):
                self._connection.execute("rollback")
        for change in group:
            change.error = self._explain(error)

    def _checkpoint(self) -> None:
        """Copy the log into the database once it is long. What can't be copied now can be later."""
        if self._log_pages < CHECKPOINT_PAGES:
            return
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            self._explain(error)

    def _explain(self, error: Exception) -> Exception:
        if isinstance(error, LookupError | TypeError | ValueError) and not isinstance(error, PectinError):
            damaged = unreadable(error, self._path)
            damaged.__cause__ = error
            return damaged
        if not isinstance(error, apsw.Error):
            return error
        explained = explain(error, self._path)
        explained.__cause__ = error
        if isinstance(explained, StoreBroken):
            self._broken = explained
        return explained

    def _note_log_pages(self, _connection: Connection, _database: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def _look_for_files(self) -> None:
        """Stop for good if somebody has deleted or replaced a file of the store, at most some milliseconds later."""
        now = perf_counter()
        if now < self._looked_at + LOOK_EVERY_SECONDS:
            return
        self._looked_at = now
        lost = self._files.lost()
        if not lost:
            return
        name, is_replaced = lost[0]
        self._broken = StoreBroken(
            f"{name} was {'replaced' if is_replaced else 'deleted'} while the store was open, and what is written now "
            "would be lost. Stop all that use it, see to its files, and start anew."
        )
        if not any(is_replaced or name == self._path for name, is_replaced in lost):
            with suppress(apsw.Error):  # nobody has begun another log: what is in ours can still be saved
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        raise self._broken

    def _look_for_others(self) -> None:
        version = self._connection.pragma("data_version")
        self._others_wrote |= version != self._others_seen
        self._others_seen = version
