"""The writer: one thread with one connection through which everything is written.

Units that wait are carried out one after the other in one transaction, committed once, then published, then acknowledged. A unit
that fails before it has written costs the others nothing; one that fails later rolls the batch back, and the others are run again.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from mediation.clock import Clock, utc_now
from mediation.database import Database
from mediation.errors import Invalid, Refusal, Unavailable
from mediation.keys import Keys
from mediation.pace import Pace
from mediation.record.entry import Appender, Entry
from mediation.rooms.channel import readers_of
from mediation.settings import Settings
from mediation.work import Work

T = TypeVar("T")
UseCase = Callable[..., T]
Audience = Mapping[str, frozenset[str]]
"""Who may read each channel, as it stood in the transaction that wrote to it."""
Publish = Callable[[list[Entry], Audience], None]

LARGEST_BATCH = 64
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Unit:
    use_case: Callable[..., Any]
    arguments: Mapping[str, Any]
    future: "Future[Any]" = field(default_factory=Future)
    result: Any = None
    refusal: Refusal | None = None
    left_job: bool = False
    asked_at: float = field(default_factory=time.monotonic)


class Writer:
    """The only way to write. `publish` is called in the writer thread after each commit, before anybody
    is answered; `job_left` when a unit has left a job."""

    def __init__(
        self,
        database: Database,
        *,
        settings: Settings,
        keys: Keys,
        clock: Clock = utc_now,
        publish: Publish = lambda _entries, _audience: None,
    ) -> None:
        self.clock = clock
        self.publish = publish
        self.job_left: Callable[[], None] = lambda: None
        self._settings = settings
        self._keys = keys
        self._appender = Appender(keys)
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._database = database
        self._connection = database.writing.connect()
        self.pace = Pace()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many units of work wait."""
        return self._waiting.qsize()

    def submit(self, use_case: UseCase[T], **arguments: Any) -> "Future[T]":
        """Hands over a unit of work; its future is done after the commit and the publishing."""
        unit = _Unit(use_case, arguments)
        self._waiting.put(unit)
        return unit.future

    def close(self) -> None:
        """Finishes what waits and stops."""
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        running = True
        while running:
            batch = [self._waiting.get()]
            while len(batch) < LARGEST_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            running = None not in batch
            units = [
                unit for unit in batch if unit is not None and unit.future.set_running_or_notify_cancel()
            ]
            while units:
                units = self._carry_out(units)

    def _carry_out(self, units: list[_Unit]) -> list[_Unit]:
        """One transaction for all units; gives back those that must be run again without the one that failed."""
        happenings: list[Entry] = []
        try:
            self._begin()
            if not self._do_each(units, happenings):
                self._roll_back()
                return [unit for unit in units if not unit.future.done()]
            self._appender.insert(self._connection)
            audience = readers_of(self._connection, {entry.channel for entry in happenings})
            self._connection.commit()
        except IntegrityError:
            # another process has written to the same channel since our heads were read
            self._roll_back(forget=True)
            return (
                [unit for unit in units if not unit.future.done()]
                if self._count_conflict()
                else _refuse(units)
            )
        except Exception as error:
            log.exception("a batch could not be committed")
            self._roll_back(forget=True)
            return _refuse(units, Unavailable() if self._database.is_away(error) else error)
        self._conflicts = 0
        self.pace.commits += 1
        self._appender.committed()
        self._answer([unit for unit in units if not unit.future.done()], happenings, audience)
        return []

    def _do_each(self, units: list[_Unit], happenings: list[Entry]) -> bool:
        """Carries out the units; False when one failed after it had written, so that the batch is spoilt."""
        for unit in units:
            try:
                self._do(unit, happenings)
            except _Untouched as harmless:
                unit.future.set_exception(harmless.cause)
                self.pace.count(unit.future, unit.asked_at)
            except Exception as error:
                if self._database.is_away(error):
                    raise
                # whatever else it was is answered, and the others go on; a value that no column can hold is not our fault
                unit.future.set_exception(Invalid("invalid") if isinstance(error, DataError) else error)
                self.pace.count(unit.future, unit.asked_at)
                return False
        return True

    def _answer(self, units: list[_Unit], happenings: list[Entry], audience: Audience) -> None:
        if happenings:
            self.publish(happenings, audience)
        if any(unit.left_job for unit in units):
            self.job_left()
        for unit in units:
            if unit.refusal is not None:
                unit.future.set_exception(unit.refusal)
            else:
                unit.future.set_result(unit.result)
            self.pace.count(unit.future, unit.asked_at)

    _conflicts = 0

    def _count_conflict(self) -> bool:
        self._conflicts += 1
        return self._conflicts < 5

    def _begin(self) -> None:
        self._connection.begin()
        if self._database.take_turn(self._connection):
            self._appender.forget()

    def _do(self, unit: _Unit, happenings: list[Entry]) -> None:
        work = Work(
            self._connection, self._appender, settings=self._settings, keys=self._keys, now=self.clock()
        )
        before = self._database.changes(self._connection)
        try:
            unit.result = unit.use_case(work, **unit.arguments)
            work.flush()
        except Exception as error:
            if isinstance(error, Refusal) and error.keeps:
                work.flush()
                unit.refusal = error
            elif work.happenings or self._has_changed(before) or isinstance(error, SQLAlchemyError):
                raise
            else:
                raise _Untouched(error) from error
        finally:
            work.end()
        happenings.extend(work.happenings)
        unit.left_job = work.left_job

    def _has_changed(self, before: int) -> bool:
        return self._database.changes(self._connection) != before

    def _roll_back(self, *, forget: bool = False) -> None:
        """Undoes the batch. A connection that was lost is no longer there to be told; the next batch makes a new one."""
        try:
            self._connection.rollback()
        except DBAPIError:
            log.exception("the connection to the database is lost")
            self._connection.invalidate()
            self._connection.rollback()
        self._appender.forget() if forget else self._appender.abandon()


class _Untouched(Exception):
    """A unit failed before it wrote anything."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


def _refuse(units: list[_Unit], error: Exception | None = None) -> list[_Unit]:
    for unit in units:
        if not unit.future.done():
            unit.future.set_exception(error or RuntimeError("the record is being written by another process"))
    return []
