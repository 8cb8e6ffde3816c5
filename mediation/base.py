"""What every table shares: the base class and the column types."""

import json
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Dialect, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from mediation.clock import iso, moment


class IsoTime(TypeDecorator[datetime]):
    """An aware UTC time, kept as sortable ISO 8601 text, the same on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else iso(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return (
            None
            if value is None
            else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


Key = Annotated[str, mapped_column(String(64), primary_key=True)]
Id = Annotated[str, mapped_column(String(64))]
MaybeId = Annotated[str | None, mapped_column(String(64))]
Moment = Annotated[datetime, mapped_column(IsoTime)]
MaybeMoment = Annotated[datetime | None, mapped_column(IsoTime)]
Json = Annotated[dict[str, Any], mapped_column(JsonText)]
MaybeJson = Annotated[dict[str, Any] | None, mapped_column(JsonText)]


class Base(DeclarativeBase):
    """All tables; constraints have names, so that a migration can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
