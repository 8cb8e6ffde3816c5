"""The talk in real browsers: in order, exactly once, kept while there is no line, and walled."""

from pathlib import Path

import pytest

from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room, hears, said, write
from tests.browser.visitor import until

pytestmark = pytest.mark.browser


async def test_what_one_writes_the_others_read_in_order_and_it_is_seen(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")

        for text in ("我可以等到三月。", "<b>not bold</b> & https://example.org/a", "第三条"):
            await write(chen.page, text)
        await hears(bo.page, "第三条")

        assert await said(bo.page) == [
            "我可以等到三月。",
            "<b>not bold</b> & https://example.org/a",
            "第三条",
        ]
        own = await hears(chen.page, "第三条")
        await own.locator("[data-part=state]", has_text="人已读").wait_for()
        assert await said(chen.page) == await said(bo.page)


async def test_what_is_written_without_a_line_survives_a_reload_and_arrives_once(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent", device="phone")
        chen = await room.comes("claimant")
        await bo.context.set_offline(True)
        await until(bo.page, "document.querySelector('[data-part=room]').dataset.line !== 'online'")

        await write(bo.page, "Written in a tunnel")
        await bo.page.locator(".bubble[data-state=pending]", has_text="Written in a tunnel").wait_for()
        await bo.page.locator("[data-part=line]", has_text="what you write is kept").wait_for()
        await bo.context.set_offline(False)
        await bo.page.reload()

        await hears(chen.page, "Written in a tunnel")
        await hears(bo.page, "Written in a tunnel")
        assert (await said(chen.page)).count("Written in a tunnel") == 1
        assert (await said(bo.page)).count("Written in a tunnel") == 1


async def test_a_private_channel_is_on_no_other_sides_page(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")
        chen = await room.comes("claimant")
        lin = await room.comes("mediator")

        await bo.page.locator(".place--private").click()
        await bo.page.locator(
            "[data-part=talk] [data-part=door]", has_text="The other side sees and hears nothing"
        ).wait_for()
        assert await bo.page.locator(".composer__send").inner_text() == "Send privately"
        await write(bo.page, "My lowest figure is 70,000")

        unread = lin.page.locator(".place--private", has_text="被申请人").locator(".count")
        await unread.wait_for()
        await lin.page.locator(".place--private", has_text="被申请人").click()
        await hears(lin.page, "My lowest figure is 70,000")
        assert "70,000" not in await chen.page.content()
        assert await chen.page.locator(".place--private .count").count() == 0


async def test_a_reply_quotes_and_what_was_taken_back_leaves_a_stub(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant")
        bo = await room.comes("respondent")
        await write(bo.page, "Four payments?")
        row = await hears(chen.page, "Four payments?")

        await row.locator("[data-part=more]").click()
        await row.get_by_role("menuitem", name="引用").click()
        await write(chen.page, "Yes, four.")
        answer = await hears(bo.page, "Yes, four.")
        assert "Four payments?" in await answer.locator("[data-part=quote]").inner_text()

        own = chen.page.locator(".bubble--own", has_text="Yes, four.")
        await own.locator("[data-part=more]").click()
        await own.get_by_role("menuitem", name="撤回").click()
        await bo.page.locator(".bubble--recalled", has_text="This message was taken back.").wait_for()
        assert "Yes, four." not in await said(bo.page)


async def test_a_message_that_is_too_long_is_neither_sent_nor_lost(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")

        await write(bo.page, "x" * 100_000)

        await bo.page.locator("[data-part=wrong]", has_text="90,000 too many").wait_for()
        assert len(await bo.page.locator("#message").input_value()) == 100_000
        assert await said(bo.page) == []
