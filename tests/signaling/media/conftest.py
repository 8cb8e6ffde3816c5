"""A real worker process, and people who come with real transports."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.signaling.media.stand import Stand


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    opened = await Stand().open()
    yield opened
    await opened.close()
