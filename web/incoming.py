"""Bytes on their way from a request's body to the disk, without holding the loop up and without losing what has come."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from aiohttp import ClientError, StreamReader
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

from mediation.errors import Refusal, TooLarge
from mediation.ports.blobs import Part

T = TypeVar("T")

PIECE = 256 * 1024
SETTLED_EVERY = 2 * 1024 * 1024
SECONDS = 30.0

Advance = Callable[[int], Awaitable[int]]


class NoRoom(Refusal):
    """The disk is full."""

    code, status = "unavailable", 507


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    people: int = 0


class Turns:
    """One request at a time for each upload. A later one makes the earlier one leave: that one's connection is dead, only nobody
    has noticed yet, and a phone that wakes up must not wait for it."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def take(self, upload: str) -> AsyncIterator[asyncio.Event]:
        """Waits for the turn; the event is set when another request wants it."""
        turn = self._turns.setdefault(upload, _Turn())
        turn.people += 1
        turn.leave.set()
        try:
            async with turn.lock:
                turn.leave = asyncio.Event()
                if turn.people > 1:
                    turn.leave.set()
                yield turn.leave
        finally:
            turn.people -= 1
            if not turn.people:
                del self._turns[upload]


async def take_in(
    body: StreamReader, part: Part, *, offset: int, size: int, leave: asyncio.Event, advance: Advance
) -> int:
    """Writes a body at its place and gives how far the upload is. What came before a connection broke off is kept."""
    at, settled = offset, offset

    async def settle() -> None:
        nonlocal settled
        if at > settled:
            await in_thread(part.sync)
            settled = await advance(at)

    with noticing_a_full_disk():
        try:
            async for piece in _pieces(body, leave):
                if at + len(piece) > size:
                    raise TooLarge("documents.longer_than_announced")
                await in_thread(partial(part.write, piece, offset=at))
                at += len(piece)
                if at - settled >= SETTLED_EVERY:
                    await settle()
        finally:
            await settle()
    return settled


@contextmanager
def noticing_a_full_disk() -> Iterator[None]:
    """Turns the operating system's word for it into an answer: what has arrived stays, later there may be room again."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise NoRoom("documents.no_space") from error
        raise


async def in_thread(work: Callable[[], T]) -> T:
    """Runs `work` in a thread to its end, also when the request is cancelled: a write that goes on alone could meet the next one's."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


async def _pieces(body: StreamReader, leave: asyncio.Event) -> AsyncIterator[bytes]:
    """The body in pieces of a size worth a trip to a thread."""
    waiting = bytearray()
    while data := await _next(body, leave):
        waiting += data
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


async def _next(body: StreamReader, leave: asyncio.Event) -> bytes:
    """What has come; nothing at the end, when the connection broke off, when nothing comes, or when another request wants the turn."""
    coming, leaving = asyncio.ensure_future(body.readany()), asyncio.ensure_future(leave.wait())
    try:
        await asyncio.wait({coming, leaving}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        return coming.result() if coming.done() else b""
    except (ConnectionError, ClientError, HttpProcessingError, RequestPayloadError):
        return b""
    finally:
        coming.cancel()
        leaving.cancel()
