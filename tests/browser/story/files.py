"""The papers of the story: made here, sent by one browser, and weighed in another."""

from __future__ import annotations

import hashlib
import io
import random

from PIL import Image
from playwright.async_api import FilePayload, Locator, Page

FETCH = """async (link) => {
  const bytes = await (await fetch(link.href)).arrayBuffer()
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}"""


def a_photo(name: str, width: int = 320, height: int = 240) -> FilePayload:
    """A picture with nothing on it that could be made smaller: about three bytes a point."""
    points = random.Random(name).randbytes(width * height * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), points).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def a_text(name: str) -> FilePayload:
    lines = "".join(f"2024-{month:02}-01  归还 0 元\n" for month in range(1, 13))
    return {"name": name, "mimeType": "text/plain", "buffer": f"{name}\n{lines}".encode()}


def sha256(file: FilePayload) -> str:
    return hashlib.sha256(file["buffer"]).hexdigest()


async def fetched(page: Page, link: Locator) -> str:
    """The SHA-256 of what this browser gets when it follows the link."""
    handle = await link.first.element_handle()
    found: str = await page.evaluate(FETCH, handle)
    return found
