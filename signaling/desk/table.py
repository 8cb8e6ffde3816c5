"""The desk's table: what a program may ask, one row a request.

The permission matrix, PROTOCOL.md's test and the limits hang on it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from signaling.desk.desk import Connection, Desk

Asked = TypeVar("Asked", bound=msgspec.Struct)
Handler = Callable[["Desk", "Connection", Any], Awaitable[Any]]


class Ours(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A payload of our own: an unknown field is refused."""


class Nothing(Ours):
    """The result of a request that has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A request: its name, its payload, who may make it, and its handler. `cost` is what it takes from the caller's budget."""

    name: str
    payload: type[msgspec.Struct]
    may: str
    cost: int
    handler: Handler


TABLE: dict[str, Row] = {}


def request(
    name: str, payload: type[Asked], *, may: str, cost: int = 1
) -> Callable[[Callable[["Desk", "Connection", Asked], Awaitable[Any]]], Handler]:
    """Puts a handler into the table under the name that browsers say."""

    def enter(handler: Callable[["Desk", "Connection", Asked], Awaitable[Any]]) -> Handler:
        if name in TABLE:
            raise ValueError(f"{name} is in the table already")
        TABLE[name] = Row(name, payload, may, cost, handler)
        return handler

    return enter
