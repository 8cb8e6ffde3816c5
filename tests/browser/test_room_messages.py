"""What is done with messages, at real browsers: called by name, quoted, taken back and written again, pinned and acknowledged, opened by order."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from mediation.rooms.message import post_message
from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room, hears, said, write
from tests.browser.visitor import assert_accessible, until

pytestmark = pytest.mark.browser


async def test_a_whole_exchange_is_held_by_keys_alone(tmp_path: Path, arrive: Arrive) -> None:
    """Called by name from the list, found by the mark, quoted, taken back, and written again."""
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        bo = await room.comes("respondent")
        await is_whole(bo.page)
        await is_whole(lin.page)

        await lin.page.locator("#message").focus()
        await lin.page.keyboard.type("请 @bo")
        await lin.page.locator("[role=option][aria-selected=true]", has_text="Bo").first.wait_for()
        await assert_accessible(lin.page)
        await lin.picture("messages-callees")
        await lin.page.keyboard.press("Enter")
        await lin.page.keyboard.type("看一下 https://example.org/a?b=1。")
        await lin.page.keyboard.press("Enter")

        row = await hears(bo.page, "看一下")
        await expect(row).to_contain_class("bubble--calls")
        link = row.locator("a")
        assert await link.inner_text() == "https://example.org/a?b=1"
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"

        await bo.page.locator("#message").focus()
        await bo.page.keyboard.press("ArrowUp")
        await bo.page.keyboard.press("Enter")
        await bo.page.locator("[role=menuitem]", has_text="Quote").wait_for()
        await assert_accessible(bo.page)
        await bo.picture("messages-menu")
        await bo.page.keyboard.press("Enter")
        await bo.page.keyboard.type("Four payments")
        await bo.page.keyboard.press("Shift+Enter")
        await bo.page.keyboard.type("then?")
        await bo.page.keyboard.press("Enter")
        answer = await hears(lin.page, "Four payments\nthen?")
        assert "看一下" in await answer.locator("[data-part=quote]").inner_text()

        await bo.page.keyboard.press("ArrowUp")
        await bo.page.keyboard.press("Enter")
        await bo.page.locator("[role=menuitem]", has_text="Take back").focus()
        await bo.page.keyboard.press("Enter")
        await lin.page.locator(".bubble--recalled").wait_for()
        again = bo.page.get_by_role("button", name="Write it again")
        await again.focus()
        await bo.page.keyboard.press("Enter")
        assert await bo.page.locator("#message").input_value() == "Four payments\nthen?"
        await bo.page.keyboard.press("F6")
        assert await bo.page.evaluate("document.activeElement.closest('.room__bar') !== null")


async def test_a_notice_stands_on_top_until_it_is_acknowledged(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        lin = await room.comes("mediator")
        await is_whole(lin.page)
        await write(chen.page, "我周五带原件来。")
        row = await hears(lin.page, "我周五带原件来")

        await row.click(button="right")
        await lin.page.get_by_role("menuitem", name="设为公告").click()
        sheet = lin.page.locator("dialog[open]")
        await sheet.locator("textarea").fill("请双方周五携带借条原件和转账记录到场，逾期视为没有原件。")
        await assert_accessible(lin.page)
        await lin.picture("messages-notice-sheet")
        await sheet.locator("button[type=submit], button:not([type])").first.click()

        asks = chen.page.locator(".pinned--asks")
        await asks.wait_for()
        await lin.page.locator(".pinned__count", has_text="3 人中 0 人已读").wait_for()
        await assert_accessible(chen.page)
        await chen.picture("messages-notice")
        await asks.get_by_role("button", name="我已知悉").click()
        await asks.wait_for(state="detached")

        account = lin.page.locator(".pinned")
        await account.locator(".pinned__count", has_text="3 人中 1 人已读").wait_for()
        await account.locator("summary").click()
        assert await account.locator(".pinned__unread").count() == 2
        await assert_accessible(lin.page)
        await lin.picture("messages-notice-account")
        await account.get_by_role("button", name="撤下公告").click()
        await account.wait_for(state="detached")


async def test_what_was_taken_back_is_opened_by_order_and_looked_at(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")
        chen = await room.comes("claimant", device="phone")
        judge, clerk = await room.comes("judge"), await room.comes("clerk")
        for one in (bo, chen, judge, clerk):
            await is_whole(one.page)
        await write(chen.page, "您会后悔的。")
        own = await hears(chen.page, "您会后悔的")
        await own.locator("[data-part=more]").click()
        await chen.picture("messages-menu")
        await chen.page.get_by_role("menuitem", name="撤回").click()
        stub = bo.page.locator(".bubble--recalled")
        await stub.wait_for()

        await stub.locator("[data-part=more]").click()
        await bo.page.get_by_role("menuitem", name="Ask the judge to open it").click()
        await gives_reason(bo.page, "It was a threat.")
        await judge.page.locator("[data-act=refuse_unsealing]").click()
        await gives_reason(judge.page, "措辞并无争议。")
        await bo.page.locator(".stream__card", has_text="措辞并无争议").wait_for()
        await expect(judge.page.locator("[data-act=refuse_unsealing]")).to_have_count(0)
        await judge.page.locator("[data-act=order_unsealing]").click()
        await gives_reason(judge.page, "当庭查明。")
        await clerk.page.locator("[data-act=unseal_message]").click()
        await clerk.page.locator("dialog[open] [data-part=yes]").click()
        await expect(judge.page.locator("[data-act]")).to_have_count(0)
        await expect(clerk.page.locator("[data-act]")).to_have_count(0)

        await bo.page.locator("[data-act=look_at_message]").click()
        await bo.page.locator("dialog[open] [data-part=yes]").click()
        opened = bo.page.locator("dialog[open] .opened")
        await opened.wait_for()
        assert await opened.inner_text() == "您会后悔的。"
        await assert_accessible(bo.page)
        await bo.picture("messages-opened")
        await judge.picture("messages-order")
        await chen.page.locator(".stream__act", has_text="查看了依决定打开的第").wait_for()
        for one in (judge, clerk):
            assert "您会后悔的" not in await one.page.content()
            assert await one.page.locator("[data-act=look_at_message]").count() == 0


async def test_a_link_says_where_it_leads_and_a_finger_opens_what_can_be_done(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        house, talks = room.site.house, room.story.talks
        deceiving = "https://court.gov.cn@evil.example/pay"
        called = {"text": f"@Bo Lin {deceiving}", "mentions": [room.id("respondent")], "client_id": "call"}
        house.do(post_message, by=room.id("mediator"), channel=talks, **called)
        for n in range(30):
            house.do(
                post_message, by=room.id("claimant"), channel=talks, text=f"第 {n} 条", client_id=f"k{n}"
            )
        bo = await room.comes("respondent", device="phone")

        row = bo.page.locator(".bubble--calls")
        await row.scroll_into_view_if_needed()

        await row.locator("a").click()
        sheet = bo.page.locator("dialog[open]")
        await expect(sheet).to_contain_text("evil.example")
        await assert_accessible(bo.page)
        await sheet.locator("[value=no]").click()
        await bo.page.locator("[data-part=emoji]").tap()
        await bo.page.locator(".emoji:popover-open").wait_for()
        await bo.picture("messages-emoji")
        await assert_accessible(bo.page)
        await bo.page.get_by_role("button", name="👍").tap()
        assert await bo.page.locator("#message").input_value() == "👍"

        await draws(row, right=100)
        await expect(bo.page.locator("[data-part=reply-text]")).to_contain_text("court.gov.cn")
        await bo.page.keyboard.press("Escape")
        await draws(row, right=0, holding=True)
        await bo.page.get_by_role("menuitem", name="Quote").wait_for()


@pytest.mark.parametrize("seconds", [0, pytest.param(30, marks=pytest.mark.long)])
async def test_a_cut_line_in_mid_sentence_loses_nothing_and_turns_nothing_round(
    tmp_path: Path, arrive: Arrive, seconds: float
) -> None:
    """One person at a phone and a laptop; the phone is in a tunnel, and its page is loaded again in two tabs when it comes out."""
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")
        phone, laptop = [await room.comes("claimant", device=one) for one in ("phone", "desktop")]
        await write(phone.page, "一")
        await hears(laptop.page, "一")
        await phone.context.set_offline(True)
        await until(phone.page, "document.querySelector('[data-part=room]').dataset.line !== 'online'")

        for text in ("二", "三", "四"):
            await write(phone.page, text)
        await phone.page.locator("#message").fill("五，还没有写完")
        await write(laptop.page, "电脑上写的")
        await hears(bo.page, "电脑上写的")
        await phone.picture("messages-offline")
        await asyncio.sleep(seconds)
        await phone.context.set_offline(False)
        tab = await phone.context.new_page()
        await asyncio.gather(phone.page.reload(), tab.goto(phone.page.url))

        expected = ["一", "电脑上写的", "二", "三", "四"]
        for one in (phone, laptop, bo):
            await hears(one.page, "四")
            await until(one.page, "document.querySelectorAll('.bubble--pending').length === 0")
            assert await said(one.page) == expected
        assert await phone.page.locator("#message").input_value() == "五，还没有写完"
        assert await phone.page.locator(".bubble--own").count() == len(expected)
        await hears(tab, "四")
        assert await said(tab) == expected

        await phone.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
        await phone.context.set_offline(True)
        await until(phone.page, "document.querySelector('[data-part=room]').dataset.line !== 'online'")
        await write(phone.page, "六")
        await phone.page.locator(".bubble--pending", has_text="设备空间不足").wait_for()
        await phone.context.set_offline(False)
        await hears(bo.page, "六")


async def is_whole(page: Page) -> None:
    """Waits until everything beside the talk has come too."""
    await page.locator("[data-whole=true]").wait_for(state="attached")


async def draws(row: Locator, *, right: int, holding: bool = False) -> None:
    """A finger on a bubble: drawn to the right, or held in its place."""
    await row.evaluate(
        """async (row, [right, holding]) => {
          const at = (name, x) => row.querySelector("[data-part=text]").dispatchEvent(new PointerEvent(name, {
            bubbles: true, pointerType: "touch", pointerId: 7, clientX: 40 + x, clientY: 300,
          }))
          at("pointerdown", 0)
          if (holding) await new Promise((seen) => new MutationObserver(seen).observe(row, { childList: true }))
          for (let x = 0; x <= right; x += 10) if (!holding) at("pointermove", x)
          at("pointerup", right)
        }""",
        [right, holding],
    )


async def gives_reason(page: Page, reason: str) -> None:
    sheet = page.locator("dialog[open]")
    await sheet.locator("[data-part=reason]").fill(reason)
    await sheet.locator("[data-part=yes]").click()
