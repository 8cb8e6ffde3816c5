"""Files in real browsers: they arrive as they were sent, go on where they stopped, and say what is amiss."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, Route

from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room, is_in
from tests.browser.visitor import until

pytestmark = pytest.mark.browser

FETCHED = """async (address) => {
  const bytes = await (await fetch(address)).arrayBuffer()
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}"""


def _loan() -> bytes:
    """A scan of two megabytes: noise is what no compression makes small."""
    made = BytesIO()
    Image.effect_noise((1800, 1500), 90).convert("RGB").save(made, "PDF", quality=95)
    return made.getvalue()


LOAN = _loan()


def file(name: str, body: bytes, kind: str) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": body}


async def attach(page: Page, sent: FilePayload) -> None:
    await page.locator("[data-part=picker]").set_input_files(sent)


async def test_a_file_arrives_as_it_was_sent(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent", device="phone")
        chen = await room.comes("claimant")

        await attach(bo.page, file("loan.pdf", LOAN, "application/pdf"))

        link = chen.page.locator(".bubble a.file")
        await link.wait_for()
        assert await chen.page.evaluate(FETCHED, await link.get_attribute("href")) == sha256(LOAN).hexdigest()
        await bo.page.locator(".bubble--own a.file").wait_for()
        assert await bo.page.locator(".parcel").count() == 0


async def test_an_upload_goes_on_where_it_stopped_after_the_page_was_closed(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent", device="phone")
        chen = await room.comes("claimant")
        offsets: list[str] = []

        async def let_some_through(route: Route) -> None:
            offsets.append(route.request.headers.get("upload-offset", ""))
            await (route.continue_() if len(offsets) < 3 else route.abort())

        await bo.page.route("**/uploads/*", lambda route: _patches(route, let_some_through))
        await attach(bo.page, file("loan.pdf", LOAN, "application/pdf"))
        await bo.page.locator(".parcel[data-state=paused]").wait_for()
        await bo.page.unroute("**/uploads/*")
        went_on: list[str] = []
        bo.page.on("request", lambda asked: _note(went_on, asked.method, asked.headers.get("upload-offset")))
        await bo.page.reload()
        await is_in(bo.page)

        link = chen.page.locator(".bubble a.file")
        await link.wait_for(timeout=30_000)
        assert int(went_on[0]) > 0
        assert await chen.page.evaluate(FETCHED, await link.get_attribute("href")) == sha256(LOAN).hexdigest()
        assert await chen.page.locator(".bubble a.file").count() == 1


async def test_a_document_is_seen_by_everybody_or_by_the_mediator_alone(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")
        chen = await room.comes("claimant")

        for n, title in enumerate(("Loan contract", "My bank statement")):
            await bo.page.locator("[popovertarget=plus]").click()
            await bo.page.locator("[data-part=document]").click()
            sheet = bo.page.locator("[data-part=document-sheet]")
            await sheet.locator("[data-part=file]").set_input_files(file(f"{n}.pdf", LOAN, "application/pdf"))
            await sheet.locator("[data-part=title]").fill(title)
            await sheet.locator("input[type=radio]").nth(n).check()
            await sheet.locator("button.button").first.click()
            await until(
                bo.page, f"document.querySelectorAll('[data-kind=document_submitted]').length === {n + 1}"
            )

        shown = chen.page.locator("[data-kind=document_submitted]")
        await shown.first.wait_for()
        assert "Loan contract" in await shown.first.inner_text()
        assert sha256(LOAN).hexdigest() in (await shown.first.locator("code").text_content() or "")
        assert "My bank statement" not in await chen.page.content()


async def test_an_empty_file_and_one_that_lies_are_refused_in_a_sentence(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")

        await attach(bo.page, file("empty.pdf", b"", "application/pdf"))
        await bo.page.locator(".toast", has_text="“empty.pdf” is empty").wait_for()

        await attach(bo.page, file("photo.jpg", b"MZ\x90\x00" + b"\0" * 500, "image/jpeg"))
        await bo.page.locator(".parcel[data-state=wrong]").wait_for()
        await bo.page.locator(".parcel .button--bare").click()
        assert await bo.page.locator(".parcel").count() == 0


async def _patches(route: Route, then: object) -> None:
    if route.request.method == "PATCH":
        await then(route)  # type: ignore[operator]
    else:
        await route.continue_()


def _note(offsets: list[str], method: str, offset: str | None) -> None:
    if method == "PATCH" and offset is not None:
        offsets.append(offset)
