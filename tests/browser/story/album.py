"""An album of the pages: each in both sizes, both themes and both languages, and looked over for who cannot see or point."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, ViewportSize

from tests.browser.story.people import Player
from tests.browser.visitor import DEVICES, SCREENSHOTS, assert_accessible

LANGUAGES = {"zh-CN": "en", "en": "zh-CN"}
THEMES = ("light", "dark")
LOOKED_OVER = {"zh-CN": ("phone", "light"), "en": ("desktop", "dark")}
"""In which dress axe looks at a page; it takes a second each time."""

SPEAK = """async (locale) => {
  const form = document.querySelector("form[action='/language']")
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, back: "/", locale })
  await fetch("/language", { method: "POST", body, redirect: "manual" })
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def keep(player: Player, what: str, *, page: Page | None = None) -> None:
    """A page of links and forms in all eight dresses; it is loaded anew in the other language and back."""
    page = page or player.page
    own = player.visitor.locale
    await keep_live(player, what, page=page)
    for language in (LANGUAGES[own], own):
        await page.evaluate(SPEAK, language)
        await page.reload()
        if language != own:
            await _in_all_dresses(page, what, language)
    await _as_before(player, page)


async def keep_live(player: Player, what: str, *, page: Page | None = None) -> None:
    """A page that is in use: both sizes and themes in its reader's language, without loading it again."""
    page = page or player.page
    await _in_all_dresses(page, what, player.visitor.locale)
    await _as_before(player, page)


async def keep_live_of(players: tuple[Player, ...], what: str) -> None:
    """The same of several people at once."""
    await asyncio.gather(*(keep_live(player, what) for player in players))


async def _in_all_dresses(page: Page, what: str, language: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.evaluate("scrollTo(0, 0)")
    for device, options in DEVICES.items():
        await page.set_viewport_size(options["viewport"])
        for theme in THEMES:
            await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            path = SCREENSHOTS / f"story-{what}-{device}-{theme}-{language}.png"
            await page.screenshot(path=path, animations="disabled", full_page=True)
            if LOOKED_OVER[language] == (device, theme):
                await assert_accessible(page)
        assert await page.evaluate(SIDEWAYS) <= 0, f"{what} is too wide on a {device} in {language}"


async def _as_before(player: Player, page: Page) -> None:
    viewport: ViewportSize = DEVICES[player.visitor.device]["viewport"]
    await page.set_viewport_size(viewport)
    await page.emulate_media(color_scheme="dark" if player.visitor.theme == "dark" else "light")
