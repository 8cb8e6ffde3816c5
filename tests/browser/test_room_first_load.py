"""The room's first load: the talk is there before the rest, and the rest misses nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room, hears, is_in, is_on_stage, write
from tests.browser.visitor import until

pytestmark = pytest.mark.browser

SHIFTS = """(() => {
  globalThis.shifted = 0
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) shifted += one.value
  }).observe({ type: "layout-shift", buffered: true })
})()"""


async def held_back(page: Page) -> asyncio.Event:
    """What comes after the talk waits on the line until the event is set."""
    let_through = asyncio.Event()

    async def hold(route: Route) -> None:
        await let_through.wait()
        await route.continue_()

    await page.route("**/js/later.js", hold)
    return let_through


async def reload_without_the_rest(page: Page) -> asyncio.Event:
    let_through = await held_back(page)
    await page.reload()
    await is_in(page)
    return let_through


async def test_one_can_write_before_the_stage_has_come(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent", device="phone")
        let_through = await reload_without_the_rest(chen.page)

        await write(chen.page, "Is anybody here?")
        await hears(bo.page, "Is anybody here?")
        assert await chen.page.locator("[data-whole]").count() == 0

        let_through.set()
        await chen.page.locator("[data-whole=true]").wait_for()


async def test_what_was_said_before_the_rest_came_is_not_missed(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        chen = await room.comes("claimant", device="phone")
        let_through = await reload_without_the_rest(lin.page)

        await chen.page.locator("[data-part=join]").click()
        await is_on_stage(chen.page, "waiting")
        await write(chen.page, "I am at the door.")
        await hears(lin.page, "I am at the door.")
        let_through.set()

        await lin.page.locator(f"[data-part=queue] {room.of('claimant')}").wait_for()


async def test_a_button_that_is_pressed_too_early_acts_as_soon_as_it_can(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        let_through = await held_back(chen.page)

        await chen.page.reload(wait_until="commit")
        await chen.page.locator("[data-part=open-people]").click()
        let_through.set()

        await chen.page.locator("[data-part=drawer][open]").wait_for()
        await chen.page.locator("[data-part=drawer] .people__person").first.wait_for()


@pytest.mark.parametrize("role", ["mediator", "claimant"])
async def test_what_comes_later_moves_nothing_that_is_read(tmp_path: Path, arrive: Arrive, role: str) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        reader = await room.comes(role, device="phone")
        await reader.context.add_init_script(SHIFTS)
        let_through = await reload_without_the_rest(reader.page)
        before = await reader.page.evaluate("shifted")

        let_through.set()
        await reader.page.locator("[data-whole=true]").wait_for()
        await until(reader.page, "new Promise((drawn) => setTimeout(() => drawn(true), 200))")

        assert await reader.page.evaluate("shifted") - before < 0.01


async def test_a_part_that_does_not_come_is_fetched_again(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        lost = [True]

        async def lose(route: Route) -> None:
            await (route.abort() if lost else route.continue_())
            lost.clear()

        await chen.page.route("**/js/later.js", lose)
        await chen.page.reload()

        await chen.page.locator("[data-whole=true]").wait_for()
        assert not lost
