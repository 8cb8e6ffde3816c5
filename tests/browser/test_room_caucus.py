"""A private talk in real browsers: called and accepted, marked and carried over, the mediator asked back; outside nothing of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears, write
from tests.browser.visitor import Visitor, assert_accessible

pytestmark = pytest.mark.browser

OFFER = "I could pay half by March"
SECRET = "At most 72,000"
CAUCUS = re.compile(r'"id":"([^"]+)","kind":"caucus"')


async def test_a_side_is_called_says_what_may_be_told_and_the_other_side_hears_that_alone(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await room.comes("mediator"), await room.comes("respondent", device="phone")
        chen = await room.comes("claimant")
        inside, outside = frames(lin.page), frames(chen.page)
        for visitor in (lin, chen):
            await visitor.page.reload()
        await chen.page.locator("[data-part=room][data-whole=true]").wait_for(state="attached")

        await it_rings(room, lin, bo)
        await expect(bo.page.locator(".place--caucus[aria-selected=true]")).to_be_visible()
        await write(bo.page, SECRET)
        await bo.page.locator(".marks__choice", has=bo.page.locator("[value=may_tell]")).click()
        await write(bo.page, OFFER)
        await expect((await hears(bo.page, OFFER)).locator("select")).to_have_value("may_tell")
        await expect((await hears(bo.page, SECRET)).locator("select")).to_have_value("keep")
        await bo.picture("caucus-marks")

        await it_is_carried_over(lin, bo, chen)
        await the_mediator_is_asked_back(lin, bo)

        (channel,) = set(CAUCUS.findall("".join(inside)))
        heard = "".join(outside) + await chen.page.locator("body").inner_text()
        about = [each for each in outside if channel in each and "caucus_opened" not in each]
        assert all('"caucus_closed"' in each for each in about)
        assert SECRET not in heard
        assert OFFER in heard
        assert "caucus_called" not in heard


async def it_rings(room: OpenRoom, lin: Visitor, bo: Visitor) -> None:
    await lin.page.locator("[data-part=lead] [data-part=caucus]").click()
    await lin.page.locator(
        "dialog[open] label", has=lin.page.locator(f"[value='{room.id('respondent')}']")
    ).click()
    await assert_accessible(lin.page)
    await lin.picture("caucus-sheet")
    await lin.page.locator("dialog[open] button[value=call]").click()
    ring = bo.page.locator("dialog.ring[open]")
    await expect(ring.locator("[data-part=accept]")).to_be_focused()
    await assert_accessible(bo.page)
    await bo.picture("caucus-ring")
    await ring.locator("[data-part=accept]").click()


async def it_is_carried_over(lin: Visitor, bo: Visitor, chen: Visitor) -> None:
    kept, told = await hears(lin.page, SECRET), await hears(lin.page, OFFER)
    await expect(kept.locator(".mark button")).to_have_count(0)
    await lin.picture("caucus-mediator")
    await told.locator(".mark button").click()
    await assert_accessible(lin.page)
    await lin.picture("caucus-carry")
    await lin.page.locator("dialog[open] button[value=yes]").click()
    await expect(chen.page.locator("[data-kind=statement_carried]")).to_contain_text(OFFER)
    await expect((await hears(bo.page, OFFER)).locator(".mark__told")).to_be_visible()
    await bo.page.goto(f"{bo.page.url}/carried")
    await expect(bo.page.locator(".line")).to_have_count(1)
    await expect(bo.page.locator(".carried__told")).to_be_visible()
    await assert_accessible(bo.page)
    await bo.picture("caucus-carried")
    await bo.page.go_back()


async def the_mediator_is_asked_back(lin: Visitor, bo: Visitor) -> None:
    await lin.page.locator("[data-part=leave-caucus]").click()
    await bo.page.locator(".place--caucus").click()
    away = bo.page.locator("[data-part=inside]")
    await expect(away).not_to_contain_text("Lin")
    await bo.page.locator("[data-part=call-mediator]").click()
    await expect(lin.page.locator(".toast").last).to_be_visible()
    await lin.page.locator(".place--caucus").click()
    await lin.page.locator("[data-part=enter]").click()
    await expect(lin.page.locator("[data-part=leave-caucus]")).to_be_visible()
    await lin.page.locator("[data-part=end-caucus]").click()
    await expect(bo.page.locator("[data-part=caucus-bar]")).to_be_hidden()


def frames(page: Page) -> list[str]:
    """Every frame that a page is sent from now on."""
    heard: list[str] = []
    page.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    return heard
