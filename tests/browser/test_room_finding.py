"""A talk of ten thousand entries: it scrolls smoothly, and leads to a day, to what was searched, and back to the newest."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from mediation.rooms.message import post_message
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears, said
from tests.browser.visitor import until

pytestmark = pytest.mark.browser

ENTRIES = 10_000
SCROLLER = "document.querySelector('.room__pane:not([hidden]) [data-part=scroller]')"
ROWS = f"{SCROLLER}.querySelectorAll('li').length"
FOUND = "document.querySelector('.stream__found [data-part=text]')?.textContent"
# One screen up at each frame, as a fast finger does; the longest time between two frames, and how far it came.
SCROLLS = """async (screens) => {
  const scroller = document.querySelector('.room__pane:not([hidden]) [data-part=scroller]')
  const first = () => Number(scroller.querySelector('.bubble [data-part=text]').textContent.split(' ')[1])
  const frame = () => new Promise(requestAnimationFrame)
  const [from, times] = [first(), []]
  let most = 0
  for (let n = 0, before = await frame(); n < screens; n++) {
    scroller.scrollTop -= scroller.clientHeight
    const now = await frame()
    times.push(now - before)
    before = now
    most = Math.max(most, scroller.querySelectorAll('li').length)
  }
  times.sort((a, b) => a - b)
  return { come: from - first(), rows: most, usual: times[times.length >> 1] }
}"""


def talks_long(room: OpenRoom) -> None:
    """Half of it three days before the rest; all of it handed to the writer at once."""
    house = room.site.house
    who = {"by": room.id("mediator"), "channel": room.story.talks}
    house.clock.pass_by(days=-3)
    for half in (range(ENTRIES // 2), range(ENTRIES // 2, ENTRIES)):
        posted = [
            house.store.write(post_message, **who, text=f"Message {n}", client_id=f"k{n}") for n in half
        ]
        for one in posted:
            one.result(120)
        house.clock.follow_real_time()


async def finds(page: Page, words: str) -> None:
    await page.locator("[data-part=open-search]").click()
    await page.locator("#search-words").fill(words)
    await page.locator("#search-words").press("Enter")


async def test_ten_thousand_entries_scroll_smoothly_and_every_place_is_found(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talks_long(room)
        bo = await room.comes("agent")
        page = bo.page
        await hears(page, f"Message {ENTRIES - 1}")
        assert await page.evaluate(ROWS) < 100, "the first screen draws what is on it"

        await page.evaluate(f"{SCROLLER}.scrollTop -= 400")
        gone = await page.evaluate(SCROLLS, 150)
        assert gone["come"] > 300, "it reads on while it scrolls"
        assert gone["rows"] <= 400, "far rows are let go"
        assert gone["usual"] < 100, "most frames come in time, also on a busy machine"

        await finds(page, "4321")
        hit = page.locator(".search__hit")
        await hit.wait_for()
        assert await hit.locator("mark").all_inner_texts() == ["4321"]
        await hit.click()
        await until(page, f"() => {FOUND} === 'Message 4321'")
        around = await said(page)
        assert around == [
            f"Message {n}" for n in range(int(around[0].split()[1]), int(around[-1].split()[1]) + 1)
        ]

        newest = page.locator(".room__pane:not([hidden]) [data-part=newer]")
        await page.locator("[data-part=search] [data-part=close]").click()
        await newest.click()
        assert (await said(page))[-1] == f"Message {ENTRIES - 1}"

        await finds(page, "nowhere to be found")
        await until(
            page,
            "() => !/…$|^$/.test(document.querySelector('[data-part=search] [data-part=says]').textContent)",
        )
        assert await page.locator(".search__hit").count() == 0
        await page.keyboard.press("Escape")
        assert not await page.locator("[data-part=search]").is_visible()
