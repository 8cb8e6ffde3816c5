"""The unit of work: what a use case is handed, and what it leaves behind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from mediation.errors import NotFound
from mediation.jobs import add_job
from mediation.keys import Keys
from mediation.record.entry import Appender, Entry
from mediation.settings import Settings

M = TypeVar("M")


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
