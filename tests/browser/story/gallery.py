"""The last scene: the pages that the story passed by, each in all its dresses."""

from __future__ import annotations

import asyncio

from tests.browser.conftest import Arrive
from tests.browser.story import album
from tests.browser.story.people import Player, Story


async def play(story: Story, arrive: Arrive) -> None:
    guest = Player(story.claimant.card, await arrive("a guest", locale="en"))
    clerk = Player(story.demo.cards["clerk"], await arrive("the clerk", locale="zh-CN"))
    await clerk.page.goto(clerk.card.link)
    clerks = {
        "/cases": "33-cases",
        "/cases/new": "34-new-case",
        "/people": "35-people",
        "/people/new": "36-new-person",
        f"/cases/{story.case}": "37-clerks-case",
        f"/cases/{story.case}/keeping": "41-keeping",
    }
    guests = {"/sign-in": "30-sign-in", "/genuine": "31-genuine", "/nowhere": "32-not-found"}
    parties = {
        "/devices": "38-devices",
        "/acts": "39-acts",
        "/": "40-home-after",
        f"/cases/{story.case}/keeping": "42-own-keeping",
        "/search?q=转账": "43-found",
        "/search?q=nowhere": "44-nothing-found",
        f"/cases/{story.case}/exports": "45-exports",
    }
    await asyncio.gather(
        _shows(story, clerk, clerks), _shows(story, guest, guests), _shows(story, story.claimant, parties)
    )


async def before_the_end(story: Story) -> None:
    """The mediator's forms that only a case that goes on has."""
    pages = {f"/cases/{story.case}/hearings": "19-new-meeting", f"/cases/{story.case}/ending": "19-ending"}
    await _shows(story, story.mediator, pages)


async def _shows(story: Story, player: Player, pages: dict[str, str]) -> None:
    for path, what in pages.items():
        await player.page.goto(story.demo.url + path)
        await album.keep(player, what)
