"""The stage as both sides of it see it: the lead lost and back, a small window, a loudspeaker that is gone, a weak line."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Arrive
from tests.browser.onstage import shown_on, stage_now
from tests.browser.rooms import OpenRoom, an_open_room, counts, goes_on, is_in, is_on_stage
from tests.browser.visitor import PATIENCE, Visitor, assert_accessible, until

pytestmark = pytest.mark.browser

WRONG = {
    "loss_up": "别人听到的声音断断续续",
    "loss_down": "听到的声音断断续续",
    "delay": "说话和听到都有延迟",
    "narrow": "听得到声音，画面不全",
}
WITHOUT_LOUDSPEAKERS = """() => {
  const list = MediaDevices.prototype.enumerateDevices
  MediaDevices.prototype.enumerateDevices = async function () {
    return (await list.call(this)).filter((one) => one.kind !== "audiooutput")
  }
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"))
}"""


async def test_who_waits_for_a_lost_lead_is_told_so_and_back_in_the_seat(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        desk = room.site.signaling.desk
        desk.patience = replace(desk.patience, lead=0.5)
        lin, bo = await two(room)
        told = bo.page.locator("[data-part=host-lost]:visible")

        await lin.page.goto("about:blank")
        await is_on_stage(bo.page, "waiting")
        await told.wait_for()
        assert await counts(bo.page) == {}
        await assert_accessible(bo.page)
        await bo.picture("room-host-lost")

        await lin.page.goto(f"{room.site.origin}/rooms/{room.story.room}")
        await is_in(lin.page)
        await is_on_stage(lin.page)
        await is_on_stage(bo.page)
        await goes_on(bo.page, f"{room.id('mediator')}:camera")
        await goes_on(lin.page, f"{room.id('respondent')}:mic sound")
        assert await told.count() == 0


async def test_a_small_window_a_loudspeaker_that_is_gone_and_what_is_wrong_with_a_line(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await two(room)
        await goes_on(bo.page, f"{room.id('mediator')}:camera")
        small = "document.pictureInPictureElement?.srcObject?.getVideoTracks().length === 1"

        for inside in (True, False):
            await bo.page.locator("[data-part=tools] [data-part=view]").click()
            await bo.page.locator("[data-part=view-menu] [data-part=float]").click()
            await until(bo.page, small if inside else "document.pictureInPictureElement === null")

        await bo.page.locator("[data-part=devices]").click()
        await bo.page.locator("#use-speaker").select_option(label="Fake Audio Output 2")
        await bo.page.locator("[data-part=devices-sheet] [data-part=done]").click()
        await until(bo.page, "document.querySelector('audio[data-source=mic]').sinkId !== ''")
        await bo.page.evaluate(WITHOUT_LOUDSPEAKERS)
        await bo.page.locator(".toast", has_text="The loudspeaker is gone").wait_for()
        await until(bo.page, "document.querySelector('audio[data-source=mic]').sinkId === ''")
        assert await stage_now(bo.page, "return now.devices.speaker") == ""
        await goes_on(bo.page, f"{room.id('mediator')}:mic sound")

        line = {"room": room.story.room, "person": room.id("respondent"), "quality": "fair", "rtt_ms": 90}
        for why, words in WRONG.items():
            await says_of_a_line(lin.page, line | {"why": why}, words)


async def says_of_a_line(page: Page, line: dict[str, object], words: str) -> None:
    """What is to be read of a person's line; the server, which measures another, may say so at the same moment."""
    name = f".people__person[data-person='{line['person']}'] .people__name"
    async with asyncio.timeout(PATIENCE):
        while words not in (await shown_on(page, "network", line, name))[0]:
            pass


async def two(room: OpenRoom) -> tuple[Visitor, Visitor]:
    """Mediator and respondent, both in the meeting."""
    lin = await room.comes("mediator")
    await lin.page.locator("[data-part=start]").click()
    await is_on_stage(lin.page)
    bo = await room.comes("respondent")
    await bo.page.locator("[data-part=join]").click()
    await is_on_stage(bo.page, "waiting")
    await lin.page.locator(f"[data-part=queue] {room.of('respondent')} button").click()
    await is_on_stage(bo.page)
    return lin, bo
