"""Order in the talk, as people see it: who must be silent keeps what they typed, a pause has its clock, and a quiet word arrives."""

from pathlib import Path

import pytest

from mediation.rooms.measures import set_posting
from mediation.rooms.message import post_message
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears, write
from tests.browser.visitor import Visitor, assert_accessible

pytestmark = pytest.mark.browser


async def test_who_must_be_silent_keeps_what_they_typed(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await _comes(room, "mediator")
        bo = await _comes(room, "respondent", device="phone", theme="dark")
        await bo.page.locator("#message").fill("你这个骗子")
        await bo.page.locator("[data-part=care]:not(:empty)").wait_for()

        await _open_sheet(room, lin)
        await lin.page.locator("input[value=silence]").check()
        await lin.page.locator("[data-part=minutes]").select_option("0")
        await lin.page.locator("[data-part=reason]:visible").fill("insults")
        await lin.picture("order-sheet")
        await lin.page.locator(".dialog [value=yes]").click()
        await bo.page.locator("[data-part=closed]:visible").wait_for()
        assert not await bo.page.locator("#message").is_visible()
        await bo.page.locator("[data-kind=writing_stopped]", has_text="insults").wait_for()
        await bo.picture("order-silenced")

        await _open_sheet(room, lin)
        await lin.page.locator("input[value=allow]").check()
        await lin.page.locator(".dialog [value=yes]").click()
        await bo.page.locator("#message:visible").wait_for()
        assert await bo.page.locator("#message").input_value() == "你这个骗子"


async def test_a_pause_shows_its_clock_until_the_mediator_ends_it(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen = await _comes(room, "mediator"), await _comes(room, "claimant", device="phone")

        await _quietly(chen, "pause")
        await chen.page.locator(".dialog [value=yes]").click()
        for one in (lin, chen):
            await one.page.locator("[data-part=house][data-rule=pause] [data-part=left]:visible").wait_for()
        await chen.page.locator("[data-part=closed]:visible").wait_for()
        await chen.picture("order-pause")
        await lin.picture("order-pause")
        await assert_accessible(chen.page)
        await lin.page.locator("[data-part=house-acts] button").last.click()

        await write(chen.page, "继续吧")
        await hears(lin.page, "继续吧")


async def test_whose_turn_it_is_stands_above_the_field(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await _comes(room, "mediator"), await _comes(room, "respondent")

        await lin.page.locator("[data-part=lead] [data-part=order]").click()
        await lin.page.locator("select[data-part=stage]").select_option("opening")
        await lin.page.locator("[data-part=pace]").select_option("60")
        await lin.picture("order-talk")
        await lin.page.locator(".dialog [value=yes]").click()
        await bo.page.locator("[data-part=house][data-rule=clock]:visible").wait_for()
        await bo.page.locator("[data-part=closed]:visible").wait_for()
        await bo.picture("order-turn")

        by = {"by": room.id("mediator"), "room": room.story.room}
        room.site.house.do(set_posting, **by, stage="", client_id="end")
        await write(bo.page, "第一条")
        await hears(bo.page, "第一条")
        await write(bo.page, "第二条")
        await bo.page.locator(".bubble--failed", has_text="第二条").wait_for()
        await bo.picture("order-slow")


async def test_a_quiet_word_reaches_the_mediator_who_says_what_came_of_it(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talks, bo = room.story.talks, room.id("respondent")
        room.site.house.do(post_message, by=bo, channel=talks, text="等着瞧", client_id="threat")
        lin, chen = await _comes(room, "mediator"), await _comes(room, "claimant", device="phone")

        await _quietly(chen, "unsafe")
        await chen.page.locator(".dialog [href='tel:110']").wait_for()
        await chen.picture("order-unsafe")
        await chen.page.locator(".dialog [value=close]").click()
        await lin.page.locator("[data-part=quiet-mark]:visible").wait_for()
        await _report(chen)
        await lin.page.locator("[data-part=quiet-mark]", has_text="2").wait_for()
        await _quietly(lin, "concerns")
        await lin.picture("order-concerns")
        await lin.page.locator(".concern").first.locator("button").last.click()
        question = lin.page.locator(".dialog").last
        await question.locator("[data-part=reason]").fill("Talked to him")
        await question.locator("[value=yes]").click()

        await lin.page.locator(".concern", has_text="Talked to him").wait_for()
        await _quietly(chen, "concerns")
        await chen.page.locator(".concern", has_text="Talked to him").wait_for()


async def _comes(room: OpenRoom, role: str, *, device: str = "desktop", theme: str = "light") -> Visitor:
    """Comes in, and has the whole page."""
    visitor = await room.comes(role, device=device, theme=theme)
    await visitor.page.locator("[data-whole=true]").wait_for(state="attached")
    return visitor


async def _open_sheet(room: OpenRoom, lin: Visitor) -> None:
    row = lin.page.locator(f".people__person{room.of('respondent')}")
    await row.locator(".people__acts > .button--round").click()
    await lin.page.locator(".people__menu:popover-open button").first.click()


async def _report(chen: Visitor) -> None:
    bubble = await hears(chen.page, "等着瞧")
    await bubble.locator("[data-part=more]").click()
    await chen.page.get_by_role("menuitem", name="反映").click()
    await chen.page.locator("[data-part=presets]:visible button").first.click()
    await chen.picture("order-report")
    await chen.page.locator(".dialog [value=yes]").click()


async def _quietly(someone: Visitor, act: str) -> None:
    await someone.page.locator("[data-part=open-quiet]").click()
    await someone.page.locator(f"#quiet [data-part={act}]").click()
