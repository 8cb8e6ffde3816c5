"""How the talk is read in real browsers: the newest first, older ones on scrolling up, whatever the line and the phone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect
from sqlalchemy.orm import Session

from mediation.rooms.channel import Member
from mediation.rooms.message import post_message
from mediation.rooms.receipt import deliveries_in
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears, is_in, said, write
from tests.browser.visitor import PATIENCE, until

pytestmark = pytest.mark.browser

SCROLLER = "document.querySelector('.room__pane:not([hidden]) [data-part=scroller]')"
TO_THE_TOP = f"{SCROLLER}.scrollTop = 0"
SHOWN = "document.querySelectorAll('.bubble').length"
TWO_FRAMES = "() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))"
FRAMES_ASKED_FOR = """async () => {
  const ask = requestAnimationFrame
  let asked = 0
  globalThis.requestAnimationFrame = (then) => { asked += 1; return ask(then) }
  for (let frame = 0; frame < 20; frame++) await new Promise(ask)
  globalThis.requestAnimationFrame = ask
  return asked
}"""
LOOKS_AWAY = """() => {
  Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""
LOOKS_AGAIN = """() => {
  delete document.visibilityState
  document.dispatchEvent(new Event("visibilitychange"))
}"""
READS = re.compile(r'42(\d+)\["read_entries",{"channel":"([^"]+)"')
REFUSED = '[{"error":{"code":"unavailable","message":"Not now"}}]'


@dataclass
class Between:
    """Stands between a page and the desk: knows what was read, keeps answers back, or has them refused."""

    held: str = ""
    """The channel whose entries are kept back."""
    refuses: set[str] = field(default_factory=set)
    """Channels whose next reading is refused."""
    read: list[str] = field(default_factory=list)
    """The channels that were read, a page each."""

    _asked: dict[str, str] = field(default_factory=dict)
    _kept: list[str] = field(default_factory=list)

    async def stand(self, page: Page) -> Between:
        await page.route_web_socket("**/socket.io/*", self._pass_on)
        return self

    def let_go(self) -> None:
        self.held = ""
        for answer in self._kept:
            self._page.send(answer)

    def _pass_on(self, page: WebSocketRoute) -> None:
        self._page, desk = page, page.connect_to_server()

        def ask(said: str | bytes) -> None:
            if found := READS.match(str(said)):
                self._asked[found[1]] = found[2]
                self.read.append(found[2])
            desk.send(said)

        def answer(said: str | bytes) -> None:
            found = re.match(r"43(\d+)", str(said))
            channel = self._asked.pop(found[1], "") if found else ""
            if found and channel in self.refuses:
                self.refuses.remove(channel)
                said = found[0] + REFUSED
            if channel and channel == self.held:
                self._kept.append(str(said))
            else:
                page.send(said)

        page.on_message(ask)
        desk.on_message(answer)


def talk(room: OpenRoom, count: int) -> None:
    """The mediator has written a lot."""
    for n in range(count):
        room.site.house.do(
            post_message,
            by=room.id("mediator"),
            channel=room.story.talks,
            text=f"Message {n}",
            client_id=f"k{n}",
        )


async def scrolls_up(page: Page, until_shown: int) -> None:
    """Pulls down at the top until so many messages are there."""
    while (before := await page.evaluate(SHOWN)) < until_shown:
        await page.evaluate(TO_THE_TOP)
        await until(page, f"{SHOWN} > {before}")


async def test_a_slow_phone_reads_the_newest_page_and_older_ones_on_scrolling_up(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 130)
        bo = await room.comes("respondent", device="phone")
        read: list[str] = []
        bo.page.on("websocket", lambda line: line.on("framesent", lambda frame: _note(read, str(frame))))
        slow = await bo.context.new_cdp_session(bo.page)
        await slow.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        await bo.page.reload()
        await is_in(bo.page)
        await hears(bo.page, "Message 129")
        await bo.page.evaluate(TWO_FRAMES)
        assert read.count(room.story.talks) == 1
        assert await said(bo.page) == [f"Message {n}" for n in range(80, 130)]
        await slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})

        await scrolls_up(bo.page, 130)

        assert await said(bo.page) == [f"Message {n}" for n in range(130)]


async def test_nothing_older_is_read_while_the_newest_page_is_still_on_its_way(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 130)
        bo = await room.comes("respondent", device="phone")
        between = await Between(held=room.story.record).stand(bo.page)
        await bo.page.reload()
        await is_in(bo.page)

        for place in (".place--private", ".place--everyone"):  # what is drawn comes into sight anew
            await bo.page.locator(place).click()
            await bo.page.evaluate(TWO_FRAMES)
        between.let_go()

        await hears(bo.page, "Message 129")
        await bo.page.evaluate(TWO_FRAMES)
        assert between.read.count(room.story.talks) == 1
        assert await said(bo.page) == [f"Message {n}" for n in range(80, 130)]


async def test_a_screen_that_one_page_does_not_fill_shows_more(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 130)
        bo = await room.comes("respondent")
        await bo.page.set_viewport_size({"width": 1280, "height": 6000})
        await until(bo.page, f"{SHOWN} > 50")
        await until(bo.page, f"{SCROLLER}.scrollHeight > {SCROLLER}.clientHeight")

        await bo.page.evaluate(TWO_FRAMES)
        end = f"{SCROLLER}.scrollHeight - {SCROLLER}.clientHeight - {SCROLLER}.scrollTop"
        assert await bo.page.evaluate(end) < 2, "the newest stays in sight"


async def test_at_the_top_without_a_line_the_page_waits_for_it(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 70)
        bo = await room.comes("respondent", device="phone")
        await hears(bo.page, "Message 69")
        await bo.context.set_offline(True)
        await until(bo.page, "document.querySelector('[data-part=room]').dataset.line !== 'online'")
        await bo.page.evaluate(TWO_FRAMES)  # the sign of it takes its place, and the newest stays in sight

        await bo.page.evaluate(TO_THE_TOP)
        assert await bo.page.evaluate(FRAMES_ASKED_FOR) < 5, "it does not try again at each frame"
        await bo.context.set_offline(False)

        await hears(bo.page, "Message 0")
        assert await said(bo.page) == [f"Message {n}" for n in range(70)]


async def test_a_first_page_that_was_refused_is_read_once_when_it_is_asked_for_again(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 3)
        bo = await room.comes("respondent")
        between = await Between(refuses={room.story.record, room.story.talks}).stand(bo.page)
        await bo.page.reload()
        await hears(bo.page, "Message 2")

        await write(bo.page, "Four payments?")
        row = await hears(bo.page, "Four payments?")
        await row.locator("[data-part=more]").click()
        await row.get_by_role("menuitem", name="Quote").click()
        await write(bo.page, "Or five")

        answer = await hears(bo.page, "Or five")
        assert "Four payments?" in await answer.locator("[data-part=quote]").inner_text()
        assert not between.refuses


async def test_what_was_not_on_the_screen_stays_unread_and_the_mark_leads_to_where_one_was_called(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 4)
        bo = await room.comes("respondent", device="phone")
        newer = bo.page.locator(".room__pane:not([hidden]) [data-part=newer]")
        await has_read(room, 4)
        await bo.page.goto("about:blank")
        for n in range(4, 60):
            mentions = (room.id("respondent"),) if n in (30, 45) else ()
            says(room, f"Message {n}", mentions=mentions)

        await bo.page.goto(f"{room.site.origin}/rooms/{room.story.room}")
        await is_in(bo.page)
        await expect(bo.page.locator(".stream__news")).to_be_in_viewport()
        await has_read(room, 5)
        assert read_of(room) < 30, "what is further down waits"
        await expect(newer).to_contain_text(str(60 - read_of(room)))

        mark = bo.page.locator("[data-part=called]")
        await expect(mark).to_have_text("You were mentioned 2 times")
        await bo.picture("reading-unread")
        for n in (30, 45):
            await mark.click()
            await expect(bo.page.locator(".bubble", has_text=f"Message {n}")).to_be_in_viewport()
            await has_read(room, n + 1)
            assert read_of(room) < 60
        await expect(mark).to_be_hidden()

        await newer.click()
        await has_read(room, 60)
        await expect(newer).to_be_hidden()


async def test_what_comes_while_nobody_looks_has_reached_the_device_and_is_read_when_somebody_does(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room, 1)
        bo = await room.comes("respondent", device="phone")
        await bo.page.set_viewport_size({"width": 390, "height": 2000})  # whatever comes is in the window
        await has_read(room, 1)
        await bo.page.evaluate(LOOKS_AWAY)

        says(room, "Is anybody there?")
        await comes_true(lambda: has_come(room) == 2)
        says(room, "I shall wait")  # when this has come, the first has been there for long
        await comes_true(lambda: has_come(room) == 3)
        assert read_of(room) == 1
        await until(bo.page, "document.title.startsWith('(2)')")
        await bo.page.evaluate(LOOKS_AGAIN)
        await has_read(room, 3)
        await until(bo.page, "!document.title.startsWith('(')")


def says(room: OpenRoom, text: str, **more: Any) -> None:
    who = {"by": room.id("mediator"), "channel": room.story.talks}
    room.site.house.do(post_message, **who, text=text, client_id=text, **more)


def read_of(room: OpenRoom) -> int:
    """Up to where the respondent has read the talk."""

    def look(session: Session) -> int:
        return session.get_one(Member, (room.story.talks, room.id("respondent"))).read_seq

    return room.site.house.ask(look)


def has_come(room: OpenRoom) -> int:
    """Up to where the talk has reached a device of the respondent's, where it was not read."""
    return room.site.house.ask(deliveries_in, room.story.talks).get(room.id("respondent"), 0)


async def has_read(room: OpenRoom, seq: int) -> None:
    await comes_true(lambda: read_of(room) >= seq)


async def comes_true(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():
            await asyncio.sleep(0.05)


def _note(read: list[str], frame: str) -> None:
    if found := READS.match(frame):
        read.append(found[2])
