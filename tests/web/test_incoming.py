"""Bytes on their way in, when the disk is full."""

import asyncio
import errno
from pathlib import Path

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from mediation.ports.blobs import Blobs, Part
from web.incoming import PIECE, NoRoom, take_in


class FullAfter(Part):
    """A file on a disk that has room for so many bytes only."""

    room: int

    def write(self, data: bytes, *, offset: int) -> None:
        if offset + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(data, offset=offset)


def a_body(data: bytes) -> StreamReader:
    loop = asyncio.get_running_loop()
    body = StreamReader(BaseProtocol(loop), 2**24, loop=loop)
    body.feed_data(data)
    body.feed_eof()
    return body


async def test_a_full_disk_is_said_and_what_fitted_is_kept(tmp_path: Path) -> None:
    Blobs(tmp_path)
    part = FullAfter(tmp_path / "uploads" / "u1", None)
    part.room = PIECE + 10
    noted: list[int] = []

    async def advance(received: int) -> int:
        noted.append(received)
        return received

    with pytest.raises(NoRoom) as caught:
        await take_in(
            a_body(bytes(3 * PIECE)), part, offset=0, size=3 * PIECE, leave=asyncio.Event(), advance=advance
        )

    assert (caught.value.status, caught.value.code) == (507, "unavailable")
    assert noted == [PIECE]
    part.room = 3 * PIECE
    rest = a_body(bytes(2 * PIECE))
    assert await take_in(
        rest, part, offset=PIECE, size=3 * PIECE, leave=asyncio.Event(), advance=advance
    ) == (3 * PIECE)
