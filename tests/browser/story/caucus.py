"""Scene 5: one side behind a closed door with the mediator; outside nothing of it is heard, seen or told."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.rooms import hears, is_on_stage, write
from tests.browser.story import album, files
from tests.browser.story.people import Heard, Player, Story

SECRET = "At most 72,000, and not a word of it outside"
NAME = "What the agent may offer"
CAUCUS = re.compile(r'"id":"([^"]+)","kind":"caucus","name":"([^"]*)"')


async def play(story: Story) -> None:
    before = {player.name: await player.counts() for player in story.everybody}
    outside = [story.claimant, story.judge]
    inside = [story.mediator, story.respondent, story.agent]
    heard_until_now = {player.name: len(player.frames) for player in outside}
    flowed = {player.name: await player.heard() for player in outside}

    await the_door_closes(story, inside)
    await outside_nothing_flows(story, outside, inside, flowed)
    await inside_they_see_hear_and_write(story, inside)
    for player in outside:
        heard = "".join(player.frames[heard_until_now[player.name] :])
        nothing_is_told(story, player, heard + await player.page.locator("body").inner_text())
    await everybody_returns(story)

    for player in outside:
        heard = "".join(player.frames[heard_until_now[player.name] :])
        nothing_is_told(story, player, heard + await player.page.locator("body").inner_text())
    after = {player.name: await player.counts() for player in story.everybody}
    assert after == before, "no question for the camera, no new connection"


async def the_door_closes(story: Story, inside: list[Player]) -> None:
    page = story.mediator.page
    await page.locator("[data-part=lead] [data-part=caucus]").click()
    await page.locator("dialog[open] [data-part=respondent]").click()
    await page.locator("dialog[open] [data-part=name]").fill(NAME)
    await album.keep_live(story.mediator, "16-caucus-sheet")
    await page.locator("dialog[open] button[value=yes]").click()
    for player in inside:
        await is_on_stage(player.page, place="caucus")
        await expect(player.page.locator(".tile:not(.tile--own)")).to_have_count(2)
        await expect(player.part("door", "[data-part=stage]")).to_be_visible()


async def outside_nothing_flows(
    story: Story, outside: list[Player], inside: list[Player], flowed: dict[str, Heard]
) -> None:
    for player in outside:
        (companion,) = [one for one in outside if one is not player]
        await expect(player.page.locator(".tile:not(.tile--own)")).to_have_count(1)
        gone = {
            each["track"]
            for key, each in flowed[player.name].items()
            if any(key.startswith(f"{one.id} ") for one in inside)
        }
        assert len(gone) >= 2 * len(inside)
        before = _packets(await player.heard(), gone)
        await player.sees_and_hears([companion])
        after = _packets(await player.heard(), gone)
        late = [track for track, packets in after.items() if packets > before.get(track, 0)]
        assert not late, f"{player.name} gets packets from inside"


async def inside_they_see_hear_and_write(story: Story, inside: list[Player]) -> None:
    await asyncio.gather(
        *(player.sees_and_hears([one for one in inside if one is not player]) for player in inside)
    )
    for player in inside:
        await expect(player.page.locator(".place--caucus[aria-selected=true]")).to_be_visible()
    await write(story.respondent.page, SECRET)
    paper = files.a_text("what-i-can-pay.txt")
    await story.agent.part("picker").set_input_files([paper])
    for player in inside:
        await hears(player.page, SECRET)
        link = player.page.locator(f"a[data-sha256='{files.sha256(paper)}']")
        await expect(link).to_be_visible()
        assert await files.fetched(player.page, link) == files.sha256(paper)
    await asyncio.gather(
        album.keep_live_of((story.mediator, story.respondent), "17-caucus"),
        album.keep_live(story.claimant, "18-outside"),
    )


def nothing_is_told(story: Story, player: Player, heard: str) -> None:
    """That it takes place is in the record for everybody; no entry, count, name or file of it reaches who is outside."""
    found = CAUCUS.findall("".join(story.mediator.frames))
    assert found, "the mediator was told of the new channel"
    channel, name = found[-1]
    assert name == NAME
    for trace in (SECRET, "what-i-can-pay", f'"channel":"{channel}"', f'"id":"{channel}"', name):
        assert trace not in heard, f"{player.name} has heard of {trace}"


async def everybody_returns(story: Story) -> None:
    await story.mediator.page.locator("[data-part=end-caucus]").click()
    for player in story.everybody:
        await is_on_stage(player.page)
        await expect(player.page.locator(".tile:not(.tile--own)")).to_have_count(4)
    await story.all_see_and_hear_all()
    await story.mediator.page.locator("[data-part=lead] [data-part=close]").click()
    await story.mediator.page.locator("dialog[open] button[value=yes]").click()
    for player in story.everybody:
        await is_on_stage(player.page, "off")


def _packets(heard: Heard, tracks: set[str]) -> dict[str, int]:
    return {each["track"]: each["packets"] for each in heard.values() if each["track"] in tracks}
