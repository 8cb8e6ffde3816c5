"""A real worker process, people who come with real transports, and a bad line."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest_asyncio

from signaling.media.messages import MediaEvent
from signaling.media.plane import MediaPlane, MediaSettings
from tests.proxy import Proxy
from tests.signaling.media.stand import Stand

_rooms = itertools.count(1)


class Shared:
    """One worker for all tests that leave it whole; each has a room of its own."""

    def __init__(self) -> None:
        self.plane: MediaPlane
        self.stand: Stand | None = None

    def heard(self, event: MediaEvent) -> None:
        if self.stand is not None:
            self.stand.heard(event)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared() -> AsyncIterator[Shared]:
    made = Shared()
    made.plane = await MediaPlane.start(MediaSettings(host="0.0.0.0", port=0), made.heard)
    yield made
    await made.plane.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stand(shared: Shared) -> AsyncIterator[Stand]:
    shared.stand = opened = Stand(f"room{next(_rooms)}")
    opened.plane = shared.plane
    yield opened
    await opened.clear()
    shared.stand = None


@pytest_asyncio.fixture(loop_scope="session")
async def alone() -> AsyncIterator[Stand]:
    """A worker of one's own, whose line falls silent after a second and is closed after two."""
    opened = await Stand().open(silent_after=1.0, closed_after=2.0)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(stand: Stand) -> AsyncIterator[Proxy]:
    opened = await Proxy(("127.0.0.1", stand.plane.port)).open()
    yield opened
    await opened.close()
