"""A window of a browser, whichever it is: what the tests of media do at a page, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.browser.visitor import Visitor


class Window(Protocol):
    """Somebody's page. `troubles` are the errors that nobody caught there."""

    @property
    def troubles(self) -> list[str]: ...

    async def prepare(self, scripts: Iterable[str]) -> None:
        """Scripts that run in the page before its own."""

    async def sign_in(self, origin: str, name: str, secret: str) -> None: ...

    async def open(self, address: str) -> None: ...

    async def run(self, function: str, about: object = None) -> Any:
        """Call a function in the page with one argument; its result."""

    async def press(self, selector: str) -> None:
        """A real click, as of a hand."""

    async def resize(self, width: int, height: int) -> None: ...

    async def close(self) -> None: ...


@dataclass
class ChromiumWindow:
    """A window of the Chromium that Playwright drives."""

    visitor: Visitor

    @property
    def troubles(self) -> list[str]:
        return self.visitor.troubles

    async def prepare(self, scripts: Iterable[str]) -> None:
        for script in scripts:
            await self.visitor.context.add_init_script(script)

    async def sign_in(self, origin: str, name: str, secret: str) -> None:
        # Chromium counts localhost as safe: a secure cookie that came by https goes to http://localhost too.
        home = origin.replace("http:", "https:")
        await self.visitor.context.add_cookies([{"name": name, "value": secret, "url": home, "secure": True}])

    async def open(self, address: str) -> None:
        await self.visitor.page.goto(address)

    async def run(self, function: str, about: object = None) -> Any:
        return await self.visitor.page.evaluate(function, about)

    async def press(self, selector: str) -> None:
        await self.visitor.page.locator(selector).first.click()

    async def set_signalling(self, *, on: bool) -> None:
        """Take away the line of the page's own requests and sockets, or give it back; media is not touched."""
        await self.visitor.context.set_offline(not on)

    async def resize(self, width: int, height: int) -> None:
        await self.visitor.page.set_viewport_size({"width": width, "height": height})

    async def close(self) -> None:
        await self.visitor.leave()


async def comes_true(window: Window, function: str, about: object = None, *, within: float = 15) -> Any:
    """Wait until a function gives something true in the page."""
    try:
        async with asyncio.timeout(within):
            while not (found := await window.run(function, about)):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within} s: {function} of {about}") from None
    return found


async def shows(window: Window, selector: str, *, within: float = 15) -> None:
    """Wait until something is in the page."""
    await comes_true(window, "(wanted) => Boolean(document.querySelector(wanted))", selector, within=within)


async def shows_no(window: Window, selector: str, *, within: float = 15) -> None:
    """Wait until something is no longer in the page."""
    await comes_true(window, "(wanted) => !document.querySelector(wanted)", selector, within=within)
