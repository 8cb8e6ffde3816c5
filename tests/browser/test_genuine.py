"""The page that checks documents, in a real browser: the file stays on the device, and a square code before the camera leads on."""

import hashlib
import json

import pytest
from playwright.async_api import Browser, FilePayload, Page, Request, expect

from mediation.documents.file import StoredFile
from mediation.hearings.connection import Statement
from mediation.ports.blobs import Blobs
from tests.mediation.record.bundles import submit
from tests.site import Site
from tests.stories import opened

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ORDER = b"%PDF-1.7 the mediator asks for the bank statement\n"
READER = """
globalThis.BarcodeDetector = class {
  static getSupportedFormats = async () => ["qr_code"]
  detect = async () => globalThis.shown ? [{ rawValue: globalThis.shown }] : []
}
"""
"""Chromium has a reader of square codes only where the system brings one along; the camera is Chromium's own."""


def a_file(data: bytes) -> FilePayload:
    return {"name": "order.pdf", "mimeType": "application/pdf", "buffer": data}


async def test_a_file_and_a_square_lead_to_what_is_known(site: Site, browser: Browser) -> None:
    story = opened(site.house)
    stored = Blobs(site.house.settings.data / "blobs").put([ORDER])
    site.house.do(submit, by=story.people["mediator"], channel=story.record, stored=stored)
    number = site.house.ask(lambda session: session.query(StoredFile.id).scalar())
    context = await browser.new_context(locale="en")
    await context.add_init_script(READER)
    page = await context.new_page()
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)

    await _drop_finds_the_document(site, page, asked)
    await _a_statement_is_known_by_its_signature(site, page)
    await _a_number_compares_in_the_browser_alone(site, page, asked, number)
    await _a_square_leads_on(site, page, number)
    await context.close()


async def _drop_finds_the_document(site: Site, page: Page, asked: list[Request]) -> None:
    await page.goto(f"{site.origin}/genuine")
    await page.locator("[data-part=chosen]").set_input_files(a_file(ORDER))
    await expect(page.get_by_role("heading", name="This document was issued here")).to_be_visible()

    (sent,) = [request for request in asked if request.method == "POST"]
    assert hashlib.sha256(ORDER).hexdigest() in (sent.post_data or "")
    assert "PDF" not in (sent.post_data or "")


async def _a_statement_is_known_by_its_signature(site: Site, page: Page) -> None:
    """Also when somebody has written it anew with other gaps; and not when a word in it was changed."""
    line = {
        "at": "2026-11-28T09:00:00.000000Z",
        "note": "线路“断”了 <\u007f>",
        "loss_up": 12,
        "whole": True,
        "code": None,
    }
    told = Statement("h", "p", (), (), (line,)).signed(site.house.store.keys)
    for data, heading in (
        (json.dumps(told, indent=2, ensure_ascii=False), "This connection statement was made here"),
        (json.dumps(told).replace("none", "own_act"), "We have issued no such file"),
    ):
        await page.goto(f"{site.origin}/genuine")
        await page.locator("[data-part=chosen]").set_input_files(a_file(data.encode()))
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()


async def _a_number_compares_in_the_browser_alone(
    site: Site, page: Page, asked: list[Request], number: str
) -> None:
    await page.goto(f"{site.origin}/genuine/{number}")
    chosen = page.locator("[data-part=chosen]")
    asked.clear()

    await chosen.set_input_files(a_file(ORDER))
    await expect(page.get_by_text("Yes: your file is exactly this document.")).to_be_visible()
    await chosen.set_input_files(a_file(ORDER + b"!"))
    await expect(page.get_by_text("No: your file is another one")).to_be_visible()
    assert [request.url for request in asked if "/static/" not in request.url] == []


async def _a_square_leads_on(site: Site, page: Page, number: str) -> None:
    await page.goto(f"{site.origin}/genuine")
    await page.get_by_role("button", name="Scan the square").click()
    await expect(page.locator("[data-part=picture]")).to_be_visible()
    await page.evaluate("globalThis.shown = 'https://elsewhere.example.org/genuine/x'")
    await expect(page.get_by_text("This square does not lead to us")).to_be_visible()
    await expect(page.locator("[data-part=picture]")).to_be_hidden()

    await page.evaluate("address => { globalThis.shown = address }", f"{site.origin}/genuine/{number}")
    await page.get_by_role("button", name="Scan the square").click()
    await page.wait_for_url(f"**/genuine/{number}")
    await expect(page.get_by_role("heading", name="This document was issued here")).to_be_visible()
