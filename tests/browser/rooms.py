"""An open room with its people at real browsers, on a server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Locator, Page

from mediation.people.signin import open_sign_in
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor, until
from tests.cast import CAST
from tests.conftest import House
from tests.proxy import Proxy
from tests.site import Site, running, site_settings
from tests.stories import Story, opened
from web.session import SESSION_COOKIE

SEEN = """() => Object.fromEntries([...document.querySelectorAll(".tile video")].map((video) => [
  `${video.closest(".tile").dataset.person}:${video.closest(".tile").dataset.source}`,
  video.getVideoPlaybackQuality().totalVideoFrames,
]))"""
HEARD = """() => Object.fromEntries([...document.querySelectorAll("audio")].map((audio) => [
  `${audio.dataset.person}:${audio.dataset.source}`, audio.paused ? 0 : audio.currentTime,
]))"""


@dataclass(slots=True)
class OpenRoom:
    """The lending dispute's room; people come in by role."""

    site: Site
    story: Story
    arrive: Arrive

    async def comes(
        self,
        role: str,
        *,
        device: str = "desktop",
        theme: str = "light",
        path: str = "",
        line: Proxy | None = None,
    ) -> Visitor:
        """Somebody of the cast signs in, in their own language, and opens the room, or the page at `path` under it."""
        visitor = await self.arrive(
            CAST[role].name, device=device, locale=CAST[role].locale, theme=theme, line=line
        )
        secret = session_of(self.site, self.story.people[role])
        # Chromium counts localhost as safe: a secure cookie that came by https goes to http://localhost too.
        home = self.site.origin.replace("http:", "https:")
        session: SetCookieParam = {"name": SESSION_COOKIE, "value": secret, "url": home, "secure": True}
        await visitor.context.add_cookies([session])
        await visitor.page.goto(f"{self.site.origin}/rooms/{self.story.room}{path}")
        if not path:
            await is_in(visitor.page)
        return visitor

    def id(self, role: str) -> str:
        return self.story.people[role]

    def of(self, role: str) -> str:
        """What in a page belongs to this person, as a selector."""
        return f'[data-person="{self.id(role)}"]'


@asynccontextmanager
async def an_open_room(folder: Path, arrive: Arrive) -> AsyncIterator[OpenRoom]:
    """Consents given, the room opened; nobody is in it."""
    async with a_site_with_a_room(folder) as (site, story):
        yield OpenRoom(site, story, arrive)


@asynccontextmanager
async def a_site_with_a_room(folder: Path, **settings: Any) -> AsyncIterator[tuple[Site, Story]]:
    house = House(folder / "data", **site_settings() | settings)
    house.clock.follow_real_time()
    try:
        async with running(house) as site:
            yield site, opened(house)
    finally:
        house.store.close()


def session_of(site: Site, person: str) -> str:
    """Signs somebody in; what their browser has to show from then on."""
    return site.house.do(open_sign_in, person=person, kind="browser", way="code", device="Test browser")


async def is_in(page: Page) -> None:
    """Waits until the room has said who is here."""
    await page.locator("[data-part=room][data-ready=true]").wait_for(state="attached")


async def write(page: Page, text: str) -> None:
    """Writes a message and sends it."""
    await page.locator("#message").fill(text)
    await page.locator(".composer__send").click()


async def said(page: Page) -> list[str]:
    """The bubbles that are on the screen, from old to new."""
    found: list[str] = await page.evaluate(
        "() => [...document.querySelectorAll('.room__pane:not([hidden]) .bubble [data-part=text]')].map((one) => one.textContent)"
    )
    return found


async def hears(page: Page, text: str) -> Locator:
    """Waits for a message that has arrived."""
    row = page.locator(".bubble[data-seq]", has_text=text).last
    await row.wait_for()
    return row


async def is_on_stage(page: Page, state: str = "on", place: str = "main") -> None:
    await page.locator(f"[data-part=stage-area][data-state={state}][data-place={place}]").wait_for(
        state="attached"
    )


async def counts(page: Page) -> dict[str, Any]:
    """Frames shown and seconds heard, by person and source."""
    return {**await page.evaluate(SEEN), **{f"{k} sound": v for k, v in (await page.evaluate(HEARD)).items()}}


async def goes_on(page: Page, what: str) -> None:
    """Waits until frames, or seconds of sound, are being added to within half a second."""
    script, key = (HEARD if what.endswith(" sound") else SEEN), what.removesuffix(" sound")
    grows = f"""async () => {{
      const look = () => ({script})()["{key}"] ?? 0
      const before = look()
      await new Promise((resolve) => setTimeout(resolve, 500))
      return look() > before
    }}"""
    await until(page, grows, within=30)
