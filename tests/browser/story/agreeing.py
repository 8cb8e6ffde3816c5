"""Scene 6: terms are drafted, changed, fixed and signed; the case is settled, certified and on the record."""

from __future__ import annotations

import base64
import io
import sqlite3
from dataclasses import dataclass

import pypdfium2
from playwright.async_api import Locator, expect

from mediation.sqlite import DATABASE
from tests.browser.rooms import is_in
from tests.browser.story import album
from tests.browser.story.people import Player, Story
from tests.cast import CHEN, GU

TERMS = {"spread_total": "86,000", "spread_count": "4", "spread_first": "2027-01-31"}
DOWNLOAD = """async (address) => {
  const file = new Uint8Array(await (await fetch(address)).arrayBuffer())
  return btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(""))
}"""


@dataclass(frozen=True)
class Kept:
    """What the database says of the signed text."""

    digest: str
    sha256: str
    state: str
    signatures: int
    instalments: tuple[tuple[int, str], ...]


async def play(story: Story) -> None:
    await the_mediator_drafts(story)
    await a_party_proposes_a_change_and_all_can_compare(story)
    digest = await the_text_is_fixed(story)
    await the_claimant_signs_and_the_power_fails(story)
    await the_last_signature_settles_the_case(story)
    await the_certificate_says_what_was_signed(story, digest)


async def the_mediator_drafts(story: Story) -> None:
    page = story.mediator.page
    await page.goto(f"{story.case_url}/agreement")
    await album.keep(story.mediator, "20-agreement-empty")
    await page.locator("a[href$='/draft']").click()
    await page.locator("summary").filter(has=page.locator("xpath=..//input[@name='spread_total']")).click()
    for name, value in TERMS.items():
        await page.locator(f"[name={name}]").fill(value)
    await page.locator("button[value=spread]").click()
    await expect(page.locator("[data-part=row]")).to_have_count(4)
    await page.locator("[name=late_rate]").fill("6")
    await page.locator("[name=late_whole]").check()
    await page.locator("[name=clauses]").fill("Bo Lin 每月付款后在群里发回单。")
    await album.keep_live(story.mediator, "21-draft")
    await page.locator("button.button[value=save]:visible").click()
    await expect(page.locator(".document")).to_contain_text("86,000")
    await album.keep(story.mediator, "22-agreement")
    for player in (story.claimant, story.respondent, story.agent):
        await expect(_card(player, "agreement_proposed")).to_have_count(1)
    await expect(_card(story.judge, "agreement_proposed")).to_have_count(0)


async def a_party_proposes_a_change_and_all_can_compare(story: Story) -> None:
    page = story.respondent.page
    await _card(story.respondent, "agreement_proposed").locator("a").first.click()
    await page.goto(f"{story.case_url}/agreement/draft")
    await page.locator("[name=due]").first.fill("2027-02-15")
    await page.locator("[name=clauses]").fill("Bo Lin 每月付款后在房间里发回单。")
    await page.locator("[name=note]").fill("Two more weeks for the first payment")
    await page.locator("button.button[value=save]:visible").click()
    await expect(page.locator(".document")).to_contain_text("15 February 2027")
    await page.goto(story.room_url)

    reader = story.claimant
    link = _card(reader, "agreement_proposed").locator("a[href*='comparison']")
    await expect(link).to_have_count(1)
    await link.click()
    change = reader.page.locator(".change", has_text="2027年2月15日")
    await expect(change.locator("del")).to_contain_text("2027年1月31日")
    text = reader.page.locator(".document")
    await expect(text.locator("ins", has_text="房间")).to_have_count(1)
    await expect(text.locator("del", has_text="群")).to_have_count(1)
    assert await text.locator("ins").evaluate_all("all => all.every((one) => one.textContent.length < 8)")
    await album.keep(reader, "23-comparison")
    await reader.page.goto(story.room_url)


async def the_text_is_fixed(story: Story) -> str:
    """The mediator fixes it; the digest that every page then shows."""
    page = story.mediator.page
    await page.goto(f"{story.case_url}/agreement")
    await page.locator("form[action$='/freeze'] button").first.click()
    await expect(page.locator(".signers__signer")).to_have_count(2)
    await album.keep(story.mediator, "24-fixed")
    digest = str(await page.locator("[data-digest]").get_attribute("data-digest"))
    for player in (story.claimant, story.respondent, story.agent, story.judge):
        await expect(_card(player, "agreement_frozen")).to_have_count(1)
    return digest


async def the_claimant_signs_and_the_power_fails(story: Story) -> None:
    await _signs(story, story.claimant, CHEN.phone)
    await expect(story.claimant.page.locator(".notice--may")).to_be_visible()
    await expect(_card(story.respondent, "agreement_signed")).to_have_count(1)
    await story.demo.kill()
    await story.demo.start()
    await story.mediator.page.goto(story.room_url)
    await story.claimant.page.goto(story.room_url)
    for player in story.everybody:
        await expect(player.part("room")).to_have_attribute("data-line", "online", timeout=30_000)
        await is_in(player.page)
        await expect(_card(player, "agreement_signed")).to_have_count(1)
        await expect(_card(player, "case_settled")).to_have_count(0)


async def the_last_signature_settles_the_case(story: Story) -> None:
    """The lawyer signs for the respondent, with special authority."""
    await _signs(story, story.agent, GU.phone)
    await story.agent.page.wait_for_url(f"**/cases/{story.case}*")
    for player in story.others(story.agent):
        for kind in ("agreement_effective", "case_settled", "certificate_issued"):
            await expect(_card(player, kind)).to_have_count(1, timeout=20_000)
    await album.keep_live_of((story.claimant, story.respondent), "26-settled-room")
    await story.agent.page.reload()
    await expect(story.agent.page.locator(".card--sealed")).to_contain_text("86,000")
    await album.keep(story.agent, "27-settled-case")


async def the_certificate_says_what_was_signed(story: Story, digest: str) -> None:
    await story.claimant.page.goto(f"{story.case_url}/agreement")
    shown = await story.claimant.page.locator("[data-digest]").get_attribute("data-digest")
    encoded = await story.respondent.page.evaluate(DOWNLOAD, f"/cases/{story.case}/certificate")
    printed = _text_of(base64.b64decode(encoded))
    kept = _kept(story)

    assert shown == kept.digest == digest
    assert digest in "".join(printed.split())
    assert "86,000" in printed
    assert kept.state == "agreed"
    assert kept.signatures == 2
    assert [amount for amount, _ in kept.instalments] == [2_150_000] * 4
    assert kept.instalments[0][1] == "2027-02-15"
    card = _card(story.respondent, "certificate_issued")
    assert await card.locator(f"[data-sha256='{kept.sha256}']").count() == 1

    status, said = await story.demo.verified()
    assert status == 0, said


async def _signs(story: Story, player: Player, phone: str) -> None:
    page = player.page
    await _card(player, "agreement_frozen").locator("a[href$='/signature']").click()
    if player is story.claimant:
        await album.keep(player, "25-signing")
    since = len(story.demo.said)
    await page.locator("form[action$='/code'] .button").click()
    code = await story.demo.code_for(phone, since=since)
    await album.keep_live(player, "25-signing-code")
    await page.locator("[name=code]").fill(code)
    await page.locator("[name=willing]").check()
    await page.locator(".button--seal").click()


def _card(player: Player, kind: str) -> Locator:
    return player.page.locator(f".stream [data-kind={kind}]")


def _text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _kept(story: Story) -> Kept:
    base = sqlite3.connect(f"file:{story.demo.data / DATABASE}?mode=ro", uri=True)
    try:
        digest, sha256, version, agreement, outcome = base.execute(
            "SELECT digest, certificate_sha256, version, agreement_id, id FROM outcomes WHERE case_id = ?",
            [story.case],
        ).fetchone()
        signed = "SELECT digest FROM agreement_versions WHERE agreement_id = ? AND number = ?"
        assert base.execute(signed, [agreement, version]).fetchone() == (digest,)
        (state,) = base.execute("SELECT state FROM cases WHERE id = ?", [story.case]).fetchone()
        (count,) = base.execute(
            "SELECT count(*) FROM signatures WHERE agreement_id = ?", [agreement]
        ).fetchone()
        due = base.execute(
            "SELECT amount, due FROM instalments WHERE outcome_id = ? ORDER BY due", [outcome]
        ).fetchall()
    finally:
        base.close()
    return Kept(digest, sha256, state, count, tuple(due))
