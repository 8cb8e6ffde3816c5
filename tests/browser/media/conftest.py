"""Fixtures of the media tests: one process of each browser a module, and one room with its meeting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.media.firefox import Firefox
from tests.browser.media.meeting import Meeting, Opens, a_meeting
from tests.browser.media.window import ChromiumWindow, Window
from tests.browser.visitor import GENTLE_CAMERA, Visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opens(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Opens]:
    """Firefox starts with its first window."""
    async with AsyncExitStack() as stack:
        started: dict[str, Firefox] = {}

        async def open_window(named: str) -> Window:
            if named == "chromium":
                return ChromiumWindow(await Visitor.arrive(browser, "", "desktop", "en", "light"))
            if named not in started:
                started[named] = await Firefox.start(tmp_path_factory.mktemp("firefox") / "profile")
                stack.push_async_callback(started[named].close)
            window = await started[named].window()
            await window.prepare([GENTLE_CAMERA])
            return window

        yield open_window


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(tmp_path_factory: pytest.TempPathFactory, opens: Opens) -> AsyncIterator[Meeting]:
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        yield made
