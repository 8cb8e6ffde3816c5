"""The unit of work, and the writer: one thread with one connection through which everything is written.

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
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from mediation.clock import Clock, utc_now
from mediation.database import Database
from mediation.errors import Invalid, NotFound, Refusal, Unavailable
from mediation.jobs import add_job
from mediation.keys import Keys
from mediation.pace import Pace
from mediation.record.entry import Appender, Entry
from mediation.rooms.channel import readers_of
from mediation.settings import Settings

T = TypeVar("T")
M = TypeVar("M")
UseCase = Callable[..., T]
Audience = Mapping[str, frozenset[str]]
"""Who may read each channel, as it stood in the transaction that wrote to it."""
Publish = Callable[[list[Entry], Audience], None]

LARGEST_BATCH = 64
log = logging.getLogger(__name__)


class Work:
    """What a use case works with: the time, the tables, and the record."""

    def __init__(
        self, connection: Connection, appender: Appender, *, settings: Settings, keys: Keys, now: datetime
    ) -> None:
        self.now = now
        self.settings = settings
        self.keys = keys
        self._session: Session | None = None
        self.happenings: list[Entry] = []
        self.left_job = False
        self._connection = connection
        self._appender = appender

    @property
    def session(self) -> Session:
        """For what people do with objects; made when it is first asked for, since what is said needs none."""
        if self._session is None:
            self._session = Session(self._connection, join_transaction_mode="rollback_only", autoflush=True)
        return self._session

    @property
    def connection(self) -> Connection:
        """For statements without objects; sees what the session has pending."""
        self.flush()
        return self._connection

    def flush(self) -> None:
        """Writes what the session has pending."""
        if self._session is not None:
            self._session.flush()

    def end(self) -> None:
        """Lets go of all objects."""
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()

    def get(self, model: type[M], key: object) -> M:
        """The row with this key; raises `NotFound`."""
        found = self.session.get(model, key)
        if found is None:
            raise NotFound
        return found

    def add(self, thing: M) -> M:
        """Adds a row."""
        self.session.add(thing)
        return thing

    def happened(
        self,
        kind: str,
        channel: str,
        actor: str | None,
        *,
        body: Mapping[str, Any] | None = None,
        public: Mapping[str, Any] | None = None,
        client_id: str | None = None,
    ) -> Entry:
        """Appends an entry to a channel; the same act again (same actor and `client_id`) gets the first entry."""
        if client_id is not None and (first := self.earlier(channel, actor, client_id)):
            return first
        self.flush()
        entry = self._appender.append(
            self._connection,
            kind=kind,
            channel=channel,
            actor=actor,
            now=self.now,
            body=body or {},
            public=public or {},
            client_id=client_id,
        )
        self.happenings.append(entry)
        return entry

    def earlier(self, channel: str, actor: str | None, client_id: str) -> Entry | None:
        """The entry that this act made when it was first done, or None."""
        self.flush()
        return self._appender.earlier(self._connection, channel, actor, client_id)

    def catch_up(self) -> None:
        """Lets queries of the record see what this batch has appended: entries are inserted together, at its end."""
        self.flush()
        self._appender.insert(self._connection)

    def later(
        self, kind: str, payload: Mapping[str, Any], *, run_at: datetime | None = None, key: str | None = None
    ) -> None:
        """Leaves a job behind, in the same transaction."""
        add_job(self, kind, payload, run_at=run_at, key=key)
        self.left_job = True


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
