"""Scene 2: they talk as in a group chat, on more than one device, and through a power cut of the server."""

from __future__ import annotations

import asyncio
from functools import partial

from playwright.async_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.rooms import hears, is_in, said, write
from tests.browser.story import album, files
from tests.browser.story.people import Player, Story, eventually
from tests.browser.visitor import Visitor
from tests.client import Client

GREETINGS = ["您好，我可以等到三月。", "本金是 86,000 元。", "<b>Not bold</b> & https://example.org/a"]
TO_THE_TOP = "document.querySelector('.room__pane:not([hidden]) [data-part=scroller]').scrollTop = 0"


async def play(story: Story, arrive: Arrive) -> None:
    await all_read_in_order_and_it_is_marked(story)
    await a_picture_and_a_file_arrive_whole(story)
    laptop = await the_same_person_on_a_second_device(story, arrive)
    await older_messages_come_on_scrolling_up(story)
    await a_power_cut_loses_nothing(story)
    await laptop.leave()


async def all_read_in_order_and_it_is_marked(story: Story) -> None:
    for text in GREETINGS:
        await write(story.claimant.page, text)
    for player in story.talkers:
        await hears(player.page, GREETINGS[-1])
        assert await said(player.page) == GREETINGS
    assert GREETINGS[0] not in await story.judge.page.content()

    await write(story.respondent.page, "Thank you. Four payments?")
    own = story.claimant.page.locator(".bubble--own", has_text=GREETINGS[-1])
    await expect(own).to_have_attribute("data-seen", "3")
    await expect(own).to_have_attribute("data-state", "sent")


async def a_picture_and_a_file_arrive_whole(story: Story) -> None:
    picture, paper = files.a_photo("transfer.png"), files.a_text("figures.txt")
    await story.agent.part("picker").set_input_files([picture, paper])
    for player in story.talkers:
        shown = player.page.locator(f"img[alt*='{picture['name']}']")
        await expect(shown).to_be_visible()
        await eventually(partial(shown.evaluate, "one => one.naturalWidth > 0"), "a picture")
        await expect(player.page.locator(".bubble .file", has_text=paper["name"])).to_be_visible()
        for sent in (picture, paper):
            link = player.page.locator(f"a[data-sha256='{files.sha256(sent)}']")
            assert await files.fetched(player.page, link) == files.sha256(sent)


async def the_same_person_on_a_second_device(story: Story, arrive: Arrive) -> Visitor:
    laptop = await arrive("the claimant's laptop", locale="zh-CN")
    await laptop.page.goto(story.claimant.card.link)
    await laptop.page.goto(story.room_url)
    await is_in(laptop.page)
    await hears(laptop.page, GREETINGS[0])
    assert await said(laptop.page) == await said(story.claimant.page)

    await write(laptop.page, "这是我在电脑上写的。")
    own = await hears(story.claimant.page, "这是我在电脑上写的。")
    await expect(own).to_contain_class("bubble--own")
    return laptop


async def older_messages_come_on_scrolling_up(story: Story) -> None:
    """A program of the lawyer's writes a lot; on the respondent's page the beginning is a few screens up."""
    program = await Client(story.demo.url, story.agent.card.token).connect()
    entered = await program.enter(story.room)
    talks = next(one["id"] for one in entered["channels"] if one["kind"] == "talks")
    for n in range(70):
        await program.talk(talks, f"第 {n} 笔转账")
    await program.close()
    page = story.respondent.page
    await hears(page, "第 69 笔转账")
    # A page opens where the unread begins: here nothing is unread any more.
    last = story.agent.page.locator(".bubble--own", has_text="第 69 笔转账")
    await expect(last).to_have_attribute("data-seen", "3")
    before = await said(story.claimant.page)

    await page.reload()
    await is_in(page)
    await hears(page, "第 69 笔转账")
    assert GREETINGS[0] not in await said(page)
    await eventually(lambda: _scrolled_to(page, GREETINGS[0]), "the first message, on scrolling up")

    assert await said(page) == before
    await album.keep_live_of((story.respondent, story.claimant), "07-talk")


async def _scrolled_to(page: Page, text: str) -> bool:
    await page.evaluate(TO_THE_TOP)
    return text in await said(page)


async def a_power_cut_loses_nothing(story: Story) -> None:
    chatting = [
        asyncio.create_task(_chat(player, sign))
        for player, sign in ((story.claimant, "静"), (story.respondent, "Bo"))
    ]
    for player in (story.claimant, story.respondent):  # some of it has been acknowledged, some has not
        await player.page.locator(".bubble--own[data-seq]", has_text=" 3 of 8").wait_for()
    await story.demo.kill()
    for player in story.everybody:
        await expect(player.part("room")).not_to_have_attribute("data-line", "online")
    await asyncio.gather(*chatting)
    pending = story.claimant.page.locator(".bubble--pending", has_text="静 8 of 8")
    await expect(pending).to_be_visible()
    await album.keep_live(story.claimant, "08-offline")

    await story.demo.start()

    for player in story.everybody:
        await expect(player.part("room")).to_have_attribute("data-line", "online", timeout=30_000)
    expected = {f"{sign} {n} of 8" for sign in ("静", "Bo") for n in range(1, 9)}
    for player in story.talkers:
        for sign in ("静", "Bo"):
            await hears(player.page, f"{sign} 8 of 8")
        texts = [text for text in await said(player.page) if text.endswith(" of 8")]
        assert sorted(texts) == sorted(expected), "each exactly once"
        for sign in ("静", "Bo"):
            own = [text for text in texts if text.startswith(sign)]
            assert own == [f"{sign} {n} of 8" for n in range(1, 9)], "in the order they were written"
    everywhere = {tuple(await said(player.page))[-20:] for player in story.talkers}
    assert len(everywhere) == 1, "the same to all"


async def _chat(player: Player, sign: str) -> None:
    for n in range(1, 9):
        await write(player.page, f"{sign} {n} of 8")
