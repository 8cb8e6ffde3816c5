"""Home in a real browser: what was found in all rooms leads to its place in one of them, and coming back shows what is new."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from mediation.rooms.message import post_message
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room
from tests.browser.visitor import assert_accessible

pytestmark = pytest.mark.browser


def says(room: OpenRoom, text: str, channel: str) -> None:
    room.site.house.do(post_message, by=room.id("mediator"), channel=channel, text=text, client_id=text)


async def test_what_was_found_leads_to_its_place_in_the_room(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        assert room.story.private is not None
        for n in range(80):
            says(room, f"第{n}条：" + ("三月付款" if n == 7 else "请看借款合同"), room.story.talks)
        says(room, "只对您说：最多七万", room.story.private["respondent"])
        bo = await room.comes("respondent", device="phone", path="/check")
        page = bo.page
        await page.goto(f"{room.site.origin}/")
        await expect(page.locator(".line .count")).to_contain_text(
            "86"
        )  # five in the record, before anybody wrote
        await assert_accessible(page)
        await bo.picture("home-unread")

        for typed in ("三月", "七万"):
            await page.goto(f"{room.site.origin}/")
            await page.get_by_role("searchbox").fill(typed)
            await page.keyboard.press("Enter")
            hit = page.locator(".search__hit")
            await expect(hit.locator("mark")).to_have_text(typed)
            await assert_accessible(page)
            await bo.picture("home-found")
            await hit.click()
            led = page.locator(".bubble--found")
            await expect(led).to_contain_text(typed)
            await expect(led).to_be_in_viewport()
