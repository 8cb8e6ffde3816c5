"""Time: the server's, in UTC, written as ISO 8601 with microseconds and a Z."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    """The one written form of a time: `2026-11-22T08:00:00.123456Z`, sortable as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The time that `iso` wrote."""
    return datetime.fromisoformat(text)
