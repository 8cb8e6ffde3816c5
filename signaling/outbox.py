"""What waits to be sent to one connection: bounded, whatever the other side reads.

Pushes are hints. A connection that reads too slowly gets none for a while, and when it has read what waits it is told to read on
from the last seq it holds (`resync`). Answers are never left out: who asks and does not read is cut off.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from engineio.packet import MESSAGE, Packet

MOST_BYTES = 256_000
"""Of what waits: pushes are left out above it …"""
CUT_OFF = 2_000_000
"""… and the connection is cut off above this."""
_OVERHEAD = 200
_EVENT = "2"
"""Socket.IO's sign for an event in the namespace `/`."""


def packet_of(event: str, payload: Mapping[str, Any]) -> Packet:
    """A push as it goes over the line."""
    return Packet(MESSAGE, _EVENT + msgspec.json.encode((event, payload)).decode())


class Outbox(asyncio.Queue[Any]):
    """The queue of engine.io's socket (None ends it), with its size in bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self.lags = False

    def push(self, packet: Packet) -> None:
        """Adds what may be left out."""
        if self.bytes > MOST_BYTES:
            self.lags = True
        if not self.lags:
            self.put_nowait(packet)

    @property
    def is_overfull(self) -> bool:
        """Whether the other side asks and does not read."""
        return self.bytes > CUT_OFF

    def _put(self, item: Any) -> None:
        self.bytes += _size(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.bytes -= _size(item)
        if self.lags and not self.bytes:
            self.lags = False
            self.put_nowait(packet_of("resync", {}))
        return item


def _size(item: Any) -> int:
    return 0 if item is None else len(item.data or "") + _OVERHEAD
