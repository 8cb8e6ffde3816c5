"""Scene 1: invited, known by a code, the rules read, both sides' consent seen by all, and the room opened."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.story import album
from tests.browser.story.people import Player, Story
from tests.cast import CHEN

POST = """async ([path, fields]) => {
  const csrf = document.querySelector("input[name=csrf]").value
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ csrf, ...fields }), redirect: "manual" })
  return answer.status
}"""


async def play(story: Story) -> None:
    await the_claimant_follows_the_invitation(story)
    for player in story.others(story.claimant):
        await player.page.goto(player.card.link)
        await expect(player.page.locator("h1")).to_contain_text(player.name)
    story.case = (await the_link(story.mediator.page, "/cases/")).rpartition("/")[2]

    await nobody_can_open_the_room(story)
    await consents(story, story.claimant)
    await nobody_can_open_the_room(story)
    await consents(story, story.respondent)
    await all_see_the_ledger(story)
    await the_mediator_opens_the_room(story)


async def the_claimant_follows_the_invitation(story: Story) -> None:
    page = story.claimant.page
    link = await story.demo.invitation_of(CHEN.phone)
    for _ in range(2):  # a preview in a messenger opens it too: that uses nothing up
        await page.goto(link)
    await album.keep(story.claimant, "01-invitation")

    since = len(story.demo.said)
    await page.locator("form[action$='/code'] .button--may").click()
    code = await story.demo.code_for(CHEN.phone, since=since)
    await album.keep_live(story.claimant, "02-code")
    await page.locator("input[name=code]").fill("000000" if code != "000000" else "111111")
    await page.locator("button.button--wide").click()
    await expect(page.locator("#code-wrong")).to_be_visible()
    await page.locator("input[name=code]").fill(code)
    await page.locator("button.button--wide").click()

    await page.wait_for_url("**/welcome")
    await expect(page.locator("h1")).to_contain_text(story.claimant.name)
    await album.keep(story.claimant, "03-welcome")
    await page.goto(link)
    await page.wait_for_url("**/welcome")


async def nobody_can_open_the_room(story: Story) -> None:
    """Before both sides have agreed there is no room, and no way to make one."""
    page = story.mediator.page
    await page.goto(story.case_url)
    assert await page.locator("form[action$='/room'], a[href^='/rooms/']").count() == 0
    assert await page.evaluate(POST, [f"/cases/{story.case}/room", {}]) == 409


async def consents(story: Story, player: Player) -> None:
    page = player.page
    await page.goto(story.demo.url)
    if player is story.claimant:
        await album.keep(player, "04-home")
    await page.locator(".card--next a[href$='/consent']").click()
    if player is story.claimant:
        await album.keep(player, "05-consent")

    await page.locator("button.button--wide").click()
    await expect(page.locator("#answer .field__wrong")).to_be_visible()
    await page.locator("input[name=answer][value=give]").check()
    await page.locator("input[name=declared]").check()
    await page.locator("button.button--wide").click()

    await page.wait_for_url(f"**/cases/{story.case}")


async def all_see_the_ledger(story: Story) -> None:
    for player in story.everybody:
        await player.page.goto(f"{story.case_url}/consent")
        ledger = player.page.locator("[aria-labelledby=ledger] tbody")
        for party in (story.claimant, story.respondent):
            row = ledger.locator("tr", has_text=party.name).filter(has=player.page.locator(".badge--may"))
            await expect(row).to_have_count(1)
            how = "中文" if party is story.claimant else "English"
            await expect(row).to_contain_text(how)
    await expect(story.respondent.page.locator("[aria-labelledby=ledger]")).to_contain_text("one-time code")


async def the_mediator_opens_the_room(story: Story) -> None:
    page = story.mediator.page
    await page.goto(story.case_url)
    await album.keep(story.mediator, "06-case")
    await page.locator("form[action$='/room'] button").click()
    await page.wait_for_url("**/rooms/*")
    story.room = page.url.rpartition("/")[2]
    for player in story.others(story.mediator):
        await player.page.goto(story.case_url)
        await player.page.locator(f".buttons a[href='/rooms/{story.room}']").click()
    for player in story.everybody:
        await player.enter()
        shown = player.page.locator("[data-part=people] .people__person")
        await expect(shown).to_have_count(6)
        for one in story.everybody:
            await expect(player.page.locator("[data-part=people]")).to_contain_text(one.name)
        player.id = await player.own_id()


async def the_link(page: Page, start: str) -> str:
    """Where the first link of the page leads that begins so."""
    return str(await page.locator(f"main a[href^='{start}']").first.get_attribute("href"))
