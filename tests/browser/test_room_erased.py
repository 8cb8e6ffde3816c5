"""What was erased, in real browsers: it goes from the page of who is looking, and stands as erased for who comes later."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from mediation.packs.pack import load_pack
from mediation.record.entry import heads_of
from mediation.record.erasure import Ground, erase_contents
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears, is_in, write

pytestmark = pytest.mark.browser


def erase(room: OpenRoom, channel: str, rule: str) -> None:
    """Everything that stands in a channel by now, as if its time were over."""
    house = room.site.house
    last = house.ask(heads_of, [channel])[channel]
    found = next(one for one in load_pack("cn").retention if one.code == rule)
    house.do(erase_contents, channel=channel, seqs=range(1, last + 1), ground=Ground(found))


async def erased(page: Page, words: str) -> None:
    await page.locator(".bubble[data-state=erased] [data-part=text]", has_text=words).wait_for()


async def test_what_is_erased_goes_from_the_page_and_stands_there_as_erased(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")
        await write(chen.page, "My floor is 70,000")
        await hears(bo.page, "My floor is 70,000")

        erase(room, room.story.talks, "talks")
        erase(room, room.story.record, "record")

        await erased(bo.page, "under the rule “What was said in the talks, and drafts”")
        await erased(chen.page, "按照保存规则“群聊里说的话和协议草稿”删除")
        await bo.page.locator(".stream__act", has_text="because their time was over").first.wait_for()
        await bo.page.reload()
        await is_in(bo.page)
        await erased(bo.page, "under the rule “What was said in the talks, and drafts”")
        await bo.page.locator(".stream__act", has_text="under the rule “The procedure").first.wait_for()
        assert await bo.page.get_by_text("My floor").count() == 0
