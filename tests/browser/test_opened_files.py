"""What strangers send, opened in a real browser: nothing of it runs, nothing calls home (trust 7)."""

import pytest
from playwright.async_api import Browser, Page

from tests.conftest import House
from tests.mediation.documents import samples
from tests.web.sending import depot_of

pytestmark = pytest.mark.browser

CALL = b"<script>window.ran = 1; new Image().src = '/canary'</script><img src=x onerror='window.ran = 1'>"
ACTIVE = {
    "comment.jpg": samples.a_picture("JPEG", comment=CALL),
    "words.txt": b"words, then " + CALL,
    "table.csv": b"a,b\n" + CALL,
    "script.pdf": samples.a_pdf(
        b"2 0 obj << /S /JavaScript /JS (app.launchURL('/canary')) >> endobj\n" + CALL
    ),
    "tagged.mp3": b"ID3\x04\x00\x00\x00\x00\x01\x00" + CALL.ljust(128, b" ") + samples.an_mp3()[20:],
    "film.mp4": samples.an_mp4() + samples.a_box(b"free", CALL),
    "sound.wav": samples.a_wav() + CALL,
    "voice.webm": samples.a_webm() + CALL,
    "letter.docx": samples.an_office_file(word__extra__html=CALL),
}


async def test_nothing_that_was_sent_runs_when_it_is_opened(house: House, browser: Browser) -> None:
    async with depot_of(house) as depot:
        context = await browser.new_context(
            extra_http_headers={"Authorization": f"Bearer {depot.tokens['mediator']}"}, accept_downloads=False
        )
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        opened: dict[str, Page] = {}
        for name, data in ACTIVE.items():
            sent = await depot.send("respondent", depot.story.talks, data, filename=name, client_id=name)
            page = opened[name] = await context.new_page()
            address = str(depot.client.make_url(f"/files/{sent['document']['id']}"))

            answer = await context.request.get(address)
            await page.goto("about:blank")
            await page.evaluate("address => { location.href = address }", address)
            assert answer.ok, name
        await page.wait_for_timeout(300)

        for name, page in opened.items():
            assert await page.evaluate("window.ran") is None, name
        assert not [url for url in asked if "canary" in url]
        assert len([url for url in asked if "/files/" in url]) >= len(ACTIVE)
        await context.close()
