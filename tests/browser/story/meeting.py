"""Scene 4: a check of the kit, the waiting room, and everybody seen and heard by everybody."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.rooms import is_in, is_on_stage
from tests.browser.story import album
from tests.browser.story.people import Player, Story, eventually
from tests.client import Client, Refused

INSIDE = {
    "producer_added",
    "producer_paused",
    "producer_resumed",
    "producer_closed",
    "speaking",
    "hands",
    "network",
}
"""What is told of a stage to those who are on it."""


async def play(story: Story) -> None:
    await a_kit_is_checked(story)
    clerk = await the_mediator_starts_and_a_stranger_waits(story)
    await the_others_are_let_in(story)
    await everybody_sees_and_hears_everybody(story)
    await whoever_waits_gets_nothing(story, clerk)
    await a_mute_holds(story)
    await switches_hands_and_a_screen(story)
    await a_reload_and_a_lost_line_lead_back_to_the_seat(story)
    await whoever_waits_gets_nothing(story, clerk)
    await clerk.close()


async def a_kit_is_checked(story: Story) -> None:
    page = story.claimant.page
    await page.goto(f"{story.room_url}/check")
    await album.keep(story.claimant, "11-check")
    check = page.locator("[data-part=check]")
    await page.locator("[data-part=start]").click()
    await expect(check).to_have_attribute("data-state", "question", timeout=30_000)
    assert int(await page.locator("[data-part=player]").get_attribute("data-size") or 0) > 1000
    await page.locator("[data-part=yes]").click()
    await expect(check).to_have_attribute("data-state", "done")
    await expect(check).to_have_attribute("data-score", re.compile("good|fair"))
    await album.keep_live(story.claimant, "12-check-done")
    await page.goto(story.room_url)
    await is_in(page)


async def the_mediator_starts_and_a_stranger_waits(story: Story) -> Client:
    """The clerk comes with a program that follows no rules; it joins, and sends what it likes."""
    await story.mediator.page.locator("[data-part=lead] [data-part=start]").click()
    await is_on_stage(story.mediator.page)
    clerk = await Client(story.demo.url, story.demo.cards["clerk"].token).connect()
    await clerk.enter(story.room)
    joined = await clerk.stage.join()
    assert (joined["state"], joined["producers"], joined["people"]) == ("waiting", [], [])
    await clerk.stage.publish(pitch=440)
    return clerk


async def the_others_are_let_in(story: Story) -> None:
    for player in story.others(story.mediator):
        await player.page.locator("[data-part=join]").click()
        await is_on_stage(player.page, "waiting")
        assert not await player.heard()
    await album.keep_live_of((story.agent, story.respondent), "13-waiting")
    for player in story.others(story.mediator):
        queue = story.mediator.page.locator(f"[data-part=queue] [data-person='{player.id}']")
        await queue.locator("button").click()
        await is_on_stage(player.page)


async def everybody_sees_and_hears_everybody(story: Story) -> None:
    for player in story.everybody:
        await expect(player.page.locator(".tile:not(.tile--own)")).to_have_count(4)
    await story.all_see_and_hear_all()
    await album.keep_live_of((story.respondent, story.mediator), "14-meeting")
    assert story.line.lost_up and story.line.lost_down, "the respondent's media went by the bad line"


async def whoever_waits_gets_nothing(story: Story, clerk: Client) -> None:
    producer = await story.claimant.page.locator("audio[data-producer]").first.get_attribute("data-producer")
    for attempt in (
        clerk.stage.consume(str(producer)),
        clerk.ask("raise_hand", {"room": story.room}),
        clerk.ask("admit_person", {"room": story.room, "person": clerk.me, "client_id": "let me in"}),
        clerk.ask("pause_producer", {"producerId": producer}),
        clerk.ask("close_producer", {"producerId": producer}),
    ):
        with pytest.raises(Refused):
            await attempt
    again = await clerk.stage.join()
    assert (again["state"], again["producers"], again["people"]) == ("waiting", [], [])
    told = [(name, said) for name, said in clerk.pushes if name in INSIDE and said.get("person") != clerk.me]
    assert not told
    assert not clerk.stage.seen


async def a_mute_holds(story: Story) -> None:
    """The mediator mutes and locks the claimant: the others hear no more of it, until the mediator lets it on again."""
    claimant = story.claimant
    await _acts_for(story, claimant, 1)
    await expect(claimant.page.locator(".tile--own")).to_have_attribute("data-mic", "held")
    await asyncio.gather(*(_hears_no_more_of(story, player) for player in story.others(claimant)))

    # one's own switch does not lift it
    await claimant.page.locator("[data-part=tools] [data-part=mic]").click()
    await expect(claimant.page.locator(".tile--own")).to_have_attribute("data-mic", "held")
    await _acts_for(story, claimant, 0)
    await asyncio.gather(*(player.sees_and_hears([claimant]) for player in story.others(claimant)))


async def switches_hands_and_a_screen(story: Story) -> None:
    agent, others = story.agent, story.others(story.agent)
    await agent.page.locator("[data-part=tools] [data-part=camera]").click()
    for player in others:
        tile = player.page.locator(f".tile[data-person='{agent.id}']")
        await expect(tile).to_have_attribute("data-camera", "off")
    await agent.page.locator("[data-part=tools] [data-part=camera]").click()
    await agent.page.locator("[data-part=tools] [data-part=hand]").click()
    for player in others:
        await expect(player.page.locator(f".tile[data-person='{agent.id}'] .tile__mark")).to_have_count(1)
    await asyncio.gather(*(player.sees_and_hears([agent]) for player in others))
    await agent.page.locator("[data-part=tools] [data-part=hand]").click()
    for player in others:
        await expect(player.page.locator(f".tile[data-person='{agent.id}'] .tile__mark")).to_have_count(0)

    sharer = story.respondent
    await _acts_for(story, sharer, 4)  # who is a party shows a screen when the mediator allows it
    await sharer.page.locator("[data-part=tools] [data-part=screen]").click()
    for player in story.others(sharer):
        await expect(player.page.locator(".tile[data-source=screen]")).to_be_visible()
        await eventually(partial(_sees_screen, player, sharer), "the shared screen")
    await album.keep_live(story.mediator, "15-screen")
    await sharer.page.locator("[data-part=tools] [data-part=screen]").click()
    for player in story.others(sharer):
        await expect(player.page.locator(".tile[data-source=screen]")).to_have_count(0)


async def a_reload_and_a_lost_line_lead_back_to_the_seat(story: Story) -> None:
    await story.claimant.page.reload()
    await is_in(story.claimant.page)
    await is_on_stage(story.claimant.page)

    lost = story.agent
    await lost.visitor.context.set_offline(True)
    for player in story.others(lost):
        away = player.page.locator(f".tile[data-person='{lost.id}'][data-state=away]")
        await expect(away).to_be_visible()
    await lost.visitor.context.set_offline(False)

    await story.all_see_and_hear_all()


async def _hears_no_more_of(story: Story, player: Player) -> None:
    """Nothing of the claimant, while the others go on."""
    claimant, silent = story.claimant, f"{story.claimant.id} mic"
    tile = player.page.locator(f".tile[data-person='{claimant.id}']")
    await expect(tile).to_have_attribute("data-mic", "off")
    rest = [one for one in story.others(claimant) if one is not player]
    # by the end of this, what was still on its way or in a buffer has been played
    await player.sees_and_hears(rest)
    for _ in range(5):
        before = await player.heard()
        await player.sees_and_hears(rest)
        now = await player.heard()
        assert now[silent]["packets"] == before[silent]["packets"], f"{player.name} still gets sound"
        # A bad line's buffer is long, and its last sounds are drawn out: they end all the same.
        if now[silent]["energy"] - before[silent]["energy"] < 1e-6:
            return
    raise AssertionError(f"{player.name} still hears")


async def _acts_for(story: Story, player: Player, which: int) -> None:
    """The mediator opens the menu of a person and takes one of the acts."""
    row = story.mediator.page.locator(f".people__person[data-person='{player.id}']")
    await row.locator(".people__acts > .button--round").click()
    await story.mediator.page.locator(".people__menu:popover-open button").nth(which).click()


async def _sees_screen(player: Player, sharer: Player) -> bool:
    shown = (await player.heard()).get(f"{sharer.id} screen")
    return shown is not None and shown["frames"] > 2 and shown["width"] > 0
