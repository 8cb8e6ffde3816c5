"""Fixtures of the browser tests: one Chromium a module, and people who arrive in contexts of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import FLAGS, the_browser
from tests.browser.visitor import Visitor, detour
from tests.proxy import Proxy


class Arrive(Protocol):
    """Opens a browser for a person."""

    async def __call__(
        self, name: str, *, device: str = ..., locale: str = ..., theme: str = ..., line: Proxy | None = ...
    ) -> Visitor: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=the_browser(), args=FLAGS, ignore_default_args=["--mute-audio"], headless=True
        )
        yield started
        await started.close()


@pytest.fixture
async def arrive(browser: Browser) -> AsyncIterator[Arrive]:
    """People come in with `await arrive("…", device="phone", locale="zh-CN", theme="dark", line=proxy)`.

    Whoever has a `line` sends and gets all media through that proxy. At the end nobody's page may have had an error.
    """
    people: list[Visitor] = []

    async def come(
        name: str,
        *,
        device: str = "desktop",
        locale: str = "en",
        theme: str = "light",
        line: Proxy | None = None,
    ) -> Visitor:
        visitor = await Visitor.arrive(browser, name, device, locale, theme)
        people.append(visitor)
        if line is not None:
            await visitor.context.add_init_script(detour("127.0.0.1", line.port))
        return visitor

    yield come
    for visitor in people:
        await visitor.leave()
    assert not {visitor.name: visitor.troubles for visitor in people if visitor.troubles}
