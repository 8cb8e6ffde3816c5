"""Scene 3: documents with a progress bar, through a locked phone and a power cut; one for the mediator's eyes alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.story import album, files
from tests.browser.story.people import Player, Story

SIZE = (1000, 980)
"""Not quite three megabytes: the pieces grow, and one of them ends at six tenths."""
TITLES = {"open": "Receipts of the transfers 2024", "walled": "Bo 的工资证明（仅供调解员）"}


@dataclass
class Tunnel:
    """Lets an upload through until it is at six tenths; then the line is gone."""

    size: int
    offsets: list[int] = field(default_factory=list)
    closed_at: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_on(self, route: Route) -> None:
        request = route.request
        if request.method != "PATCH":
            return await route.continue_()
        offset = int(await request.header_value("upload-offset") or 0)
        if not self.closed_at and offset >= 0.6 * self.size:
            self.closed_at = offset
            self.closed.set()
            return await route.abort("internetdisconnected")
        self.offsets.append(offset)
        return await route.continue_()


async def play(story: Story) -> None:
    await a_document_goes_on_where_it_stopped(story)
    await one_is_for_the_mediator_alone(story)


async def a_document_goes_on_where_it_stopped(story: Story) -> None:
    """The respondent's line goes at six tenths, and comes back."""
    player, paper = story.respondent, files.a_photo("receipts.png", *SIZE)
    await player.page.bring_to_front()
    await album_of_the_sheet(player)
    tunnel = await submits(player, paper, TITLES["open"], audience=0)
    await player.visitor.context.set_offline(True)
    parcel = player.page.locator("[data-part=parcel]")
    await expect(parcel).to_have_attribute("data-state", "paused")
    done = float(await parcel.locator("progress").evaluate("one => one.value"))
    assert done == 100 * tunnel.closed_at // tunnel.size, "the bar shows how much the server has"
    await album.keep_live(player, "09-upload")

    await player.visitor.context.set_offline(False)

    for one in story.everybody:
        link = one.page.locator(f".stream__card a[data-sha256='{files.sha256(paper)}']")
        await expect(link).to_be_visible(timeout=30_000)
        await expect(link).to_contain_text(TITLES["open"])
        await expect(link.locator("xpath=ancestor::li")).to_contain_text(player.name)
        assert await files.fetched(one.page, link) == files.sha256(paper)
    await went_on(player.page, tunnel)


async def one_is_for_the_mediator_alone(story: Story) -> None:
    """The lawyer's phone is at six tenths when the server loses its power."""
    player, paper = story.agent, files.a_photo("payslip.png", *SIZE)
    outsiders = (story.claimant, story.judge)
    heard_before = {one.name: len(one.frames) for one in outsiders}
    tunnel = await submits(player, paper, TITLES["walled"], audience=1)
    await story.demo.kill()
    await expect(player.page.locator("[data-part=parcel]")).to_have_attribute("data-state", "paused")
    await story.demo.start()

    for one in (story.mediator, story.respondent, story.agent):
        tab = ".place--private" if one is not story.mediator else ".place--private >> nth=1"
        await one.page.locator(tab).click()
        link = one.page.locator(f".stream__card a[data-sha256='{files.sha256(paper)}']")
        await expect(link).to_be_visible(timeout=30_000)
        assert await files.fetched(one.page, link) == files.sha256(paper)
    address = await story.mediator.page.locator(f"a[data-sha256='{files.sha256(paper)}']").get_attribute(
        "href"
    )
    await went_on(player.page, tunnel)
    await album.keep_live_of((story.mediator, story.agent), "10-private")

    for one in outsiders:
        await expect(one.part("room")).to_have_attribute("data-line", "online")
        assert await one.page.evaluate("address => fetch(address).then((it) => it.status)", address) == 404
        heard = "".join(one.frames[heard_before[one.name] :]) + await one.page.locator("body").inner_text()
        for trace in (TITLES["walled"], paper["name"], files.sha256(paper), str(address)):
            assert trace not in heard, f"{one.name} has heard of {trace}"
    for one in (story.mediator, story.respondent, story.agent):
        await one.page.locator(".place--everyone").click()


async def submits(player: Player, paper: FilePayload, title: str, *, audience: int) -> Tunnel:
    """Fills in the sheet and sends; the way is open for the first six tenths."""
    tunnel = Tunnel(len(paper["buffer"]))
    await player.page.route("**/uploads/*", tunnel.pass_on)
    await player.page.locator("[popovertarget=plus]").click()
    await player.part("document", "#plus").click()
    sheet = player.page.locator("[data-part=document-sheet]")
    await sheet.locator("[data-part=file]").set_input_files(paper)
    await sheet.locator("[data-part=title]").fill(title)
    await sheet.locator("[name=audience]").nth(audience).check()
    await sheet.locator("form .button:not(.button--quiet)").click()
    async with asyncio.timeout(30):
        await tunnel.closed.wait()
    return tunnel


async def went_on(page: Page, tunnel: Tunnel) -> None:
    """Nothing before the place where it stopped was sent again."""
    await page.unroute("**/uploads/*", tunnel.pass_on)
    after = [offset for offset in tunnel.offsets if offset >= tunnel.closed_at]
    assert after, tunnel
    assert tunnel.offsets == sorted(set(tunnel.offsets)), tunnel


async def album_of_the_sheet(player: Player) -> None:
    await player.page.locator("[popovertarget=plus]").click()
    await player.part("document", "#plus").click()
    await album.keep_live(player, "09-document-sheet")
    await player.part("cancel", "[data-part=document-sheet]").click()
